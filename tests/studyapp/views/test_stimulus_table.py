from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from studyapp.models import ClipNote, Stimulus, StimulusSet, User
from studyapp.services.stimulus_import import import_stimuli
from studyapp.vocab import Label
from tests.factories import make_stimulus
from tests.studyapp.clip_files import write_clip

pytestmark = pytest.mark.django_db
NAMES = ("a", "b", "c")


@pytest.fixture
def ada(client: Client) -> User:
    user = User.objects.create_user("ada")
    client.force_login(user)
    return user


@pytest.fixture
def three(ada: User) -> StimulusSet:
    """Three clips: a, real; b, fake and clipped; c, fake, quiet, long and in doubt."""
    made = StimulusSet.objects.create(slug="three", owner=ada)
    make_stimulus(made, label=Label.REAL, name="a")
    for name in ("b", "c"):
        make_stimulus(made, label=Label.FAKE, name=name, category="dog_bark")
    Stimulus.objects.filter(name="b").update(clipped_fraction=0.01, generator="vocoder")
    Stimulus.objects.filter(name="a").update(source_group="street-12", bandwidth_hz=2000)
    Stimulus.objects.filter(name="b").update(bandwidth_hz=7000)
    Stimulus.objects.filter(name="c").update(bandwidth_hz=3000, level_dbfs=-70.0, duration_s=4.0, label_in_doubt=True)
    return made


def names_shown(client: Client, **asked: Any) -> list[str]:
    answer = client.get(reverse("stimulus_set", args=["three"]), asked)
    assert answer.status_code == 200
    return [row["stimulus"].name for row in answer.context["rows"]]


def note(name: str, author: User, *tags: str) -> None:
    ClipNote.objects.create(stimulus=Stimulus.objects.get(name=name), author=author, tags=list(tags))


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ({}, "abc"),
        ({"label": "real"}, "a"),
        ({"category": "dog_bark", "generator": "vocoder"}, "b"),
        ({"flag": "clipped"}, "b"),
        ({"flag": "silent"}, "c"),
        ({"flag": "in doubt"}, "c"),
        ({"flag": "not in doubt"}, "ab"),
        ({"q": "B"}, "b"),
        ({"duration_from": "2"}, "c"),
        ({"level_from": "-30", "level_to": "-10"}, "ab"),
        ({"generator": "nobody"}, ""),
        ({"source": "Street"}, "a"),
        ({"bandwidth_from": "5"}, "b"),
        ({"bandwidth_from": "2.5", "bandwidth_to": "4"}, "c"),
    ],
)
def test_filters(client: Client, three: StimulusSet, asked: dict[str, str], shown: str) -> None:
    assert names_shown(client, **asked) == list(shown)


@pytest.mark.parametrize("tag", ["echo", "écho", "non-target sound"])
def test_filters_by_a_tag_whole(client: Client, three: StimulusSet, ada: User, tag: str) -> None:
    note("b", ada, "hum", tag)
    note("c", ada, f"{tag} twice")
    assert names_shown(client, tag=tag) == ["b"]


def test_a_clip_of_two_sets_stands_once_in_each(client: Client, three: StimulusSet, ada: User) -> None:
    other = StimulusSet.objects.create(slug="other", owner=ada)
    for place, each in enumerate(three.own_stimuli.order_by("-name")):
        other.members.create(stimulus=each, position=place)
    assert names_shown(client) == ["a", "b", "c"]
    rows = client.get(reverse("stimulus_set", args=["other"])).context["rows"]
    assert [row["stimulus"].name for row in rows] == ["c", "b", "a"]


