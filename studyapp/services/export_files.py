"""The files of a study's exports: deleted when what is in them must no longer be."""

from django.db import transaction

from studyapp.models import Study, StudyExport
from studyapp.services import media
from studyapp.services.jobs import cancel
from studyapp.vocab import JobState


def forget_exports(*, study_id: int) -> int:
    """Delete the files of all exports of the study, once the transaction holds; the rows stay. Return how many.

    Exports under way are cancelled: they may have read what must no longer be.
    """
    cancel(StudyExport.objects.filter(study_id=study_id))
    made = StudyExport.objects.filter(study_id=study_id).exclude(file_name="")
    names = set(made.values_list("file_name", flat=True))
    n_files = made.update(file_name="")
    elsewhere = set(StudyExport.objects.filter(file_name__in=names).values_list("file_name", flat=True))
    for name in sorted(names - elsewhere):
        transaction.on_commit(lambda name=name: media.delete(name))  # type: ignore[misc]
    return n_files


def forget_file(name: str) -> None:
    """Delete a stored file that no export names."""
    if not StudyExport.objects.filter(file_name=name).exists():
        media.delete(name)


def keep_newest(*, study: Study, kept: int) -> None:
    """Delete the files of all but the newest exports, unless one of those has the same content; the rows stay."""
    done = list(StudyExport.objects.filter(study=study, state=JobState.DONE.value).exclude(file_name=""))
    names = {export.file_name for export in done[:kept]}
    for old in done[kept:]:
        StudyExport.objects.filter(pk=old.pk).update(file_name="")
        if old.file_name not in names:
            forget_file(old.file_name)
