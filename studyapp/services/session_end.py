"""End a session."""

import secrets

from django.utils import timezone

from studyapp.models import Exclusion, Session
from studyapp.selectors.study_config import frozen_config
from studyapp.vocab import ExclusionReason, Outcome, Step

CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # without letters that are misread when typed: I, L, O, 0, 1
COMPLETION_LETTERS = 10
WITHDRAWAL_LETTERS = 20  # about 99 bits

# Sessions that end so hold nothing that could be withdrawn.
NOTHING_TO_WITHDRAW = (
    Outcome.NO_CONSENT,
    Outcome.DEVICE_UNSUITABLE,
    Outcome.QUOTA_FULL,
    Outcome.DUPLICATE,
    Outcome.WITHDRAWN,
)


def end_session(*, session: Session, outcome: Outcome) -> None:
    """End the locked session. Its codes are made here, after the last answer, and exist nowhere before."""
    if outcome is Outcome.COMPLETED and session.trials.filter(completed_at__isnull=True).exists():
        raise RuntimeError(f"session {session.pk} has open trials and cannot be completed")
    session.step = Step.ENDED.value
    session.outcome = outcome.value
    session.ended_at = timezone.now()
    # Who completed the session and withdraws later keeps the code: it is owed for the time that was given.
    session.completion_code = session.completion_code or _completion_code(session, outcome)
    session.withdrawal_code = None if outcome in NOTHING_TO_WITHDRAW else random_code(WITHDRAWAL_LETTERS)
    session.save(update_fields=["step", "outcome", "ended_at", "completion_code", "withdrawal_code", "last_seen_at"])


def _completion_code(session: Session, outcome: Outcome) -> str:
    """Return the study's code for the outcome; a random one for a completed session where the study gives none."""
    given = getattr(frozen_config(session.version).end, outcome.value).code
    if given is None and outcome is Outcome.COMPLETED:
        return random_code(COMPLETION_LETTERS)
    return given or ""


def random_code(n_letters: int) -> str:
    """Return a code that nobody can guess, of letters that are not misread."""
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(n_letters))


def exclude_session(*, session: Session, reason: ExclusionReason, detail: str) -> Exclusion:
    """Leave the session out of analyses by a rule; its answers stay. Doing it again changes nothing."""
    exclusion, _ = Exclusion.objects.get_or_create(session=session, reason=reason.value, defaults={"detail": detail})
    return exclusion