@pytest.mark.parametrize(
    ("sort", "shown"),
    [("-name", "cba"), ("level", "cab"), ("-duration", "cba"), ("-flags", "abc"), ("nonsense", "abc")],
)
def test_sorts(client: Client, three: StimulusSet, sort: str, shown: str) -> None:
    assert sorted(names_shown(client, sort=sort)) == list(NAMES)
    assert names_shown(client, sort=sort)[0] == shown[0]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"duration_from": "long"}, "Enter a number."),
        ({"level_to": "nan"}, "Enter a number."),
        ({"duration_from": "4", "duration_to": "2"}, "The largest duration lies below the smallest, 4."),
        ({"flag": "purple"}, "There is no flag purple"),
        ({"q": "x" * 201}, "at most 200 characters"),
        ({"q": "a\x00b"}, "Null characters are not allowed."),
    ],
)
def test_bad_input_is_said_at_its_field_and_asks_for_nothing(
    client: Client, three: StimulusSet, asked: dict[str, str], words: str
) -> None:
    answer = client.get(reverse("stimulus_set", args=["three"]), asked)
    assert answer.status_code == 200
    assert words in answer.text
    assert len(answer.context["rows"]) == (3 if asked != {"duration_from": "4", "duration_to": "2"} else 1)


def test_flags_and_tags_stand_at_their_clip(client: Client, three: StimulusSet, ada: User) -> None:
    note("b", ada, "echo", "hum")
    note("b", User.objects.create_user("bob"), "echo")
    rows = client.get(reverse("stimulus_set", args=["three"])).context["rows"]
    assert [row["flags"] for row in rows] == [[], ["clipped"], ["silent", "in doubt"]]
    assert rows[1]["tags"] == [("echo", 2), ("hum", 1)]


def test_the_filter_goes_on_to_listening_and_changing(client: Client, three: StimulusSet) -> None:
    page = client.get(reverse("stimulus_set", args=["three"]), {"flag": "in doubt", "label": "fake"}).text
    assert f"{reverse('listening', args=['three'])}?label=fake&amp;flag=in+doubt" in page
    assert f"{reverse('stimuli_change', args=['three'])}?label=fake&amp;flag=in+doubt" in page


def test_who_may_not_change_the_set_sees_no_boxes(client: Client, three: StimulusSet) -> None:
    assert 'name="clip"' in client.get(reverse("stimulus_set", args=["three"])).text
    StimulusSet.objects.update(owner=None)
    assert 'name="clip"' not in client.get(reverse("stimulus_set", args=["three"])).text


@pytest.fixture
def heard(ada: User, settings: Any, tmp_path: Path) -> Iterator[StimulusSet]:
    settings.MEDIA_ROOT = tmp_path / "media"
    write_clip(tmp_path / "s" / "real" / "rain" / "a.wav", 1)
    yield import_stimuli(path=tmp_path / "s", set_slug="heard", owner=ada).stimulus_set


def picture_of(stimulus_set: StimulusSet) -> str:
    return reverse("stimulus_picture", args=[stimulus_set.slug, stimulus_set.own_stimuli.get().pk])


def test_a_thumbnail_is_drawn_once_and_kept_by_this_browser_alone(
    client: Client, heard: StimulusSet, tmp_path: Path
) -> None:
    answer = client.get(picture_of(heard))
    assert (answer.status_code, answer["Content-Type"], answer.content[:4]) == (200, "image/png", b"\x89PNG")
    assert answer["Cache-Control"] == "private, max-age=31536000, immutable"
    for original in (tmp_path / "media").rglob("*.wav"):
        original.unlink()
    assert client.get(picture_of(heard)).content == answer.content


def test_a_picture_is_the_same_from_the_copy_that_is_heard(client: Client, heard: StimulusSet, tmp_path: Path) -> None:
    drawn = client.get(picture_of(heard)).content
    client.get(reverse("stimulus_sound", args=["heard", heard.own_stimuli.get().pk]))
    for picture in (tmp_path / "media").rglob("*.png"):
        picture.unlink()
    assert client.get(picture_of(heard)).content == drawn


def test_pictures_are_refused(client: Client, heard: StimulusSet, three: StimulusSet, tmp_path: Path) -> None:
    address = picture_of(heard)
    assert client.post(address).status_code == 405
    assert client.get(reverse("stimulus_picture", args=["three", heard.own_stimuli.get().pk])).status_code == 404
    assert client.get(reverse("stimulus_picture", args=["heard", 10**30])).status_code == 404
    for original in (tmp_path / "media").rglob("*.wav"):
        original.write_bytes(b"RIFF no sound any more")
    assert client.get(address).status_code == 404
    client.force_login(User.objects.create_user("bob"))
    assert client.get(address).status_code == 404
    client.logout()
    assert client.get(address)["Location"].startswith(reverse("login"))
