import io
import json
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from studyapp.models import AuditEntry, ClipNote, ListeningPass, Stimulus, StimulusSet, User
from studyapp.services.stimulus_import import import_stimuli
from studyapp.vocab import Label
from tests.factories import make_stimulus
from tests.studyapp.clip_files import write_clip, write_folders

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(client: Client) -> User:
    user = User.objects.create_user("ada")
    client.force_login(user)
    return user


@pytest.fixture
def mine(ada: User) -> StimulusSet:
    made = StimulusSet.objects.create(slug="mine", owner=ada)
    for label in (Label.REAL, Label.FAKE) * 4:
        make_stimulus(made, label=label)
    return made


def begin(client: Client, query: str = "", **data: Any) -> Any:
    return client.post(reverse("listening", args=["mine"]) + query, {"order": "shuffled", **data})


def blind(client: Client) -> ListeningPass:
    begin(client, is_blind="on", seed=7)
    return ListeningPass.objects.latest("pk")


def to(name: str, listening: ListeningPass, *more: Any) -> str:
    return reverse(name, args=["mine", listening.pk, *more])


def say(client: Client, listening: ListeningPass, place: int, **changes: Any) -> Any:
    return client.post(to("listening_clip", listening, place), changes, content_type="application/json")


def test_a_seed_gives_an_order_again_and_the_filter_is_kept(client: Client, mine: StimulusSet) -> None:
    orders = []
    for seed in (7, 7, 8):
        assert begin(client, is_blind="on", seed=seed)["Location"] == to(
            "listening_pass", ListeningPass.objects.latest("pk")
        )
        orders.append(ListeningPass.objects.latest("pk").clips)
    assert orders[0] == orders[1] != orders[2]
    assert sorted(orders[0]) == sorted(mine.own_stimuli.values_list("pk", flat=True))
    begin(client, "?label=real", order="set")
    last = ListeningPass.objects.latest("pk")
    assert last.clips == list(mine.own_stimuli.filter(label="real").order_by("pk").values_list("pk", flat=True))
    assert last.chosen == {"label": "real"}
    assert "label real" in client.get(reverse("listening", args=["mine"])).text
    assert AuditEntry.objects.filter(action="start_listening").count() == 4


@pytest.mark.parametrize(
    ("query", "data", "words"),
    [
        ("?label=real", {"is_blind": "on"}, "tells what the clips are"),
        ("?generator=TASys01", {"is_blind": "on"}, "tells what the clips are"),
        ("?q=real", {"is_blind": "on"}, "tells what the clips are"),
        ("", {"is_blind": "on", "order": "set"}, "may tell real from fake"),
        ("?category=none", {}, "No clip is of this kind"),
        ("", {"seed": "x"}, "Enter a whole number."),
        ("", {"seed": "-1"}, "greater than or equal to 0"),
        ("", {"seed": "9" * 30}, "less than or equal to"),
        ("", {"order": "sideways"}, "not one of the available choices"),
    ],
)
def test_no_pass_begins_from_bad_input(
    client: Client, mine: StimulusSet, query: str, data: dict[str, str], words: str
) -> None:
    answer = begin(client, query, **data)
    assert answer.status_code == 422
    if query != "?category=none":
        assert words in answer.text
    assert not ListeningPass.objects.exists()


def test_what_is_said_is_stored_at_once_and_one_goes_on_where_one_was(
    client: Client, mine: StimulusSet, ada: User
) -> None:
    listening = blind(client)
    assert say(client, listening, 2).json()["tags"] == []
    say(client, listening, 2, tags=["echo", " my  own "], text="a thud")
    state = say(client, listening, 2, guess="fake", in_doubt=True).json()
    assert (state["tags"], state["text"], state["guess"]) == (["echo", "my own"], "a thud", "fake")
    note = ClipNote.objects.get()
    assert (note.author, note.stimulus_id, note.guess) == (ada, listening.clips[2], "fake")
    assert note.stimulus.label_in_doubt and state["in_doubt"]
    assert AuditEntry.objects.get(action="doubt_label").object_id == str(note.stimulus_id)
    page = client.get(to("listening_pass", listening)).text
    assert "Clip 3 of 8" in page and 'data-tag="my own"' in page and 'data-place="2"' in page
    assert "3 of 8" in client.get(reverse("listening", args=["mine"])).text
    say(client, listening, 2, guess="", tags=[])
    note.refresh_from_db()
    assert (note.guess, note.tags, note.text) == ("", [], "a thud")


def test_each_experimenter_has_notes_of_their_own(client: Client, mine: StimulusSet) -> None:
    say(client, blind(client), 0, tags=["echo"])
    client.force_login(User.objects.create_user("eve", is_staff=True))
    listening = blind(client)
    assert say(client, listening, 0).json()["tags"] == []
    say(client, listening, 0, tags=["hum"])
    assert sorted(ClipNote.objects.values_list("tags", flat=True)) == [["echo"], ["hum"]]


