"""Identities leave on request alone, in a file of their own, and the log says so."""

import csv
import io
import stat
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from studyapp.exports.identifiers import IDENTIFIER_HEADER, write_identifiers
from studyapp.exports.written import ExportFailed
from studyapp.models import AuditEntry, RecruiterIdentity, RecruiterVisit, Study
from studyapp.vocab import Origin
from tests.factories import make_session, make_user, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    """A study that a recruiter's person, a pilot and somebody without a recruiter took part in."""
    version = make_version(n_fake=1, n_real=1, slug="s", owner=make_user("owner"))
    for origin, person in ((Origin.LIVE, "=PID-1"), (Origin.PILOT, "PID-2"), (Origin.LIVE, "")):
        session = make_session(version, origin=origin)
        if person:
            identity = RecruiterIdentity.objects.create(
                participant=session.participant, study=version.study, recruiter="prolific", external_id=person
            )
            RecruiterVisit.objects.create(identity=identity, session=session, submission_id="SUB")
    return version.study


def test_the_command_writes_them_beside_the_folder_and_says_so(study: Study, tmp_path: Path) -> None:
    out = io.StringIO()
    for _ in range(2):  # an earlier file is replaced
        call_command("export_study", "s", out=tmp_path / "out", with_identifiers=True, stdout=out)
    path = tmp_path / "out-identifiers.csv"
    rows = list(csv.DictReader(path.open()))
    assert [(row["recruiter_person_id"], row["recruiter_submission_id"]) for row in rows] == [("'=PID-1", "SUB")]
    assert rows[0]["subject_id"] == RecruiterIdentity.objects.get(external_id="=PID-1").participant.pseudonym
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    inside = "".join(each.read_text() for each in (tmp_path / "out").rglob("*") if each.is_file())
    assert "PID-1" not in inside and "SUB" not in inside
    entries = AuditEntry.objects.filter(action="export_identifiers", object_id="s")
    assert [entry.detail for entry in entries] == [{"origin": "live", "sessions": 1}] * 2
    assert str(path) in out.getvalue()


def test_without_asking_there_is_no_file_and_no_entry(study: Study, tmp_path: Path) -> None:
    call_command("export_study", "s", out=tmp_path / "out", stdout=io.StringIO())
    assert [each.name for each in tmp_path.iterdir()] == ["out"]
    assert not AuditEntry.objects.filter(action="export_identifiers").exists()


@pytest.mark.parametrize("content", [b"dear diary\n", b"\xff\n", b""])
def test_something_else_of_that_name_is_kept(study: Study, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "out-identifiers.csv"
    path.write_bytes(content)
    with pytest.raises(ExportFailed, match="something else"):
        write_identifiers(study=study, origin=Origin.LIVE, folder=tmp_path / "out")
    assert path.read_bytes() == content


def test_the_page_sends_them_to_who_manages_and_ticked(study: Study, client: Client) -> None:
    client.force_login(study.owner)
    address = reverse("study_identifiers", args=["s"])
    assert client.post(address).status_code == 302
    assert not AuditEntry.objects.filter(action="export_identifiers").exists()
    answer = client.post(address, {"sure": "on", "origin": "pilot"})
    rows = list(csv.DictReader(io.StringIO(b"".join(answer).decode())))
    assert list(rows[0]) == IDENTIFIER_HEADER and [row["recruiter_person_id"] for row in rows] == ["PID-2"]
    assert answer["Content-Disposition"] == 'attachment; filename="s-pilot-identifiers.csv"'
    entry = AuditEntry.objects.get(action="export_identifiers")
    assert (entry.actor, entry.detail) == (study.owner, {"origin": "pilot", "sessions": 1})
