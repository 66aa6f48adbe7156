"""End a session."""

import secrets

from django.utils import timezone

from studyapp.models import Exclusion, Session
from studyapp.vocab import ExclusionReason, Outcome, Step

CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # without letters that are misread when typed: I, L, O, 0, 1


def end_session(*, session: Session, outcome: Outcome) -> None:
    """End the locked session. The completion code is made here, after the last answer, and exists nowhere before."""
    session.step = Step.ENDED.value
    session.outcome = outcome.value
    session.ended_at = timezone.now()
    if outcome is Outcome.COMPLETED:
        if session.trials.filter(completed_at__isnull=True).exists():
            raise RuntimeError(f"session {session.pk} has open trials and cannot be completed")
        session.completion_code = "".join(secrets.choice(CODE_LETTERS) for _ in range(10))
    session.save(update_fields=["step", "outcome", "ended_at", "completion_code", "last_seen_at"])


def exclude_session(*, session: Session, reason: ExclusionReason, detail: str) -> Exclusion:
    """Leave the session out of analyses by a rule; its answers stay. Doing it again changes nothing."""
    exclusion, _ = Exclusion.objects.get_or_create(session=session, reason=reason.value, defaults={"detail": detail})
    return exclusion
