"""Read uploads: the one that waits for more files, those that workers have, and what a user's sounds take."""

from typing import Any

from django.db.models import Count, Q, Sum

from studyapp.errors import NotFound
from studyapp.models import StimulusSet, StimulusUpload, UploadedFile, User
from studyapp.models.stimulus import Stimulus
from studyapp.selectors.jobs import job_progress, may_cancel
from studyapp.vocab import JobState

SHOWN = 20


def waiting_upload(stimulus_set: StimulusSet, owner: User) -> StimulusUpload | None:
    """Return the user's upload into the set that is not handed to a worker yet."""
    return StimulusUpload.objects.filter(stimulus_set=stimulus_set, owner=owner, submitted_at=None).first()


def files_there(upload: StimulusUpload | None) -> list[tuple[str, int, str]]:
    """Return (name, bytes, kind) of the files that came."""
    return [] if upload is None else list(upload.files.values_list("name", "n_bytes", "kind"))


def bytes_of_user(owner: User) -> int:
    """Return what the sounds of the user's sets and the files of their uploads take."""
    sounds = Stimulus.objects.filter(home_set__owner=owner).aggregate(n=Sum("n_bytes"))["n"] or 0
    files = UploadedFile.objects.filter(upload__owner=owner).aggregate(n=Sum("n_bytes"))["n"] or 0
    return int(sounds + files)


def list_uploads(stimulus_set: StimulusSet, user: User) -> tuple[list[StimulusUpload], StimulusUpload | None]:
    """Return the uploads into the set that are worth a line, newest first, and the user's waiting one; one query.

    Those that workers have or had; of those that ended well only the last. Each has n_files.
    """
    rows = (
        StimulusUpload.objects.filter(stimulus_set=stimulus_set)
        .filter(Q(submitted_at__isnull=False) | Q(owner=user))
        .select_related("stimulus_import", "stimulus_set")
        .annotate(n_files=Count("files"))
        .order_by("-submitted_at", "-pk")
    )
    found: list[StimulusUpload] = list(rows[:SHOWN])
    handed_over = [each for each in found if each.submitted_at is not None]
    shown = [each for at, each in enumerate(handed_over) if at == 0 or each.state != JobState.DONE.value]
    return shown, next((each for each in found if each.submitted_at is None), None)


def upload_lines(stimulus_set: StimulusSet, user: User) -> dict[str, Any]:
    """Return what a set's page says of uploads into it: nothing to who may not add sounds. One query."""
    if not stimulus_set.may_change or stimulus_set.provenance.get("kind", "import") != "import":
        return {"adds_sounds": False}
    uploads, waiting = list_uploads(stimulus_set, user)
    return {
        "adds_sounds": True,
        "n_waiting": getattr(waiting, "n_files", 0),
        "uploads": [
            {"upload": each, "progress": job_progress(each, unit="file"), "may_cancel": may_cancel(user, each)}
            for each in uploads
        ],
    }


def get_upload(stimulus_set: StimulusSet, key: int) -> StimulusUpload:
    """Return an upload into the set that was handed to a worker. Raises NotFound."""
    found = StimulusUpload.objects.filter(stimulus_set=stimulus_set, pk=key, submitted_at__isnull=False).first()
    if found is None:
        raise NotFound("there is no such upload into this set")
    return found
