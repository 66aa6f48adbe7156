"""Where a session stands in its trials. Every function asks a fixed number of queries, however long the study is."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from studyapp.design.config import Task
from studyapp.models import Play, Presentation, Response, Session, Trial

# The page reports the end of a sound after a round trip, so its report is never early; this much is forgiven for the
# rounding of sample counts to seconds and for small steps of the server's clock.
CLOCK_SLACK_S = 0.05


@dataclass(frozen=True, kw_only=True)
class OpenTrial:
    """The current trial: its sound, what was played of it, its answer if there is one, and the next trial's sound."""

    trial: Trial
    presentation: Presentation
    response: Response | None
    next_presentation: Presentation | None
    plays: list[Play] = field(default_factory=list)

    @property
    def was_heard(self) -> bool:
        return any(play.ended_at is not None for play in self.plays)

    @property
    def pending_play(self) -> Play | None:
        """The last play, when its end has not been reported."""
        return self.plays[-1] if self.plays and self.plays[-1].ended_at is None else None

    def plays_left(self, task: Task) -> int:
        """Return how many more plays the server would grant now.

        `replays_after_fault` come on top once every ordinary play was granted and none was heard to its end.
        """
        if self.response is not None:
            return 0
        n_ordinary = task.plays - len(self.plays)
        if n_ordinary > 0 or self.was_heard:
            return max(0, n_ordinary)
        return max(0, n_ordinary + task.replays_after_fault)


def presentations_to_come(session: Session) -> list[Presentation]:
    """Return the sounds of the current and the next trial (none, one or two)."""
    return list(
        Presentation.objects.filter(trial__session=session, trial__completed_at__isnull=True)
        .select_related("trial__response", "frozen_stimulus")
        .order_by("trial__position", "interval")[:2]
    )


def open_trial(session: Session) -> OpenTrial | None:
    """Return the first trial that is not complete; None when all are."""
    coming = presentations_to_come(session)
    if not coming:
        return None
    current = coming[0]
    return OpenTrial(
        trial=current.trial,
        presentation=current,
        response=getattr(current.trial, "response", None),
        next_presentation=coming[1] if len(coming) > 1 else None,
        plays=list(current.plays.order_by("number")),
    )


def time_left(session: Session, *, since: datetime, duration_s: float, now: datetime) -> timedelta:
    """Return how long the sound granted at `since` must still last by the server's clock; zero or more.

    For simulated participants the duration is multiplied by the session's time_scale.
    """
    least_s = max(0.0, duration_s - CLOCK_SLACK_S) * session.time_scale
    return max(timedelta(0), since + timedelta(seconds=least_s) - now)
