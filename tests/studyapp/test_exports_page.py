"""A study's bundle asked for on its page, made by a worker's own function, fetched as a ZIP file."""

import hashlib
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from studyapp.errors import InvalidAction
from studyapp.exports import work
from studyapp.exports.work import export_planned, plan_export
from studyapp.models import AuditEntry, Study, StudyExport, User
from studyapp.services import media
from studyapp.services.export_files import forget_exports
from studyapp.services.jobs import cancel, claim
from studyapp.services.study_create import create_study
from studyapp.vocab import JobState, Origin
from tests.factories import make_user

from .launched import launch, make_set

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media_root(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def ada() -> User:
    return make_user("ada")


@pytest.fixture
def page(client: Client, ada: User) -> Client:
    client.force_login(ada)
    return client


@pytest.fixture
def slug(ada: User) -> str:
    version = launch()
    version.study.owner = ada
    version.study.save()
    return version.study.slug


def test_a_bundle_is_asked_for_watched_made_and_fetched(
    page: Client, slug: str, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks() as messages:
        assert page.post(reverse("ask_for_export", args=[slug])).status_code == 302
        page.post(reverse("ask_for_export", args=[slug]))  # asked twice, made once
    export = StudyExport.objects.get()
    assert len(messages) == 1
    assert page.get(reverse("export_progress", args=[slug, export.pk])).json()["state"] == "queued"
    assert "It waits for a worker" in page.get(reverse("study", args=[slug])).content.decode()
    assert page.get(reverse("export_file", args=[slug, export.pk])).status_code == 404
    assert export_planned(export_id=export.pk) and not export_planned(export_id=export.pk)
    export.refresh_from_db()
    assert export.state == JobState.DONE.value and export.n_done == export.n_total > 5
    answer = page.get(reverse("export_file", args=[slug, export.pk]))
    content = b"".join(answer.streaming_content)  # type: ignore[arg-type]
    assert hashlib.sha256(content).hexdigest() == export.file_sha256 and len(content) == int(answer["Content-Length"])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert f"{slug}/CHECKSUMS.sha256" in archive.namelist()
    assert f'filename="{slug}-' in answer["Content-Disposition"]
    assert AuditEntry.objects.filter(action="download_export", object_id=slug).count() == 1


def test_a_cancelled_export_stores_nothing(slug: str, ada: User) -> None:
    export = plan_export(study=_study(slug), origin=Origin.LIVE, owner=ada)
    held = claim(job=StudyExport, pk=export.pk)
    found = StudyExport.objects.filter(pk=export.pk)
    assert held is not None and cancel(found) and not cancel(found)
    assert not export_planned(export_id=export.pk)
    assert StudyExport.objects.get().state == JobState.CANCELLED.value


def test_an_export_cancelled_while_its_file_is_stored_leaves_none(
    slug: str, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored: list[str] = []

    def store_and_withdraw(name: str, source: Path) -> str:
        stored.append(store_file(name, source))
        forget_exports(study_id=_study(slug).pk)  # as a withdrawal does, in the moment before the row is done
        return name

    store_file = media.store_file
    monkeypatch.setattr(media, "store_file", store_and_withdraw)
    for is_shared in (False, True):
        export = plan_export(study=_study(slug), origin=Origin.LIVE, owner=ada)
        if is_shared:  # the export of another study has the same content
            other = launch(slug="other").study
            StudyExport.objects.create(
                study=other, origin=Origin.LIVE.value, state=JobState.DONE.value, file_name=stored[0]
            )
        assert not export_planned(export_id=export.pk)
        export.refresh_from_db()
        assert (export.state, export.file_name) == (JobState.CANCELLED.value, "")
        assert media.exists(stored[-1]) == is_shared
    assert stored[0] == stored[1]


def test_a_study_of_somebody_else_does_not_exist(page: Client) -> None:
    other = launch(slug="other")
    other.study.owner = make_user("bob")
    other.study.save()
    export = plan_export(study=other.study, origin=Origin.LIVE, owner=other.study.owner)
    assert page.post(reverse("ask_for_export", args=["other"])).status_code == 404
    for name in ("export_progress", "export_file"):
        assert page.get(reverse(name, args=["other", export.pk])).status_code == 404
    for name in ("cancel_export", "retry_export"):
        assert page.post(reverse(name, args=["other", export.pk])).status_code == 404


def test_a_failed_export_is_done_again_by_who_asked_for_it(page: Client, slug: str, ada: User) -> None:
    export = plan_export(study=_study(slug), origin=Origin.LIVE, owner=ada)
    StudyExport.objects.update(state=JobState.FAILED.value, attempts=3, error="disk full")
    assert "Do it again" in page.get(reverse("study", args=[slug])).content.decode()
    StudyExport.objects.update(owner=make_user("bob"))
    assert page.post(reverse("retry_export", args=[slug, export.pk])).status_code == 403
    StudyExport.objects.update(owner=ada)
    page.post(reverse("retry_export", args=[slug, export.pk]))
    export.refresh_from_db()
    assert (export.state, export.attempts, export.error) == (JobState.QUEUED.value, 0, "")
    assert export_planned(export_id=export.pk)


def test_old_files_go_and_their_rows_stay(slug: str, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "KEPT", 1)
    made = []
    for origin in (Origin.LIVE, Origin.PILOT):
        made.append(plan_export(study=_study(slug), origin=origin, owner=ada))
        export_planned(export_id=made[-1].pk)
    first, second = (StudyExport.objects.get(pk=each.pk) for each in made)
    assert first.file_name == "" and first.file_sha256 and media.exists(second.file_name)


def test_a_draft_has_nothing_to_export(ada: User) -> None:
    given = {"slug": "draft", "title": "A draft", "stimulus_set": make_set().slug}
    study = create_study(config=given, owner=None)
    with pytest.raises(InvalidAction, match="never launched"):
        plan_export(study=study, origin=Origin.LIVE, owner=ada)


def _study(slug: str) -> Study:
    return Study.objects.get(slug=slug)
