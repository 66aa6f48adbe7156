"""Take a participant's actions in the headphone screening, and score it."""

from django.db.models import F
from django.utils import timezone

from studyapp.design.actions import ScreeningAnswerAction, ScreeningPlayAction
from studyapp.design.screening_plan import CHANNELS, Stage, screening_stages
from studyapp.errors import SessionConflict
from studyapp.models import ScreeningAttempt, Session
from studyapp.selectors.session_screening import OpenScreening, open_screening, screening_duration_s
from studyapp.selectors.session_trial import time_left
from studyapp.selectors.study_config import frozen_config
from studyapp.services.screening_attempt import start_attempt
from studyapp.services.session_end import end_session, exclude_session
from studyapp.services.session_steps import go_on, require_step
from studyapp.sound.channel_check import channel_verdict
from studyapp.vocab import ExclusionReason, Outcome, Step

GOOD_VERDICTS = ("ok", "swapped")


def play_screening(*, session: Session, action: ScreeningPlayAction) -> None:
    """Grant the one play of the current screening sound."""
    trial = _current(session, action.position).trial
    if trial.n_plays:
        raise SessionConflict("already_played", "this sound was played; each can be heard once")
    trial.n_plays += 1
    trial.played_at = timezone.now()
    trial.save(update_fields=["n_plays", "played_at"])


def answer_screening(*, session: Session, action: ScreeningAnswerAction) -> None:
    """Store the answer to the current screening sound; score the attempt after its last."""
    current = _current(session, action.position)
    trial, now = current.trial, timezone.now()
    if trial.played_at is None:
        raise SessionConflict("not_heard", "play the sound first")
    if time_left(session, since=trial.played_at, duration_s=screening_duration_s(session, trial), now=now):
        raise SessionConflict("too_early", "the sound has not ended yet")
    trial.answer = action.answer
    trial.rt_from_offset_ms = action.rt_from_offset_ms
    trial.answered_at = now
    trial.save(update_fields=["answer", "rt_from_offset_ms", "answered_at"])
    if current.next_trial is None:
        _score(session, current.attempt)


def _current(session: Session, position: int) -> OpenScreening:
    require_step(session, Step.SCREENING)
    current = open_screening(session)
    if current is None or current.trial.position != position:
        raise SessionConflict("wrong_position", f"position {position} is not the current screening sound")
    return current


def _score(session: Session, attempt: ScreeningAttempt) -> None:
    attempt.n_correct = attempt.trials.filter(answer=F("right_answer")).count()
    if attempt.test == CHANNELS:
        attempt.verdict = channel_verdict(attempt.trials.values_list("sound", "answer"))
        attempt.passed = attempt.verdict in GOOD_VERDICTS
    else:
        attempt.passed = attempt.n_correct >= attempt.pass_mark
    attempt.ended_at = timezone.now()
    attempt.save(update_fields=["n_correct", "passed", "verdict", "ended_at"])
    stages = screening_stages(frozen_config(session.version))
    place = next(place for place, stage in enumerate(stages) if stage.test == attempt.test)
    if not attempt.passed and attempt.number < stages[place].attempts:
        start_attempt(session=session, stage=stages[place])
    elif not attempt.passed and stages[place].action == "exclude":
        _exclude(session, attempt, stages[place])
    elif place + 1 < len(stages):
        start_attempt(session=session, stage=stages[place + 1])
    else:
        # After flag and record, too: the failed attempts are on record, and selectors.flags reads them.
        go_on(session=session, config=frozen_config(session.version))


def _exclude(session: Session, attempt: ScreeningAttempt, stage: Stage) -> None:
    found = f" ({attempt.verdict})" if attempt.verdict else ""
    detail = (
        f"{attempt.test}: {attempt.n_correct} of {attempt.n_trials} right{found} in attempt {attempt.number} of "
        f"{stage.attempts}; {attempt.pass_mark} needed"
    )
    exclude_session(session=session, reason=ExclusionReason.FAILED_HEADPHONE, detail=detail)
    end_session(session=session, outcome=Outcome.FAILED_HEADPHONE)
