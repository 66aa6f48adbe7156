"""The page that brings judgements gathered elsewhere into a study: a look first, then the import."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from studyapp.models import AuditEntry, Response, StudyVersion
from tests.access.bad_input import RESPONSES
from tests.factories import make_user, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(client: Client) -> StudyVersion:
    owner = make_user("owner")
    client.force_login(owner)
    return make_version(slug="s", n_fake=1, n_real=1, owner=owner)


def table(version: StudyVersion) -> str:
    first, second = version.frozen_stimuli.order_by("pk").values_list("stimulus__name", flat=True)
    rows = [f"ann,{first},Artificial,", f"ann,{second},null,", f"bob,{second},Natural,"]
    return "\n".join(["Who,sound,said,nothing", *rows, ""])


def body(**more: object) -> dict[str, object]:
    mapped = {"column_participant_id": "Who", "column_stimulus_id": "sound", "column_response": "said"}
    return RESPONSES | mapped | {"fake": "Artificial", "real": "Natural", "unanswered": "null"} | more


def test_a_look_says_what_would_be_stored_and_keeps_the_table_for_the_import(
    client: Client, version: StudyVersion
) -> None:
    address, file = reverse("study_responses", args=["s"]), SimpleUploadedFile("t.csv", table(version).encode())
    look = client.post(address, body(file=file, do="look"))
    page = look.content.decode()
    assert look.status_code == 200 and not Response.objects.exists()
    assert "2 judgements of 2 clips by 2 listeners; 1 judgement without an answer" in page
    assert "<td>fake</td>" in page and "ann" in page
    kept = look.context["form"]["text"].value()
    assert kept == table(version)
    stored = client.post(address, body(text=kept, do="import"))
    assert stored["Location"] == reverse("study_analysis", args=["s"]) + "?origin=imported"
    assert sorted(Response.objects.values_list("choice", flat=True)) == ["fake", "real"]
    entry = AuditEntry.objects.get(action="import_responses")
    assert (entry.actor, entry.detail["judgements"]) == (version.study.owner, 2)
    again = client.post(address, body(text=kept, do="look"))
    assert again.status_code == 400 and "has imported answers of ann, bob" in again.content.decode()


def test_every_wrong_row_is_told_and_a_file_that_is_too_large_refused(client: Client, version: StudyVersion) -> None:
    address = reverse("study_responses", args=["s"])
    wrong = client.post(address, body(text=table(version).replace("Natural", "Perhaps").replace("null", "Maybe")))
    page = wrong.content.decode()
    assert wrong.status_code == 400 and "row 3: the response" in page and "row 4: the response" in page
    large = SimpleUploadedFile("t.csv", b"x" * ((1 << 20) + 1))
    assert "larger than 1 MiB" in client.post(address, body(file=large)).content.decode()
    latin = SimpleUploadedFile("t.csv", "é".encode("latin-1"))
    assert "is not UTF-8 text" in client.post(address, body(file=latin)).content.decode()
    assert not Response.objects.exists()


def test_the_page_of_the_study_leads_there_once_it_was_launched(client: Client, version: StudyVersion) -> None:
    assert reverse("study_responses", args=["s"]) in client.get(reverse("study", args=["s"])).content.decode()
