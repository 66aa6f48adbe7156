"""The launches of a study that were asked for."""

from studyapp.errors import NotFound
from studyapp.models import Study, StudyLaunch
from studyapp.models.job import OPEN


def open_launch(study: Study) -> StudyLaunch | None:
    """Return the launch that waits for a worker or is at work; None without one. There is one at most."""
    return StudyLaunch.objects.filter(study=study, state__in=OPEN).first()


def latest_launch(study: Study) -> StudyLaunch | None:
    """Return the latest launch that was asked for, with its owner and version."""
    return StudyLaunch.objects.filter(study=study).select_related("owner", "version").first()


def get_launch(study: Study, key: int) -> StudyLaunch:
    """Return a launch of the study. Raises NotFound."""
    found = StudyLaunch.objects.filter(study=study, pk=key).select_related("study", "version").first()
    if found is None:
        raise NotFound(f"there is no launch {key} of {study.slug}")
    return found
