"""Store the answer to a trial, and the reasons for it."""

from studyapp.design.actions import AnswerAction, ReasonAction
from studyapp.design.answers import called
from studyapp.design.config import StudyConfig
from studyapp.design.orders import order_reasons
from studyapp.errors import InvalidAction, SessionConflict
from studyapp.models import ChosenReason, Response, Session
from studyapp.selectors.session_trial import OpenTrial
from studyapp.selectors.session_trial_state import asks_confidence, trial_choices, trial_phase
from studyapp.selectors.study_config import frozen_config
from studyapp.services.trial_end import complete_trial
from studyapp.services.trial_play import require_trial
from studyapp.vocab import TrialKind


def answer_trial(*, session: Session, action: AnswerAction) -> None:
    """Store the answer; the trial is complete with it unless a reason or feedback is to follow.

    Raises SessionConflict: not_heard, too_early, already_answered, wrong_position; InvalidAction for an answer that the
    trial does not take.
    """
    current = require_trial(session, action.position)
    config = frozen_config(session.version)
    if current.response is not None:
        raise SessionConflict("already_answered", "this sound was answered")
    phase, wait_ms = trial_phase(session, config, current)
    if wait_ms > 0:
        raise SessionConflict("too_early", "the sound has not ended yet")
    if phase == "play":
        raise SessionConflict("not_heard", "the sound has not been heard to its end")
    _store(session, config, current, action)
    if not current.asks_reason(config):
        _finish(session, config, current)


def _store(session: Session, config: StudyConfig, current: OpenTrial, action: AnswerAction) -> None:
    offered = [choice.value for choice in trial_choices(session, config, current)]
    if action.choice not in offered:
        raise InvalidAction(f"choice: {action.choice!r} is no answer to this trial; allowed: {', '.join(offered)}")
    if asks_confidence(config, current) != (action.confidence is not None):
        raise InvalidAction("confidence: is asked for, or not, by the state's trial.confidence")
    choice, value = called(current.task(config), action.choice)
    response = Response(
        trial=current.trial,
        choice=choice,
        value=value,
        confidence=action.confidence,
        rt_from_onset_ms=action.rt_from_onset_ms,
        rt_from_offset_ms=action.rt_from_offset_ms,
        choice_position=offered.index(action.choice),
        response_source=action.source,
        idempotency_key=action.key,
    )
    current.response = response
    if current.asks_reason(config):
        reasons = config.task.reasons
        codes = [item.code for item in reasons.items]
        response.reason_order = order_reasons(codes, seed=session.seed, shuffle=reasons.shuffle)
    response.save(force_insert=True)


def give_reason(*, session: Session, action: ReasonAction) -> None:
    """Store the reasons of the answer; the trial is complete with them, unless feedback is to follow.

    Raises SessionConflict when no reason is asked for now, InvalidAction when the menu does not allow these.
    """
    current = require_trial(session, action.position)
    if current.response is None:
        raise SessionConflict("not_answered", "answer the sound first")
    config = frozen_config(session.version)
    if current.has_reasons or not current.asks_reason(config):
        raise SessionConflict("already_answered", "no reason is asked for now")
    with_text = _check_reasons(config, action)
    response = current.response
    ChosenReason.objects.bulk_create(
        ChosenReason(response=response, code=code, text=action.text.strip() if code in with_text else "")
        for code in action.codes
    )
    response.reason_rt_ms = action.rt_ms
    response.save(update_fields=["reason_rt_ms"])
    _finish(session, config, current)


def _finish(session: Session, config: StudyConfig, current: OpenTrial) -> None:
    if current.trial.kind == TrialKind.PRACTICE and config.practice.feedback:
        return
    complete_trial(session=session, config=config, current=current)


def _check_reasons(config: StudyConfig, action: ReasonAction) -> set[str]:
    """Return the chosen codes that take the text. Raises InvalidAction."""
    reasons = config.task.reasons
    items = {item.code: item for item in reasons.items}
    unknown = [code for code in action.codes if code not in items]
    if unknown:
        raise InvalidAction(f"codes: {unknown[0]!r} is not in the menu; allowed: {', '.join(items)}")
    if len(set(action.codes)) != len(action.codes):
        raise InvalidAction("codes: a reason is given twice")
    if reasons.mode == "single" and len(action.codes) != 1:
        raise InvalidAction("codes: exactly one reason is asked for")
    with_text = {code for code in action.codes if items[code].needs_text}
    if with_text and not action.text.strip():
        raise InvalidAction("text: this reason needs a few words")
    if action.text.strip() and not with_text:
        raise InvalidAction("text: no chosen reason takes a text")
    return with_text
