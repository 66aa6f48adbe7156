"""Grant and close the plays of a trial's sounds, and lead past what cannot be played."""

from django.utils import timezone

from studyapp.design.actions import ContinueAction, PlayAction, PlayedAction, SkipAction
from studyapp.errors import SessionConflict
from studyapp.models import Play, Session
from studyapp.selectors.session_trial import OpenTrial, open_trial, time_left
from studyapp.selectors.session_trial_state import may_skip, trial_phase
from studyapp.selectors.study_config import frozen_config
from studyapp.services.session_end import end_session
from studyapp.services.trial_end import complete_trial
from studyapp.vocab import Outcome, Step, TrialKind

HEARD_SHARE = 0.98  # of the sounds' duration, by the audio clock: less is not heard to the end


def require_trial(session: Session, position: int, *, is_on_break: bool = False) -> OpenTrial:
    """Return the current trial.

    Raises SessionConflict when the position is not its own, or it lies behind a break that is not over (unless
    `is_on_break`).
    """
    if session.step not in (Step.PRACTICE, Step.TRIALS):
        raise SessionConflict("wrong_step", f"the session is in the step {session.step}, which has no trials")
    current = open_trial(session)
    if current is None or position > current.trial.position:
        raise SessionConflict("wrong_position", f"position {position} is not the current trial")
    if position < current.trial.position:
        raise SessionConflict("already_answered", f"the trial at position {position} is complete")
    if not is_on_break and current.trial.break_before and current.trial.break_ended_at is None:
        raise SessionConflict("on_break", "the break is not over")
    return current


def grant_play(*, session: Session, action: PlayAction) -> None:
    """Count one more play of the current sounds, before the client starts them."""
    current = require_trial(session, action.position)
    if current.response is not None:
        raise SessionConflict("already_answered", "this sound was answered")
    if current.plays_left(frozen_config(session.version).task) == 0:
        raise SessionConflict("no_plays_left", "this sound was played as often as the study allows")
    Play.objects.create(presentation=current.presentations[0], number=len(current.plays) + 1, started_at=timezone.now())


def finish_play(*, session: Session, action: PlayedAction) -> None:
    """Store how much of the granted play was heard; one that was heard to its end opens the answer."""
    current = require_trial(session, action.position)
    play = current.pending_play
    if play is None:
        raise SessionConflict("not_playing", "no play of this sound is open")
    now, duration_s = timezone.now(), current.duration_s(session, frozen_config(session.version))
    if time_left(session, since=play.started_at, duration_s=duration_s, now=now):
        raise SessionConflict("too_early", "the sound has not ended yet")
    # A sound that was cut off (its audio was closed, say) was not heard: the play counts as one with a fault.
    if action.heard_ms is None or action.heard_ms >= HEARD_SHARE * duration_s * 1000:
        play.ended_at = now
    play.heard_ms = action.heard_ms
    play.output_latency_ms = action.output_latency_ms
    play.save(update_fields=["ended_at", "heard_ms", "output_latency_ms"])


def skip_trial(*, session: Session, action: SkipAction) -> None:
    """Leave the trial without an answer, because the browser cannot play its sound.

    One more of them than the study allows ends the session.
    """
    current = require_trial(session, action.position)
    if current.response is not None:
        raise SessionConflict("already_answered", "this sound was answered")
    if not may_skip(current):
        raise SessionConflict("already_heard", "this sound was heard to its end; answer it")
    config = frozen_config(session.version)
    current.trial.skipped = action.problem
    current.trial.save(update_fields=["skipped"])
    if session.trials.exclude(skipped="").count() > config.task.max_skipped:
        current.trial.completed_at = timezone.now()
        current.trial.save(update_fields=["completed_at"])
        end_session(session=session, outcome=Outcome.TECHNICAL_ERROR)
        return
    complete_trial(session=session, config=config, current=current)


def go_past(*, session: Session, action: ContinueAction) -> None:
    """End the break before the trial, or leave the feedback on it."""
    current = require_trial(session, action.position, is_on_break=True)
    config = frozen_config(session.version)
    phase, _ = trial_phase(session, config, current)
    if phase == "break":
        current.trial.break_ended_at = timezone.now()
        current.trial.save(update_fields=["break_ended_at"])
    elif phase == "feedback" and current.trial.kind == TrialKind.PRACTICE:
        complete_trial(session=session, config=config, current=current)
    else:
        raise SessionConflict("nothing_to_leave", "the trial is neither in a break nor in feedback")
