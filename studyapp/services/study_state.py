"""Pause a study, close it to new participants, open it again, and make its pilot link anew."""

from django.db import transaction
from django.utils import timezone

from studyapp.errors import InvalidAction
from studyapp.models import Study, User
from studyapp.selectors.places import why_to_close
from studyapp.selectors.study_config import frozen_config
from studyapp.services.audit import record_audit
from studyapp.vocab import StudyState

ADMITTING = (StudyState.PILOT, StudyState.LIVE)


def pause_study(*, study: Study, user: User | None = None) -> Study:
    """Admit nobody for a while; sessions that are open go on. Raises InvalidAction unless it is live or a pilot."""
    return _change(study, user, "pause_study", allowed=ADMITTING, to=StudyState.PAUSED)


def close_study(*, study: Study, user: User | None = None) -> Study:
    """Admit nobody more; sessions that are open go on. Raises InvalidAction for a draft, or where it is closed."""
    return _change(study, user, "close_study", allowed=(*ADMITTING, StudyState.PAUSED), to=StudyState.CLOSED)


def reopen_study(*, study: Study, user: User | None = None) -> Study:
    """Admit participants to the latest version again, as what it was open: live, or the pilot.

    Raises InvalidAction unless the study was paused or closed, or where it would close by itself at once.
    """
    to = StudyState(study.opened_as or StudyState.LIVE)
    allowed = (StudyState.CLOSED, StudyState.PAUSED)
    if study.state in allowed and to is StudyState.LIVE:
        _require_places(study)
    return _change(study, user, "reopen_study", allowed=allowed, to=to)


def renew_pilot_link(*, study: Study, user: User | None = None) -> Study:
    """Make a new pilot link: the one before admits nobody any more."""
    with transaction.atomic():
        locked = Study.objects.select_for_update().get(pk=study.pk)
        locked.pilot_link_number += 1
        locked.save(update_fields=["pilot_link_number", "updated_at"])
        record_audit(actor=user, action="renew_pilot_link", object_type="study", object_id=locked.slug)
    study.pilot_link_number = locked.pilot_link_number
    return locked


def _require_places(study: Study) -> None:
    version = study.versions.order_by("-number").first()
    if version is None:
        return
    why = why_to_close(study.pk, frozen_config(version).recruitment, now=timezone.now())
    if why:
        raise InvalidAction(
            f"The study would close by itself at once: {why}. Change that in its design (recruitment), then launch it."
        )


def _change(study: Study, user: User | None, action: str, *, allowed: tuple[StudyState, ...], to: StudyState) -> Study:
    with transaction.atomic():
        locked = Study.objects.select_for_update().get(pk=study.pk)
        was = StudyState(locked.state)
        if was not in allowed:
            raise InvalidAction(
                f"the study is {was}; only a study that is {' or '.join(allowed)} can become {to.value}"
            )
        locked.state = to.value
        locked.save(update_fields=["state", "updated_at"])
        detail = {"was": was.value, "is": to.value}
        record_audit(actor=user, action=action, object_type="study", object_id=locked.slug, detail=detail)
    study.state = locked.state
    return locked
