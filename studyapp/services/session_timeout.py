"""End sessions that were left open for too long: their answers stay, and their places are free again."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from studyapp.models import Session, Study
from studyapp.selectors.study_config import frozen_config
from studyapp.services.session_end import end_session
from studyapp.vocab import Outcome

MAX_ENDED_AT_ONCE = 100  # in one transaction, so that nobody waits for it


def is_timed_out(session: Session) -> bool:
    """Return whether the session is open for longer than its study allows."""
    limit = timedelta(minutes=frozen_config(session.version).recruitment.time_limit_min)
    return not session.outcome and session.started_at + limit < timezone.now()


def close_if_timed_out(session: Session) -> bool:
    """End the locked session when its time is over; return whether it was."""
    if not is_timed_out(session):
        return False
    end_session(session=session, outcome=Outcome.TIMED_OUT)
    return True


def end_if_timed_out(session: Session) -> Session:
    """Return the session as it is, ended when its time is over."""
    if not is_timed_out(session):
        return session
    with transaction.atomic():
        locked = Session.objects.select_for_update(of=("self",)).select_related("version").get(pk=session.pk)
        close_if_timed_out(locked)
    return locked


def end_timed_out(study: Study) -> int:
    """End the study's sessions whose time is over, at most MAX_ENDED_AT_ONCE of a version; return how many.

    In a transaction. Only those are read: this stands before every start.
    """
    n_ended = 0
    for version in study.versions.all():
        limit = timedelta(minutes=frozen_config(version).recruitment.time_limit_min)
        over = (
            Session.objects.select_for_update(of=("self",), skip_locked=True)
            .filter(version=version, outcome="", started_at__lt=timezone.now() - limit)
            .select_related("version")
            .order_by("started_at")
        )
        n_ended += sum(close_if_timed_out(session) for session in over[:MAX_ENDED_AT_ONCE])
    return n_ended
