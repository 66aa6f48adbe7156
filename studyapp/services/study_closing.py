"""Close studies by themselves: at their closing time, or when the last of their places is completed."""

from django.db import transaction
from django.utils import timezone

from studyapp.models import Study, StudyVersion
from studyapp.selectors.places import why_to_close
from studyapp.selectors.study_config import frozen_config
from studyapp.services.audit import record_audit
from studyapp.vocab import StudyState

CLOSED_BY_ITSELF = "close_study_by_itself"


def close_if_at_end(version: StudyVersion) -> str:
    """Close the version's study when it is live and at its end; return why, empty when it stays as it is."""
    if version.study.state != StudyState.LIVE:
        return ""
    why = why_to_close(version.study_id, frozen_config(version).recruitment, now=timezone.now())
    if not why:
        return ""
    with transaction.atomic():
        # Compare and set: whoever comes second changes nothing and records nothing.
        live = Study.objects.filter(pk=version.study_id, state=StudyState.LIVE.value)
        if live.update(state=StudyState.CLOSED.value, updated_at=timezone.now()) != 1:
            return ""
        record_audit(
            actor=None,
            action=CLOSED_BY_ITSELF,
            object_type="study",
            object_id=version.study.slug,
            detail={"why": why, "version": version.number},
        )
    return why


def close_studies_at_end() -> int:
    """Close every live study that is at its end; return how many. Workers call it again and again."""
    live = StudyVersion.objects.filter(study__state=StudyState.LIVE.value).select_related("study")
    latest: dict[int, StudyVersion] = {version.study_id: version for version in live.order_by("number")}
    return sum(bool(close_if_at_end(version)) for version in latest.values())
