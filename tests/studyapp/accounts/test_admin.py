"""The administration: everything to look at, exports, and what is done to sessions after a second look."""

import io
import zipfile

import openpyxl
import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from studyapp.models import (
    AuditEntry,
    Exclusion,
    RecruiterIdentity,
    Response,
    Session,
    Study,
    StudyExport,
    StudyVersion,
    User,
)
from studyapp.services import media
from studyapp.services.withdrawal import erase_for
from studyapp.vocab import JobState, Origin, Outcome
from tests.factories import make_session, make_user, make_version

pytestmark = pytest.mark.django_db
SESSIONS, STUDIES = "/admin/studyapp/session/", "/admin/studyapp/study/"


@pytest.fixture
def staff() -> User:
    return make_user("staff", is_staff=True)


@pytest.fixture
def page(client: Client, staff: User) -> Client:
    client.force_login(staff)
    return client


@pytest.fixture
def version() -> StudyVersion:
    return make_version(n_fake=2, n_real=2, slug="study")


@pytest.fixture
def sessions(version: StudyVersion) -> list[Session]:
    return [make_session(version) for _ in range(3)]


def act(page: Client, address: str, action: str, *rows: object, **more: str):
    keys = [str(row.pk) for row in rows]  # type: ignore[attr-defined]
    return page.post(address, {"action": action, "_selected_action": keys, **more}, follow=True)


def body(answer) -> bytes:
    return b"".join(answer.streaming_content)


def test_chosen_sessions_come_as_csv_excel_and_parquet(page: Client, sessions: list[Session]) -> None:
    chosen = sessions[:2]
    with zipfile.ZipFile(io.BytesIO(body(act(page, SESSIONS, "download_csv", *chosen)))) as archive:
        assert archive.read("trials.csv").decode().count("\n") == 1 + 8
    book = openpyxl.load_workbook(io.BytesIO(body(act(page, SESSIONS, "download_xlsx", *chosen))))
    assert book["sessions"].max_row == 3
    assert body(act(page, SESSIONS, "download_parquet", *chosen)).startswith(b"PK")
    told = AuditEntry.objects.filter(action="export_sessions", object_id="study").values_list("detail", flat=True)
    assert sorted(each["format"] for each in told) == ["csv", "parquet", "xlsx"]
    assert all(each["sessions"] == [session.pk for session in chosen] for each in told)


def test_too_many_sessions_are_sent_to_the_study(page: Client, sessions, monkeypatch) -> None:
    monkeypatch.setattr("studyapp.administration.session_actions.MOST_AT_ONCE", 2)
    assert b"at most 2 sessions" in act(page, SESSIONS, "download_csv", *sessions).content


@pytest.mark.parametrize("kind", ["psych_ds", "csv", "xlsx", "parquet"])
def test_a_worker_exports_chosen_studies(page: Client, version: StudyVersion, staff: User, kind: str) -> None:
    draft = Study.objects.create(slug="draft", title="Draft", stimulus_set=version.study.stimulus_set, config={})
    answer = act(page, STUDIES, f"export_{kind}", version.study, draft)
    assert b"a worker makes the file" in answer.content and b"was never launched" in answer.content
    export = StudyExport.objects.get()
    assert (export.format, export.owner, export.state) == (kind, staff, "queued")


def test_a_session_is_excluded_with_a_reason(page: Client, sessions: list[Session]) -> None:
    asked = act(page, SESSIONS, "exclude_sessions", sessions[0])
    assert b"Analyses leave these sessions out" in asked.content and not Exclusion.objects.exists()
    without = act(page, SESSIONS, "exclude_sessions", sessions[0], confirmed="yes", reason=" ")
    assert b"Say why" in without.content and not Exclusion.objects.exists()
    done = act(page, SESSIONS, "exclude_sessions", sessions[0], confirmed="yes", reason="talked on the telephone")
    assert b"done for 1 session." in done.content
    assert Exclusion.objects.get().detail == "talked on the telephone"
    assert (
        b"excluded by hand already"
        in act(page, SESSIONS, "exclude_sessions", sessions[0], confirmed="yes", reason="again").content
    )


