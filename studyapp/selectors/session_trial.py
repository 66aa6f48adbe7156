"""Where a session stands in its trials. Every function asks a fixed number of queries, however long the study is."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from studyapp.design.answers import BEEPS, asks_reason
from studyapp.design.config import StudyConfig
from studyapp.design.config_task import Task
from studyapp.models import Play, Presentation, Response, Session, Trial
from studyapp.vocab import Label, TrialKind

# The page reports the end of a sound after a round trip, so its report is never early; this much is forgiven for the
# rounding of sample counts to seconds and for small steps of the server's clock.
CLOCK_SLACK_S = 0.05


@dataclass(kw_only=True)
class OpenTrial:
    """The current trial: its sounds, what was played of them, its answer if there is one, and the sounds to come.

    `ahead` are the tokens of the sounds of the later trials of the same block, in their order.
    """

    trial: Trial
    presentations: list[Presentation]
    response: Response | None
    has_reasons: bool
    ahead: list[str]
    plays: list[Play] = field(default_factory=list)

    @property
    def was_heard(self) -> bool:
        return any(play.ended_at is not None for play in self.plays)

    @property
    def pending_play(self) -> Play | None:
        """The last play, when nothing of its end has been reported; one that was cut off is over too."""
        last = self.plays[-1] if self.plays else None
        return last if last and last.ended_at is None and last.heard_ms is None else None

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

    def task(self, config: StudyConfig) -> str:
        """Return what is asked: the study's task, or beeps for the built-in catch trial."""
        return BEEPS if self.presentations[0].builtin else config.task.type

    def asks_reason(self, config: StudyConfig) -> bool:
        """Return whether the stored answer is followed by the menu of reasons."""
        if self.response is None:
            return False
        return asks_reason(config.task.reasons.after, task=self.task(config), choice=self.response.choice)

    def duration_s(self, session: Session, config: StudyConfig) -> float:
        """Return how long one play lasts: its sounds and the silence between them, seconds."""
        gaps_s = config.task.gap_ms / 1000 * (len(self.presentations) - 1)
        sounds_s = [float(presentation_facts(session, each)["duration_s"]) for each in self.presentations]
        return sum(sounds_s) + gaps_s

    @property
    def truth(self) -> str:
        """What would be right: real or fake, the number of the fake interval, or the number of beeps."""
        return trial_truth(self.presentations)


def trial_truth(presentations: list[Presentation]) -> str:
    """Return what would be right in a trial of these presentations, as studyapp.design.answers.is_right takes it."""
    first = presentations[0]
    if first.builtin:
        return first.builtin.rsplit(":", 1)[-1]
    frozen = [each.frozen_stimulus for each in presentations if each.frozen_stimulus]
    if len(frozen) > 1:
        return str([each.label for each in frozen].index(Label.FAKE.value) + 1)
    return frozen[0].right_answer or frozen[0].label


def presentation_facts(session: Session, presentation: Presentation) -> dict[str, Any]:
    """Return {path, duration_s} of the copy that is served."""
    frozen = presentation.frozen_stimulus
    if frozen is not None:
        return {"path": frozen.copy_path, "duration_s": frozen.duration_s}
    test, variant = presentation.builtin.split(":", 1)
    found = session.version.screening[test][variant]
    return {"path": str(found["path"]), "duration_s": float(found["duration_s"])}


def current_trial(session: Session) -> Trial | None:
    """Return the first trial that is not complete; None when all are. One query."""
    open_trials = session.trials.filter(completed_at__isnull=True).select_related("response")
    return open_trials.order_by("position").first()


def presentations_to_come(session: Session, trial: Trial) -> "QuerySet[Presentation]":
    """Return the sounds of the current trial and of all later ones in its block, in their order."""
    return Presentation.objects.filter(
        trial__session=session, trial__block_id=trial.block_id, trial__completed_at__isnull=True
    ).order_by("trial__position", "interval")


def open_trial(session: Session) -> OpenTrial | None:
    """Return the first trial that is not complete; None when all are. Four queries, five after the answer."""
    trial = current_trial(session)
    if trial is None:
        return None
    presentations = list(trial.presentations.select_related("frozen_stimulus").order_by("interval"))
    later = presentations_to_come(session, trial).filter(trial__position__gt=trial.position)
    response = getattr(trial, "response", None)
    return OpenTrial(
        trial=trial,
        presentations=presentations,
        response=response,
        has_reasons=response is not None and response.chosen_reasons.exists(),
        ahead=list(later.values_list("token", flat=True)),
        plays=list(presentations[0].plays.order_by("number")),
    )


def is_practice(trial: Trial) -> bool:
    return trial.kind == TrialKind.PRACTICE


def time_left(session: Session, *, since: datetime, duration_s: float, now: datetime) -> timedelta:
    """Return how long the sound granted at `since` must still last by the server's clock; zero or more.

    For simulated participants the duration is multiplied by the session's time_scale. Where the clock was set back to
    before the grant it says nothing, and nobody is held up by it.
    """
    if now < since:
        return timedelta(0)
    least_s = max(0.0, duration_s - CLOCK_SLACK_S) * session.time_scale
    return max(timedelta(0), since + timedelta(seconds=least_s) - now)