@pytest.mark.parametrize(
    "body",
    [
        {"tags": ["x" * 61]},
        {"tags": [""]},
        {"tags": [1]},
        {"tags": "echo"},
        {"tags": [str(number) for number in range(21)]},
        {"text": "x" * 5001},
        {"text": "a\x00"},
        {"guess": "maybe"},
        {"in_doubt": "yes"},
        {"label": "real"},
        [],
        "nonsense",
    ],
)
def test_bad_notes_are_refused_and_nothing_is_stored(client: Client, mine: StimulusSet, body: Any) -> None:
    listening = blind(client)
    content = body if body == "nonsense" else json.dumps(body)
    answer = client.post(to("listening_clip", listening, 1), content, content_type="application/json")
    assert answer.status_code == 422 and answer.json()["error"]
    assert not ClipNote.objects.exists()
    listening.refresh_from_db()
    assert listening.place == 0


def test_a_pass_that_shows_labels_takes_no_guess(client: Client, mine: StimulusSet) -> None:
    begin(client)
    listening = ListeningPass.objects.get()
    state = say(client, listening, 0).json()
    stimulus = Stimulus.objects.get(pk=listening.clips[0])
    assert (state["name"], state["label"]) == (stimulus.name, stimulus.label)
    assert say(client, listening, 0, guess="real").status_code == 422
    assert "data-guess" not in client.get(to("listening_pass", listening)).text


def test_the_result_counts_guesses_by_label_and_is_final(client: Client, mine: StimulusSet) -> None:
    listening = blind(client)
    labels = dict(Stimulus.objects.values_list("pk", "label"))
    for place, key in enumerate(listening.clips[:5]):
        say(client, listening, place, guess="fake" if place else {"real": "fake", "fake": "real"}[labels[key]])
    say(client, listening, 4, guess="")
    early = client.get(to("listening_result", listening), follow=True)
    assert early.redirect_chain[0][0] == to("listening_pass", listening)
    client.post(to("listening_end", listening))
    client.post(to("listening_end", listening))
    assert AuditEntry.objects.filter(action="end_listening").count() == 1
    guesses = client.get(to("listening_result", listening)).context["guesses"]
    assert sum(each.n for each in guesses) == 4
    wrong = [stimulus.pk for each in guesses for stimulus in each.wrong]
    assert set(wrong) == {listening.clips[0], *(key for key in listening.clips[1:4] if labels[key] == "real")}
    assert say(client, listening, 0, guess="real").status_code == 422
    assert say(client, listening, 0).json()["label"] == labels[listening.clips[0]]


@pytest.fixture
def heard(ada: User, settings: Any, tmp_path: Path) -> StimulusSet:
    settings.MEDIA_ROOT = tmp_path / "media"
    return import_stimuli(path=write_folders(tmp_path / "s", n=2), set_slug="mine", owner=ada).stimulus_set


def test_no_byte_of_a_blind_pass_tells_what_a_clip_is(client: Client, heard: StimulusSet) -> None:
    Stimulus.objects.filter(label="fake").update(label_in_doubt=False, team="a telling team")
    listening = blind(client)
    place = next(place for place, key in enumerate(listening.clips) if Stimulus.objects.get(pk=key).label == Label.FAKE)
    stimulus = Stimulus.objects.get(pk=listening.clips[place])
    telling = [stimulus.name, stimulus.sha256, "vocoder", "a telling team", f"/{stimulus.pk}/"]
    answers = [
        client.get(to("listening_pass", listening)),
        say(client, listening, place, tags=["echo"]),
        client.get(to("listening_sound", listening, place)),
        client.get(to("listening_picture", listening, place, "linear")),
    ]
    for answer in answers:
        assert answer.status_code == 200
        whole = (str(answer.headers) + answer.content.decode("latin-1")).lower()
        assert not [word for word in telling if word.lower() in whole]
    state = answers[1].json()
    assert not {"label", "name", "generator", "team"} & set(state)
    assert "fake" not in answers[1].text and "real" not in answers[1].text
    assert answers[2].content[:4] == b"RIFF" and answers[3].content[:4] == b"\x89PNG"
    assert answers[3]["Cache-Control"].startswith("private, ")


