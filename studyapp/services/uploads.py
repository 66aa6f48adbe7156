"""The life of an upload: handed to a worker, taken back, discarded, swept when nobody cares for it."""

import shutil
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from studyapp.errors import ImportFailed, InvalidAction
from studyapp.models import StimulusSet, StimulusUpload, User
from studyapp.models.job import OPEN
from studyapp.selectors.uploads import waiting_upload
from studyapp.services import media
from studyapp.services.audit import record_audit
from studyapp.services.corpora import corpus_folder
from studyapp.services.jobs import QUEUED_ANEW, enqueue
from studyapp.services.stimulus_import import check_takes_imports
from studyapp.services.upload_contents import preview
from studyapp.services.upload_files import folder_of
from studyapp.vocab import JobState

SWEEP_EVERY_S = 600.0
ENDED = (JobState.FAILED.value, JobState.CANCELLED.value)
_swept_at: list[float] = []  # empty, or when this process last swept


def submit_upload(*, upload: StimulusUpload, given: dict[str, Any], actor: User) -> StimulusUpload:
    """Hand a described upload to a worker. Raises ImportFailed or ConfigError, and nothing has changed then."""
    check_takes_imports(upload.stimulus_set)
    listing, description = preview(upload, given)
    if not listing.found:
        raise ImportFailed("By this description no file is a sound of the set. Look at the preview.")
    with transaction.atomic():
        waiting = StimulusUpload.objects.filter(pk=upload.pk, submitted_at=None)
        n_total = len(listing.found) + len(listing.refused)
        if not waiting.update(**QUEUED_ANEW, submitted_at=timezone.now(), description=description, n_total=n_total):
            raise ImportFailed("This upload was handed over or discarded already. Load the page again.")
        _audit(upload, actor, "submit_upload", {"how": description["how"], "files": n_total})
        enqueue(StimulusUpload, [upload.pk])
    upload.refresh_from_db()
    return upload


@transaction.atomic
def submit_corpus(*, stimulus_set: StimulusSet, folder: str, actor: User) -> StimulusUpload:
    """Have a worker import a folder of the server's corpora. Raises ImportFailed, NotFound."""
    check_takes_imports(stimulus_set)
    corpus_folder(folder)
    made = StimulusUpload.objects.create(
        stimulus_set=stimulus_set,
        owner=actor,
        submitted_at=timezone.now(),
        description={"how": "corpus", "folder": folder},
    )
    _audit(made, actor, "submit_corpus", {"folder": folder})
    enqueue(StimulusUpload, [made.pk])
    return made


@transaction.atomic
def reopen_upload(*, upload: StimulusUpload, actor: User) -> None:
    """Take an upload that failed or was cancelled back, to describe it anew. Raises InvalidAction."""
    if upload.description.get("how") == "corpus":
        raise InvalidAction("A corpus on the server is not described; try it again.")
    StimulusSet.objects.select_for_update().get(pk=upload.stimulus_set_id)  # a first file makes an upload of its own
    if upload.owner is None or waiting_upload(upload.stimulus_set, upload.owner) is not None:
        raise InvalidAction("Another upload into this set waits for its description. Import or discard it first.")
    ended = StimulusUpload.objects.filter(pk=upload.pk, state__in=ENDED)
    # Its files wait anew from now on: by their own age, a sweep could take them from under the page.
    if not ended.update(**QUEUED_ANEW | {"submitted_at": None, "finished_at": timezone.now()}):
        raise InvalidAction("Only an upload that failed or was cancelled can be described anew.")
    _audit(upload, actor, "reopen_upload", {})


def discard_upload(*, upload: StimulusUpload, actor: User | None) -> None:
    """Delete an upload that no worker has, with its files. Raises InvalidAction."""
    with transaction.atomic():
        held = StimulusUpload.objects.select_for_update().filter(pk=upload.pk).first()
        if held is None:
            return
        if held.submitted_at is not None and held.state in OPEN:
            raise InvalidAction("A worker has this upload. Cancel it first.")
        _audit(held, actor, "discard_upload", {"files": held.files.count()})
        folder = folder_of(held)
        held.delete()
        transaction.on_commit(lambda: media.delete_folder(folder))


def forget_files(upload: StimulusUpload) -> None:
    """Delete the files of an upload that is imported: the set keeps the sounds."""
    upload.files.all().delete()
    media.delete_folder(folder_of(upload))


def sweep_uploads(*, now: bool = False) -> int:
    """Delete uploads that nobody touched for UPLOAD_KEPT_DAYS, and bytes that no upload names; return how many went.

    At most every ten minutes, unless `now`: those who call it call often.
    """
    if not now and _swept_at and time.monotonic() - _swept_at[0] < SWEEP_EVERY_S:
        return 0
    _swept_at[:] = [time.monotonic()]
    before = timezone.now() - timedelta(days=settings.UPLOAD_KEPT_DAYS)
    n_swept = sum(_sweep(key, before) for key in _idle(before).values_list("pk", flat=True))
    for done in StimulusUpload.objects.filter(state=JobState.DONE.value, files__isnull=False).distinct():
        forget_files(done)
    _sweep_orphans()
    return n_swept


def _idle(before: datetime) -> QuerySet[StimulusUpload]:
    """Return the uploads that no worker has and that were not touched since then."""
    return (
        StimulusUpload.objects.filter(Q(submitted_at=None) | Q(state__in=ENDED), created_at__lt=before)
        .annotate(last_file_at=Max("files__created_at"))
        .filter(Q(last_file_at=None) | Q(last_file_at__lt=before))
        .filter(Q(finished_at=None) | Q(finished_at__lt=before))
    )


@transaction.atomic
def _sweep(key: int, before: datetime) -> bool:
    """Discard an upload unless somebody touched it since it was found idle."""
    held = StimulusUpload.objects.select_for_update().filter(pk=key).first()
    if held is None or not _idle(before).filter(pk=key).exists():
        return False
    discard_upload(upload=held, actor=None)
    return True


def _sweep_orphans() -> None:
    """Delete what a process that was killed left: bytes of uploads that are no more, and unpacked archives."""
    folders = media.list_folders("uploads")
    known = set(StimulusUpload.objects.exclude(state=JobState.DONE.value).values_list("pk", flat=True))
    for name in folders:
        if not name.isdecimal() or int(name) not in known:
            media.delete_folder(f"uploads/{name}")
    running = set(StimulusUpload.objects.filter(state=JobState.RUNNING.value).values_list("pk", flat=True))
    for folder in unpacked_root().glob("*"):
        if folder.name.partition("-")[0] not in {str(pk) for pk in running}:
            shutil.rmtree(folder, ignore_errors=True)


def unpacked_root() -> Path:
    """Return the folder in which workers unpack archives."""
    return Path(settings.DATA_DIR) / "unpacked"


def _audit(upload: StimulusUpload, actor: User | None, action: str, detail: dict[str, Any]) -> None:
    slug = upload.stimulus_set.slug
    record_audit(
        actor=actor,
        action=action,
        object_type="stimulus_set",
        object_id=slug,
        detail={"upload": upload.pk, **detail},
    )
