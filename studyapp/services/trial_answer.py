"""Store the answer to a trial, and the reasons for it."""

from django.utils import timezone

from studyapp.design.actions import AnswerAction, ReasonAction
from studyapp.design.config import Reasons, StudyConfig
from studyapp.design.orders import order_reasons
from studyapp.errors import InvalidAction, SessionConflict
from studyapp.models import ChosenReason, Response, Session
from studyapp.selectors.session_state import trial_phase
from studyapp.selectors.session_trial import OpenTrial
from studyapp.selectors.study_config import frozen_config
from studyapp.services.session_end import end_session
from studyapp.services.trial_play import require_trial
from studyapp.vocab import Label, Outcome


def answer_trial(*, session: Session, action: AnswerAction) -> None:
    """Store the answer; the trial is complete with it unless a reason is to follow.

    Raises SessionConflict: not_heard, too_early, already_answered, wrong_position.
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
    reasons = config.task.reasons
    asks = _asks_reason(reasons, action.label)
    codes = [item.code for item in reasons.items]
    Response.objects.create(
        trial=current.trial,
        choice=action.choice,
        confidence=action.confidence,
        rt_from_onset_ms=action.rt_from_onset_ms,
        rt_from_offset_ms=action.rt_from_offset_ms,
        choice_position=0 if (action.label is Label.FAKE) == session.fake_is_first else 1,
        response_source=action.source,
        idempotency_key=action.key,
        reason_order=order_reasons(codes, seed=session.seed, shuffle=reasons.shuffle) if asks else [],
    )
    if not asks:
        _complete(session, current)


def give_reason(*, session: Session, action: ReasonAction) -> None:
    """Store the reasons of the answer; the trial is complete with them.

    Raises SessionConflict when no reason is asked for now, InvalidAction when the menu does not allow these.
    """
    current = require_trial(session, action.position)
    if current.response is None:
        raise SessionConflict("not_answered", "answer the sound first")
    config = frozen_config(session.version)
    with_text = _check_reasons(config, action)
    response = current.response
    ChosenReason.objects.bulk_create(
        ChosenReason(response=response, code=code, text=action.text.strip() if code in with_text else "")
        for code in action.codes
    )
    response.reason_rt_ms = action.rt_ms
    response.save(update_fields=["reason_rt_ms"])
    _complete(session, current)


def _asks_reason(reasons: Reasons, choice: Label) -> bool:
    return reasons.after == "both" or (reasons.after == "fake" and choice is Label.FAKE)


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


def _complete(session: Session, current: OpenTrial) -> None:
    current.trial.completed_at = timezone.now()
    current.trial.save(update_fields=["completed_at"])
    if current.next_presentation is None:
        end_session(session=session, outcome=Outcome.COMPLETED)
