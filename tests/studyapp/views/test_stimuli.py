import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from studyapp.models import SetMember, Stimulus, StimulusSet, User
from studyapp.services.stimulus_import import import_stimuli
from studyapp.vocab import Label
from tests.factories import make_stimulus
from tests.studyapp.clip_files import write_clip, write_folders

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media_root(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def ada(client: Client) -> User:
    user = User.objects.create_user("ada")
    client.force_login(user)
    return user


@pytest.fixture
def mine(ada: User, tmp_path: Path) -> StimulusSet:
    root = write_folders(tmp_path / "sounds", n=6)
    write_clip(root / "loose_fake.wav", 99)
    return import_stimuli(
        path=root, set_slug="mine", owner=ada, title="My sounds", caution="Too few to conclude."
    ).stimulus_set


def sound_of(stimulus_set: StimulusSet, stimulus: Stimulus) -> str:
    return reverse("stimulus_sound", args=[stimulus_set.slug, stimulus.pk])


def test_the_list_shows_counts(client: Client, mine: StimulusSet) -> None:
    page = client.get(reverse("stimulus_sets")).content.decode()
    assert "My sounds" in page
    assert '<td class="number">6</td><td class="number">6</td><td class="number">12</td>' in page


def test_the_list_is_sorted_searched_and_paged(client: Client, mine: StimulusSet, ada: User) -> None:
    for number in range(55):
        StimulusSet.objects.create(slug=f"s{number:02}", title="Street" if number % 2 else "", owner=ada)

    def shown(query: str) -> list[str]:
        return [each.slug for each in client.get(f"{reverse('stimulus_sets')}?{query}").context["listing"].page]

    assert len(shown("")) == 50 and shown("page=2")[-1] == "mine"
    assert shown("sort=-all")[0] == "mine" and shown("sort=made")[0] == "mine"
    assert shown("q=street+s1") == ["s19", "s17", "s15", "s13", "s11"]
    assert shown("q=MY+sounds") == ["mine"] and shown("sort=owner__password")[0] == "s54"
    none = client.get(f"{reverse('stimulus_sets')}?q=nothing").content.decode()
    assert "No set is like that" in none and "import_stimuli FOLDER" not in none


def test_an_empty_list_says_what_to_do(client: Client, ada: User) -> None:
    assert "import_stimuli FOLDER --set NAME" in client.get(reverse("stimulus_sets")).content.decode()


def test_an_empty_set_says_what_to_do(client: Client, ada: User) -> None:
    StimulusSet.objects.create(slug="bare", owner=ada)
    page = client.get(reverse("stimulus_set", args=["bare"])).content.decode()
    assert "import_stimuli FOLDER --set bare" in page


def test_a_set_shows_its_caution_audit_stimuli_and_rejected_files(client: Client, mine: StimulusSet) -> None:
    page = client.get(reverse("stimulus_set", args=["mine"])).content.decode()
    assert "Too few to conclude." in page
    assert "fake/<wbr>vocoder/<wbr>rain/<wbr>003.wav" in page
    assert "loose_fake.wav" in page
    assert "not in layout" in page
    assert "None of the facts below" in page


def test_a_file_refused_at_every_import_is_counted_once(client: Client, mine: StimulusSet, tmp_path: Path) -> None:
    import_stimuli(path=tmp_path / "sounds", set_slug="mine", owner=mine.owner)
    page = client.get(reverse("stimulus_set", args=["mine"]))
    assert page.context["reasons"] == [("not in layout", 1)]
    assert [each.name for each in page.context["rejected"]] == ["loose_fake.wav"]


def test_a_selection_shows_score_kind_and_rank_of_each_clip(client: Client, mine: StimulusSet) -> None:
    why = {"fake_score": 0.9134, "bucket": "incorrect_positive", "rank": 3}
    chosen = StimulusSet.objects.create(slug="errors", owner=mine.owner, provenance={"kind": "selection"})
    SetMember.objects.create(stimulus_set=chosen, stimulus=mine.own_stimuli.first(), detail=why)
    page = client.get(reverse("stimulus_set", args=["errors"])).content.decode()
    assert "Rank 1 is the first of its kind" in page and "Control of" not in page
    assert (
        '<td class="number">0.913</td><td class="text-nowrap">incorrect positive</td><td class="number">3</td>' in page
    )
    assert "Rank 1" not in client.get(reverse("stimulus_set", args=["mine"])).content.decode()


def test_a_control_is_shown_with_its_error_and_the_difference_of_level(client: Client, mine: StimulusSet) -> None:
    provenance = {"kind": "selection", "rule": {"n_controls": 1}}
    chosen = StimulusSet.objects.create(slug="errors", owner=mine.owner, provenance=provenance)
    error, control = mine.own_stimuli.filter(label=Label.REAL.value)[:2]
    SetMember.objects.create(
        stimulus_set=chosen,
        stimulus=error,
        detail={"fake_score": 0.9, "bucket": "incorrect_positive", "rank": 1},
    )
    why = {"fake_score": 0.2, "bucket": "control", "rank": 1, "control_of": error.pk, "level_difference_db": -1.26}
    SetMember.objects.create(stimulus_set=chosen, stimulus=control, detail=why)
    page = client.get(reverse("stimulus_set", args=["errors"])).content.decode()
    shown = error.name.replace("/", "/<wbr>")
    assert (
        f'control</td><td class="number">1</td><td class="clip-name">{shown}</td><td class="number">-1.3</td>' in page
    )


def test_a_stand_in_says_so(client: Client, mine: StimulusSet) -> None:
    StimulusSet.objects.update(is_stand_in=True)
    assert "synthetic stand-ins" in client.get(reverse("stimulus_set", args=["mine"])).content.decode()


def test_a_telling_level_is_warned_of_in_words(client: Client, ada: User, tmp_path: Path) -> None:
    for index in range(6):
        write_clip(tmp_path / "loud" / "real" / "rain" / f"{index}.wav", index, gain=0.01)
        write_clip(tmp_path / "loud" / "fake" / "gen" / "rain" / f"{index}.wav", 50 + index, gain=0.5, rate=22_050)
    import_stimuli(path=tmp_path / "loud", set_slug="loud", owner=ada)
    page = client.get(reverse("stimulus_set", args=["loud"])).content.decode()
    assert "Fake clips are louder: in 100% of pairs" in page
    assert "The sampling rate differs: 16000 in 6 of 6 real and 0 of 6 fake" in page


def test_filters_by_label_and_category(client: Client, mine: StimulusSet) -> None:
    address = reverse("stimulus_set", args=["mine"])
    page = client.get(address, {"label": "fake", "category": "rain"}).content.decode()
    assert "6 clips of this kind" in page
    assert "real/rain/000.wav" not in page
    assert "No clip is of this kind" in client.get(address, {"category": "<script>"}).content.decode()
    assert client.get(address, {"page": "nonsense"}).status_code == 200


def make_many(owner: User, *, n: int) -> StimulusSet:
    """Return a set of n clips that are rows only; every fifth is real."""
    made = StimulusSet.objects.create(slug=f"rows-{n}", owner=owner)
    rng = np.random.default_rng(5)
    template = make_stimulus(made, label=Label.FAKE)
    levels, bandwidths = rng.normal(-25, 6, n), rng.uniform(1000, 11000, n)
    clips = []
    for place in range(1, n):
        clip = copy.copy(template)
        clip.pk, clip.sha256, clip.name = None, f"{place:064x}", f"{place}.wav"
        clip.label = (Label.FAKE if place % 5 else Label.REAL).value
        clip.category = f"category {place % 7}"
        clip.level_dbfs, clip.bandwidth_hz, clip.duration_s = levels[place], bandwidths[place], 4.0 - (place % 5) / 10
        clips.append(clip)
    Stimulus.objects.bulk_create(clips)
    SetMember.objects.bulk_create(
        SetMember(stimulus_set=made, stimulus=clip, position=place) for place, clip in enumerate(clips)
    )
    return made


def test_each_plot_of_the_audit_has_its_numbers_and_its_counts_add_up(client: Client, ada: User) -> None:
    made = make_many(ada, n=300)
    answer = client.get(reverse("stimulus_set", args=[made.slug]))
    text = answer.content.decode()
    assert [fact.key for fact, _ in answer.context["facts"]] == ["level_dbfs", "bandwidth_hz", "duration_s"]
    for fact, plots in answer.context["facts"]:
        assert f'data-chart="histogram-{fact.key}"' in text and f'data-chart="categories-{fact.key}"' in text
        assert (sum(each.n_real for each in fact.bins), sum(each.n_fake for each in fact.bins)) == (59, 241)
        assert sum(each.share_real for each in fact.bins) == pytest.approx(1.0)
        (drawn,) = plots["labels"]["datasets"].values()
        assert sum(row["n"] for row in drawn) == 300
        assert all(row["from"] < row["to"] for row in drawn)
    assert text.count("<details") == 7  # a table under each of six plots, and the filters


def test_a_fact_that_all_clips_share_is_said_and_not_plotted(client: Client, ada: User) -> None:
    made = StimulusSet.objects.create(slug="alike", owner=ada)
    for label in (Label.REAL, Label.FAKE):
        make_stimulus(made, label=label)
    text = client.get(reverse("stimulus_set", args=["alike"])).content.decode()
    assert (
        "All clips have the same duration: 1.00 s." in text and "All clips have the same bandwidth: 8.00 kHz." in text
    )
    assert "data-chart=" not in text


def test_a_set_of_one_label_has_dashes_for_the_other(client: Client, ada: User) -> None:
    made = StimulusSet.objects.create(slug="fakes", owner=ada)
    for level in (-20.0, -30.0):
        Stimulus.objects.filter(pk=make_stimulus(made, label=Label.FAKE).pk).update(level_dbfs=level)
    answer = client.get(reverse("stimulus_set", args=["fakes"]))
    (level, _), *_ = answer.context["facts"]
    assert {each.share_real for each in level.bins} == {None}
    assert '<td class="number">0</td><td class="number">–</td><td class="number">1</td>' in answer.content.decode()


@pytest.mark.once
def test_five_thousand_clips_take_as_many_queries_and_embed_no_more_than_eighty(
    client: Client, ada: User, django_assert_num_queries: Any
) -> None:
    sizes = []
    for n in (80, 5000):
        made = make_many(ada, n=n)
        with django_assert_num_queries(17):
            text = client.get(reverse("stimulus_set", args=[made.slug])).content.decode()
        assert text.count("data-clip-src=") == 50
        sizes.append(len(text))
    assert sizes[1] < 1.5 * sizes[0]


def test_shows_fifty_a_page_with_as_many_queries_as_for_two(
    client: Client, ada: User, mine: StimulusSet, tmp_path: Path, django_assert_num_queries: Any
) -> None:
    many = import_stimuli(path=write_folders(tmp_path / "many", n=60), set_slug="many", owner=ada).stimulus_set
    for each, shown in ((mine, 12), (many, 50)):
        with django_assert_num_queries(17):
            page = client.get(reverse("stimulus_set", args=[each.slug])).content.decode()
        assert page.count("data-clip-src=") == shown
    assert "page 1 of 3" in page
    assert "page 3 of 3" in client.get(reverse("stimulus_set", args=["many"]), {"page": 3}).content.decode()


def test_the_links_to_other_pages_keep_the_filter(client: Client, ada: User) -> None:
    made = StimulusSet.objects.create(slug="long", owner=ada)
    for _ in range(60):
        make_stimulus(made, label=Label.FAKE, category="rain")
    page = reverse("stimulus_set", args=[made.slug])
    first = client.get(page, {"label": "fake", "category": "rain"})
    assert "?label=fake&amp;category=rain&amp;page=2#clips-heading" in first.text
    assert 'rel="prev"' not in first.text
    last = client.get(page, {"label": "fake", "category": "rain", "page": "2"})
    assert "?label=fake&amp;category=rain&amp;page=1#clips-heading" in last.text
    assert 'rel="next"' not in last.text


def test_serves_a_sound_without_a_telling_header(client: Client, mine: StimulusSet) -> None:
    stimulus = Stimulus.objects.get(name="fake/vocoder/rain/000.wav")
    response = client.get(sound_of(mine, stimulus))
    assert (response.status_code, response["Content-Type"]) == (200, "audio/wav")
    assert response.content[:4] == b"RIFF"
    assert len(response.content) == 44 + 2 * stimulus.n_samples
    headers = str(response.headers).lower()
    assert not any(word in headers for word in ("fake", "real", "vocoder", "disposition", "modified", "etag"))
    part = client.get(sound_of(mine, stimulus), headers={"Range": "bytes=0-1"})
    assert (part.status_code, part.content) == (206, b"RI")
    assert client.head(sound_of(mine, stimulus)).status_code == 200


def test_what_is_served_was_written_anew(client: Client, mine: StimulusSet, tmp_path: Path, ada: User) -> None:
    """A file that is a sound and a page at once is never handed out as it came."""
    path = write_clip(tmp_path / "odd" / "real" / "rain" / "a.wav", 7)
    path.write_bytes(path.read_bytes() + b"<html><script>alert(1)</script>")
    odd = import_stimuli(path=tmp_path / "odd", set_slug="odd", owner=ada).stimulus_set
    assert b"<script>" not in client.get(sound_of(odd, odd.own_stimuli.get())).content


def test_a_sound_whose_file_is_gone_is_404(client: Client, mine: StimulusSet, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "elsewhere"
    assert client.get(sound_of(mine, Stimulus.objects.first())).status_code == 404


def test_nobody_sees_anything_without_signing_in(client: Client, mine: StimulusSet) -> None:
    client.logout()
    for address in (
        reverse("stimulus_sets"),
        reverse("stimulus_set", args=["mine"]),
        sound_of(mine, Stimulus.objects.first()),
    ):
        response = client.get(address)
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("login"))


def test_a_set_of_somebody_else_does_not_exist(client: Client, mine: StimulusSet) -> None:
    client.force_login(User.objects.create_user("bob"))
    assert "My sounds" not in client.get(reverse("stimulus_sets")).content.decode()
    assert client.get(reverse("stimulus_set", args=["mine"])).status_code == 404
    assert client.get(sound_of(mine, Stimulus.objects.first())).status_code == 404


def test_staff_and_everybody_see_what_they_may(client: Client, mine: StimulusSet) -> None:
    client.force_login(User.objects.create_user("eve", is_staff=True))
    assert client.get(reverse("stimulus_set", args=["mine"])).status_code == 200
    StimulusSet.objects.update(owner=None)
    client.force_login(User.objects.create_user("bob"))
    assert client.get(reverse("stimulus_set", args=["mine"])).status_code == 200


def test_a_stimulus_of_another_set_is_not_served(client: Client, mine: StimulusSet, ada: User) -> None:
    other = StimulusSet.objects.create(slug="other", owner=ada)
    assert client.get(sound_of(other, Stimulus.objects.first())).status_code == 404


def test_posting_is_refused(client: Client, mine: StimulusSet) -> None:
    assert client.post(reverse("stimulus_set", args=["mine"])).status_code == 405