def test_a_session_is_withdrawn_as_its_study_says(page: Client, sessions: list[Session]) -> None:
    act(page, SESSIONS, "withdraw_sessions", sessions[0], confirmed="yes", reason="asked by mail")
    session = Session.objects.get(pk=sessions[0].pk)
    assert session.outcome == Outcome.WITHDRAWN
    entry = AuditEntry.objects.get(object_type="session", object_id=str(session.pk))
    assert entry.detail["reason"] == "asked by mail" and entry.actor is not None
    again = act(page, SESSIONS, "withdraw_sessions", sessions[0], confirmed="yes", reason="x")
    assert b"is withdrawn already" in again.content


def test_erasing_takes_answers_identity_and_stored_exports(
    page: Client, sessions: list[Session], version, settings, tmp_path, django_capture_on_commit_callbacks
) -> None:
    settings.MEDIA_ROOT = tmp_path
    one = sessions[0]
    RecruiterIdentity.objects.create(
        participant=one.participant, study=version.study, recruiter="prolific", external_id="P1"
    )
    name = media.store("exports/old.zip", b"with their answers")
    StudyExport.objects.create(study=version.study, origin=Origin.LIVE, state=JobState.DONE.value, file_name=name)
    under_way = StudyExport.objects.create(study=version.study, origin=Origin.LIVE, state=JobState.RUNNING.value)
    with django_capture_on_commit_callbacks(execute=True):
        act(page, SESSIONS, "erase_sessions", one, confirmed="yes", reason="asked by mail")
    assert not Response.objects.filter(trial__session=one).exists()
    assert Response.objects.filter(trial__session=sessions[1]).count() == 4
    assert not RecruiterIdentity.objects.exists()
    assert not StudyExport.objects.exclude(file_name="").exists() and not media.exists(name)
    under_way.refresh_from_db()
    assert under_way.state == JobState.CANCELLED.value
    assert AuditEntry.objects.get(action="erase_session").detail["n_answers_erased"] == 4
    assert b"deleted already" in act(page, SESSIONS, "erase_sessions", one, confirmed="yes", reason="x").content


def test_a_withdrawn_session_can_still_be_erased(sessions: list[Session], staff: User) -> None:
    Session.objects.filter(pk=sessions[0].pk).update(outcome=Outcome.WITHDRAWN.value)
    was = Session.objects.get(pk=sessions[0].pk).ended_at
    erase_for(session=sessions[0], actor=staff, reason="asked")
    session = Session.objects.get(pk=sessions[0].pk)
    assert session.erased_at is not None and session.ended_at == was


def test_who_may_only_look_neither_excludes_nor_erases(client: Client, sessions: list[Session]) -> None:
    helper = User.objects.create(username="helper", is_staff=True)
    helper.user_permissions.add(Permission.objects.get(codename="view_session", content_type__app_label="studyapp"))
    client.force_login(helper)
    assert b"erase_sessions" not in client.get(SESSIONS).content
    act(client, SESSIONS, "erase_sessions", sessions[0], confirmed="yes", reason="x")
    assert Response.objects.filter(trial__session=sessions[0]).count() == 4
    assert client.get("/admin/studyapp/user/").status_code == 403


def test_the_log_cannot_be_changed_or_deleted_here(page: Client, sessions) -> None:
    page.post("/accounts/invite/", {"note": "x"})
    entry = AuditEntry.objects.first()
    address = reverse("admin:studyapp_auditentry_change", args=[entry.pk])
    assert page.get(address).status_code == 200
    assert page.post(address, {"action": "nothing"}).status_code == 403
    assert page.post(reverse("admin:studyapp_auditentry_delete", args=[entry.pk]), {"post": "yes"}).status_code == 403
    act(page, "/admin/studyapp/auditentry/", "delete_selected", entry, post="yes")
    assert AuditEntry.objects.filter(pk=entry.pk, action=entry.action).exists()


def test_an_account_that_becomes_staff_is_on_record(page: Client) -> None:
    ada = make_user("ada")
    form = page.get(f"/admin/studyapp/user/{ada.pk}/change/").context["adminform"].form
    given = {name: form[name].value() for name in ("username", "first_name", "last_name", "email", "is_active")}
    joined = {"date_joined_0": "2026-11-26", "date_joined_1": "10:00:00"}
    answer = page.post(f"/admin/studyapp/user/{ada.pk}/change/", {**given, **joined, "is_staff": "on"})
    assert answer.status_code == 302
    detail = AuditEntry.objects.get(action="change_account", object_id="ada").detail
    assert detail["staff"] is True and "is_staff" in detail["fields"]
    assert page.post(f"/admin/studyapp/user/{ada.pk}/delete/", {"post": "yes"}).status_code == 403
