"""Who saw results, sounds with their labels, or rows of the administration is in the audit log."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from studyapp.models import AuditEntry, ListeningPass, StimulusUpload, StudyExport, StudyVersion
from tests.access.cases import address_of
from tests.access.world import World, make_world
from tests.factories import make_session
from tests.studyapp.api.world import Call
from tests.studyapp.api.world import World as ApiWorld
from tests.studyapp.api.world import make_world as make_api_world

pytestmark = pytest.mark.django_db
# Address -> query, and what is written of it.
SEEN: dict[str, tuple[str, str]] = {
    "stimulus_set": ("", "see_set"),
    "set_build": ("?sets={set}", "see_set"),
    "set_controls": ("", "see_set"),
    "listening_result": ("", "see_listening_result"),
    "study_power": ("", "see_spread"),
    "study_analysis": ("", "see_results"),
    "study_machines": ("", "see_results"),
    "study_judgements_csv": ("", "export_judgements"),
    "study_reason_texts": ("", "see_reason_texts"),
    "study_methods": ("", "export_methods"),
    "study_session": ("", "see_session"),
    "study_plan_file": ("", "export_plan"),
    "export_file": ("", "download_export"),
}
API = {
    "/sets/study-sounds/stimuli": "see_set",
    "/sets/study-sounds/stimuli/{stimulus}/sound": "download_stimulus",
    "/sets/study-sounds/scores": "see_scores",
    "/studies/study/analysis": "see_results",
    "/studies/study/judgements": "see_judgements",
    "/studies/study/judgements.csv": "export_judgements",
}


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> World:
    settings.MEDIA_ROOT = tmp_path / "media"
    return make_world()


@pytest.fixture
def api_world(settings: Any, tmp_path: Path) -> ApiWorld:
    settings.MEDIA_ROOT = tmp_path / "media"
    return make_api_world()


@pytest.mark.parametrize("name", SEEN)
def test_a_page_that_tells_something_is_on_record(world: World, client: Client, name: str) -> None:
    for _ in range(2):
        make_session(StudyVersion.objects.get())
    ListeningPass.objects.update(ended_at=timezone.now())
    client.force_login(world.users["owner"])
    query, action = SEEN[name]
    before = AuditEntry.objects.count()
    assert client.get(address_of(name, world) + query.format(**world.things)).status_code == 200
    (entry,) = AuditEntry.objects.order_by("pk")[before:]
    assert (entry.actor, entry.action) == (world.users["owner"], action)
    assert entry.object_id in (world.things["set"], world.things["study"], str(world.things["session"]))


@pytest.mark.parametrize("path", API)
def test_what_the_api_tells_is_on_record(api_world: ApiWorld, path: str) -> None:
    before = AuditEntry.objects.count()
    assert api_world.ask("GET", Call(path=path), api_world.tokens["owner"]).status_code == 200
    (entry,) = AuditEntry.objects.order_by("pk")[before:]
    assert (entry.actor, entry.action, entry.detail["by"]) == (api_world.owner, API[path], "api")


def test_what_staff_look_at_in_the_administration_is_on_record(world: World, client: Client) -> None:
    client.force_login(world.users["staff"])
    session = world.things["session"]
    before = AuditEntry.objects.count()
    assert client.get("/admin/studyapp/session/?q=%00x").status_code == 200
    assert client.get(f"/admin/studyapp/session/{session}/change/").status_code == 200
    assert client.get("/admin/studyapp/session/0/change/").status_code == 302
    assert client.get("/admin/studyapp/user/").status_code == 200
    rows = AuditEntry.objects.order_by("pk")[before:].values_list("action", "object_type", "object_id")
    assert list(rows) == [("see_rows", "session", ""), ("see_row", "session", str(session)), ("see_rows", "user", "")]
    assert AuditEntry.objects.filter(actor=world.users["staff"], detail__query="q=%00x").count() == 1


@pytest.mark.parametrize(("name", "state"), [("cancel_upload", "running"), ("retry_upload", "failed"),
                                             ("cancel_export", "running"), ("retry_export", "failed")])  # fmt: skip
def test_who_cancels_and_does_again_is_on_record(world: World, client: Client, name: str, state: str) -> None:
    for model in (StimulusUpload, StudyExport):
        model.objects.update(state=state)
    client.force_login(world.users["owner"])
    for _ in range(2):  # the second time there is nothing to do, and nothing is written
        client.post(address_of(name, world))
    assert AuditEntry.objects.filter(action=name, actor=world.users["owner"]).count() == 1
