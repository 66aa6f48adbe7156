"""The audit log: of a study for its owner, of everything for staff; filtered, sorted and cut by the database."""

import pytest
from django.test import Client

from studyapp.models import AuditEntry, User
from studyapp.services.audit import record_audit
from tests.factories import make_session, make_user, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return make_user("owner")


@pytest.fixture
def study(owner: User):
    return make_version(slug="study", owner=owner).study


@pytest.fixture
def page(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def lines(page: Client, address: str = "/studies/study/log/", /, **query: str) -> list[str]:
    return [row.what for row in page.get(address, query).context["rows"]]


def note(action: str, object_type: str, object_id: object, actor: User | None = None) -> None:
    record_audit(actor=actor, action=action, object_type=object_type, object_id=str(object_id))


def test_a_study_s_log_has_the_study_and_its_sessions(page: Client, study) -> None:
    other = make_version(slug="other")
    mine, theirs = make_session(study.versions.get(), n_answers=0), make_session(other, n_answers=0)
    note("withdraw", "session", mine.pk)
    note("withdraw", "session", theirs.pk)
    note("launch_study", "study", "study")
    note("close_study", "study", "other")
    note("sign_in", "user", "study")
    assert lines(page) == ["launch study", "withdraw"]


def test_seeing_results_is_on_record(page: Client, study, owner: User) -> None:
    page.get("/studies/study/analysis/")
    entry = AuditEntry.objects.get(object_id="study")
    assert (entry.actor, entry.action, entry.detail) == (owner, "see_results", {"origin": "live"})


def test_filters_narrow(page: Client, study, owner: User) -> None:
    note("launch_study", "study", "study", owner)
    note("close_study", "study", "study")
    assert lines(page, action="close_study") == ["close study"]
    assert lines(page, actor="owner") == ["launch study"]
    assert lines(page, actor="-") == ["close study"]
    assert lines(page, since="2000-01-01", until="2001-01-01") == []
    assert lines(page, object="nothing") == []
    assert lines(page, sort="what") == ["close study", "launch study"]


@pytest.mark.parametrize(
    "query",
    [
        {"since": "yesterday"},
        {"action": "actor__password"},
        {"sort": "actor__password"},
        {"sort": "-actor__password"},
        {"actor__password__startswith": "argon2"},
        {"page": "x"},
        {"object": "\x00"},
        {"actor": "x' OR 1=1"},
    ],
)
def test_what_cannot_be_asked_for_filters_nothing(page: Client, study, query: dict[str, str]) -> None:
    note("launch_study", "study", "study")
    assert lines(page, **query) == ["launch study"]


def test_staff_see_everything_and_only_they(page: Client, study) -> None:
    note("sign_in", "user", "x")
    assert page.get("/log/").status_code == 403
    page.force_login(make_user("staff", is_staff=True))
    assert lines(page, "/log/") == ["sign in"]


def test_long_details_are_cut_and_words_stay_words(page: Client, study) -> None:
    record_audit(
        actor=None,
        action="x",
        object_type="study",
        object_id="study",
        detail={"why": "<script>alert(1)</script>", "files": {"a.csv": 1}, "all": list(range(500)), "kept": True},
    )
    response = page.get("/studies/study/log/")
    assert b"<script>alert" not in response.content
    assert len(response.context["rows"][0].details) == 300
    assert "files: a.csv 1" in response.context["rows"][0].details


def test_many_entries_are_cut_into_pages_with_few_queries(page: Client, study, django_assert_max_num_queries) -> None:
    AuditEntry.objects.bulk_create(
        AuditEntry(action=f"act_{n % 7}", object_type="study", object_id="study") for n in range(300)
    )
    with django_assert_max_num_queries(10):
        response = page.get("/studies/study/log/?page=2&sort=what")
    assert response.context["listing"].n == 300
    assert len(response.context["rows"]) == 50
    assert b"sort=what" in response.content  # the pager keeps it
