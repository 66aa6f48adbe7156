"""Where a session stands in its headphone screening."""

from dataclasses import dataclass
from typing import Any

from studyapp.design.screening_plan import CHANNELS
from studyapp.models import ScreeningAttempt, ScreeningTrial, Session

SWAPPED = "swapped"


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


def screening_example(session: Session, test: str) -> dict[str, Any] | None:
    """Return {path, answer} of the test's example sound, as the version's launch stored it; None without one."""
    found: dict[str, Any] | None = session.version.screening.get("examples", {}).get(test)
    return found


def is_swapped(session: Session) -> bool:
    """Return whether the last channel check found left and right exchanged. One query."""
    last = session.screening_attempts.filter(test=CHANNELS, ended_at__isnull=False).order_by("-number").first()
    return last is not None and last.verdict == SWAPPED
