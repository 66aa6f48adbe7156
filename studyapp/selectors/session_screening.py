"""Where a session stands in its headphone screening."""

from dataclasses import dataclass

from studyapp.models import ScreeningAttempt, ScreeningTrial, Session

QUESTIONS = {"antiphase": "Which sound was the quietest: 1, 2 or 3?"}


@dataclass(frozen=True, kw_only=True)
class OpenScreening:
    """The open attempt, its current trial and the one after it."""

    attempt: ScreeningAttempt
    trial: ScreeningTrial
    next_trial: ScreeningTrial | None


def open_screening(session: Session) -> OpenScreening | None:
    """Return the first screening trial without an answer; None when no attempt is open."""
    trials = list(
        ScreeningTrial.objects.filter(attempt__session=session, attempt__ended_at__isnull=True, answer__isnull=True)
        .select_related("attempt")
        .order_by("attempt__number", "position")[:2]
    )
    if not trials:
        return None
    return OpenScreening(attempt=trials[0].attempt, trial=trials[0], next_trial=trials[1] if len(trials) > 1 else None)


def screening_duration_s(session: Session, trial: ScreeningTrial) -> float:
    """Return the duration of a screening trial's sound, seconds, as the version's launch recorded it."""
    return float(session.version.screening[trial.attempt.test][trial.sound]["duration_s"])
