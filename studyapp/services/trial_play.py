"""Grant and close the plays of a trial's sound."""

from django.utils import timezone

from studyapp.design.actions import PlayAction, PlayedAction
from studyapp.errors import SessionConflict
from studyapp.models import Play, Session
from studyapp.selectors.session_trial import OpenTrial, open_trial, time_left
from studyapp.selectors.study_config import frozen_config
from studyapp.services.session_steps import require_step
from studyapp.vocab import Step


def require_trial(session: Session, position: int) -> OpenTrial:
    """Return the current trial. Raises SessionConflict when the position is not its own."""
    require_step(session, Step.TRIALS)
    current = open_trial(session)
    if current is None or position > current.trial.position:
        raise SessionConflict("wrong_position", f"position {position} is not the current trial")
    if position < current.trial.position:
        raise SessionConflict("already_answered", f"the trial at position {position} is complete")
    return current


def grant_play(*, session: Session, action: PlayAction) -> None:
    """Count one more play of the current sound, before the client starts it."""
    current = require_trial(session, action.position)
    if current.response is not None:
        raise SessionConflict("already_answered", "this sound was answered")
    if current.plays_left(frozen_config(session.version).task) == 0:
        raise SessionConflict("no_plays_left", "this sound was played as often as the study allows")
    Play.objects.create(presentation=current.presentation, number=len(current.plays) + 1, started_at=timezone.now())


def finish_play(*, session: Session, action: PlayedAction) -> None:
    """Store that the granted play was heard to its end."""
    current = require_trial(session, action.position)
    play = current.pending_play
    if play is None:
        raise SessionConflict("not_playing", "no play of this sound is open")
    now, duration_s = timezone.now(), current.presentation.frozen_stimulus.duration_s
    if time_left(session, since=play.started_at, duration_s=duration_s, now=now):
        raise SessionConflict("too_early", "the sound has not ended yet")
    play.ended_at = now
    play.heard_ms = action.heard_ms
    play.output_latency_ms = action.output_latency_ms
    play.save(update_fields=["ended_at", "heard_ms", "output_latency_ms"])