def test_a_blind_pass_has_one_scale_and_one_format_for_all_rates_and_lengths(
    client: Client, ada: User, settings: Any, tmp_path: Path
) -> None:
    """A tone that both hold, at 8 kHz and 0.93 s, at 16 kHz and 0.9 s: sizes, headers and axes are the same."""
    settings.MEDIA_ROOT = tmp_path / "media"
    for label, rate, seconds in (("real", 16_000, 0.9), ("fake", 8000, 0.93)):
        write_clip(tmp_path / "s" / label / "x" / "rain" / f"{label}.wav", rate, seconds=seconds, rate=rate)
    import_stimuli(path=tmp_path / "s", set_slug="mine", owner=ada, layout="folders")
    listening = blind(client)
    states = [say(client, listening, place).json() for place in (0, 1)]
    assert [(each["duration_s"], each["top_hz"]) for each in states] == [(0.9, 3600.0)] * 2
    heads, places = set(), []
    for place in (0, 1):
        with wave.open(io.BytesIO(client.get(to("listening_sound", listening, place)).content)) as sound:
            heads.add((sound.getframerate(), sound.getnchannels(), sound.getsampwidth()))
        picture = Image.open(io.BytesIO(client.get(to("listening_picture", listening, place, "linear")).content))
        places.append(np.asarray(picture)[80:])  # below the waveform
    assert heads == {(16_000, 1, 2)} and places[0].shape == places[1].shape
    # Noise fills every picture to its top: nothing ends below it.
    assert all(each[:20].mean() > 60 for each in places)
    client.post(to("listening_end", listening))
    assert say(client, listening, 0).json()["top_hz"] == 3600.0  # the browser keeps the pictures
    begin(client, order="set")
    shown = ListeningPass.objects.latest("pk")
    assert {say(client, shown, place).json()["top_hz"] for place in (0, 1)} == {4000.0, 8000.0}


@pytest.mark.parametrize("place", [8, 10**30])
def test_there_is_nothing_past_the_end(client: Client, mine: StimulusSet, place: int) -> None:
    listening = blind(client)
    assert say(client, listening, place).status_code == 404
    assert client.get(to("listening_sound", listening, place)).status_code == 404
    assert client.get(to("listening_picture", listening, place, "linear")).status_code == 404


def test_a_sound_that_is_gone_and_an_unknown_picture_are_404_without_a_name(
    client: Client, heard: StimulusSet, tmp_path: Path
) -> None:
    listening = blind(client)
    assert client.get(to("listening_picture", listening, 0, "cubist")).status_code == 404
    for original in (tmp_path / "media").rglob("*.wav"):
        original.unlink()
    for name, more in (("listening_sound", [0]), ("listening_picture", [0, "log"])):
        answer = client.get(to(name, listening, *more))
        assert answer.status_code == 404
        assert Stimulus.objects.get(pk=listening.clips[0]).sha256 not in answer.text


def test_a_clip_that_left_the_set_is_not_heard_any_more(client: Client, mine: StimulusSet) -> None:
    listening = blind(client)
    mine.members.filter(stimulus=listening.clips[0]).delete()
    assert say(client, listening, 0).status_code == 404


def test_only_who_may_change_a_clip_doubts_its_label(client: Client, mine: StimulusSet) -> None:
    StimulusSet.objects.update(owner=None)
    listening = blind(client)
    assert say(client, listening, 0).json()["may_doubt"] is False
    assert say(client, listening, 0, in_doubt=True, tags=["echo"]).status_code == 422
    assert not Stimulus.objects.filter(label_in_doubt=True).exists() and not ClipNote.objects.exists()
    assert say(client, listening, 0, tags=["echo"]).status_code == 200


def test_a_pass_of_somebody_else_does_not_exist(client: Client, mine: StimulusSet) -> None:
    listening = blind(client)
    gets = [to("listening_pass", listening), to("listening_result", listening), to("listening_sound", listening, 0)]
    posts = [to("listening_end", listening), to("listening_clip", listening, 0)]
    for user in (User.objects.create_user("eve", is_staff=True), User.objects.create_user("bob")):
        client.force_login(user)
        assert [client.get(each).status_code for each in gets] == [404] * 3
        assert [client.post(each).status_code for each in posts] == [404] * 2
    assert client.get(reverse("listening", args=["mine"])).status_code == 404
    assert begin(client).status_code == 404
    client.logout()
    for each in [*gets, reverse("listening", args=["mine"])]:
        assert client.get(each)["Location"].startswith(reverse("login"))
    assert all(client.post(each)["Location"].startswith(reverse("login")) for each in posts)


def test_methods_that_do_not_fit_are_refused(client: Client, mine: StimulusSet) -> None:
    listening = blind(client)
    assert client.get(to("listening_clip", listening, 0)).status_code == 405
    assert client.get(to("listening_end", listening)).status_code == 405
    assert client.post(to("listening_result", listening)).status_code == 405


def test_a_clip_takes_as_many_queries_in_a_long_pass(
    client: Client, mine: StimulusSet, django_assert_max_num_queries: Any
) -> None:
    for _ in range(60):
        make_stimulus(mine, label=Label.FAKE)
    listening = blind(client)
    with django_assert_max_num_queries(24):  # savepoints and the session included
        assert say(client, listening, 60, tags=["echo"]).status_code == 200
    with django_assert_max_num_queries(8):
        client.get(to("listening_pass", listening))
