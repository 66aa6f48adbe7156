"""The power page: with a study and without, from a pilot and from assumptions, and whatever is asked of it."""

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from studyapp.models import StudyMember
from studyapp.selectors.answer_tables import answer_tables
from studyapp.selectors.judgements import judgement_frame
from studyapp.vocab import Label, Origin, StudyRole
from tests.factories import make_session, make_user, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(client: Client):
    user = make_user("owner")
    client.force_login(user)
    return user


@pytest.fixture
def version(owner):
    return make_version(owner=owner, n_fake=6, n_real=4)


def test_says_what_a_study_needs(client: Client, version, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(12):
        page = client.get(reverse("study_power", args=[version.study.slug]))
    assert page.status_code == 200
    assert [row["clips"] for row in page.context["rows"]] == [
        "3 fake, 2 real",
        "6 fake, 4 real",
        "12 fake, 8 real",
        "24 fake, 16 real",
    ]
    ceilings = [row["ceiling"] for row in page.context["rows"]]
    assert ceilings == sorted(ceilings)
    assert page.context["rows"][1]["needed"] is None
    assert "No number of listeners reaches 80 %" in page.content.decode()


def test_estimates_the_spread_from_the_pilot(client: Client, version) -> None:
    for listener in range(4):  # each misses another fake
        make_session(
            version,
            origin=Origin.PILOT,
            says_fake=lambda frozen, index, missed=listener: frozen.label == Label.FAKE and index != missed,
        )
    tables = answer_tables(judgement_frame(study=version.study, origin=Origin.PILOT))
    assert tables[Label.FAKE].shape == (4, 6)
    assert np.nansum(tables[Label.FAKE]) == 20
    page = client.get(reverse("study_power", args=[version.study.slug]))
    assert page.context["form"]["spread_from"].value() == "pilot"
    assert page.context["problem"] == ""
    assert "estimated below 0: taken as 0" in page.content.decode()


def test_says_when_the_pilot_is_too_small(client: Client, version) -> None:
    make_session(version, origin=Origin.PILOT)
    page = client.get(reverse("study_power", args=[version.study.slug]))
    assert "cannot tell the spread yet" in page.content.decode()
    assert page.context["rows"]


def test_bots_are_no_pilot(client: Client, version) -> None:
    make_session(version, origin=Origin.BOT)
    page = client.get(reverse("study_power", args=[version.study.slug]), {"spread_from": "bot"})
    assert page.status_code == 200
    assert page.context["form"].errors


def test_shows_no_number_of_clips_twice(client: Client, owner) -> None:
    page = client.get(reverse("power"), {"n_fake": 2, "n_real": 2})
    assert [row["clips"] for row in page.context["rows"]] == ["2 fake, 2 real", "4 fake, 4 real", "8 fake, 8 real"]


@pytest.mark.parametrize("question", ["difference", "fake", "real"])
def test_works_without_a_study(client: Client, owner, question: str) -> None:
    page = client.get(reverse("power"), {"question": question, "n_heard": 20, "n_listeners": 30})
    assert page.status_code == 200
    powers = [row["power"] for row in page.context["rows"]]
    assert powers == sorted(powers)
    assert all(0 <= power <= 1 for power in powers)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("d_prime", "nan"),
        ("d_prime", "99"),
        ("n_listeners", "1"),
        ("n_listeners", "1e9"),
        ("n_fake", ""),
        ("n_heard", "5000"),
        ("alpha", "0"),
        ("wanted", "1"),
        ("clip_sd", "-1"),
        ("question", "all"),
        ("spread_from", "\x00"),
    ],
)
def test_says_at_the_field_what_is_wrong(client: Client, owner, field: str, value: str) -> None:
    page = client.get(reverse("power"), {field: value})
    assert page.status_code == 200
    assert list(page.context["form"].errors) == [field]
    assert "Nothing was computed" in page.content.decode()


def test_is_refused_to_who_may_not(client: Client, version) -> None:
    address = reverse("study_power", args=[version.study.slug])
    assert Client().get(address).status_code == 302
    assert Client().get(reverse("power")).status_code == 302
    stranger, viewer = make_user(), make_user()
    StudyMember.objects.create(study=version.study, user=viewer, role=StudyRole.VIEWER.value)
    for user, status in ((stranger, 404), (viewer, 403)):
        other = Client()
        other.force_login(user)
        assert other.get(address).status_code == status
    assert client.post(address).status_code == 405
