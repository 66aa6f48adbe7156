"""Take an action of a participant's client: one short transaction, the session's row locked, its state read inside."""

import hashlib

from django.db import IntegrityError, transaction

from studyapp.design import actions
from studyapp.errors import InvalidAction, NotFound, SessionConflict
from studyapp.models import Session, SessionAction
from studyapp.services.screening_run import answer_screening, play_screening
from studyapp.services.session_events import record_event
from studyapp.services.session_questions import answer_eligibility, answer_questions, leave_instructions
from studyapp.services.session_steps import answer_consent, check_device, leave_unplayable, leave_volume
from studyapp.services.session_timeout import close_if_timed_out
from studyapp.services.trial_answer import answer_trial, give_reason
from studyapp.services.trial_play import finish_play, go_past, grant_play, skip_trial
from studyapp.services.withdrawal import withdraw


def perform_action(*, token: str, name: str, action: actions.Action) -> Session:
    """Apply the action to the session that the token opens, and return the session as it is then.

    An action whose key was taken before, with the same body, changes nothing.

    Raises NotFound for an unknown token, SessionConflict when the action does not fit the state, InvalidAction when its
    content is not allowed by the study, or its key was taken with another content.
    """
    body_sha256 = hashlib.sha256(f"{name} {action.model_dump_json()}".encode()).hexdigest()
    try:
        with transaction.atomic():
            session = _lock(token)
            known = SessionAction.objects.filter(session=session, key=action.key).first()
            if known is not None:
                if known.body_sha256 not in ("", body_sha256):
                    raise InvalidAction("key: was used for another action; make a new one for each")
                return session
            if session.erased_at is not None and isinstance(action, actions.EventAction):
                return session  # of who withdrew nothing more is kept, whatever a tab that was left open still says
            is_over = close_if_timed_out(session)
            if not is_over:
                _apply(session, action)
                SessionAction.objects.create(session=session, key=action.key, action=name, body_sha256=body_sha256)
                session.save(update_fields=["last_seen_at"])
    except IntegrityError:
        # The row lock keeps two actions of a session apart; the constraints have the last word where it does not.
        raise SessionConflict("conflict", "another action came first") from None
    if is_over:  # said after the transaction, which has ended the session
        raise SessionConflict("timed_out", "the session's time is over, and this came too late to be stored")
    return session


def _lock(token: str) -> Session:
    try:
        return Session.objects.select_for_update(of=("self",)).select_related("version").get(token=token)
    except Session.DoesNotExist:
        raise NotFound("there is no such session") from None


def _apply(session: Session, action: actions.Action) -> None:
    match action:
        case actions.DeviceAction():
            check_device(session=session, action=action)
        case actions.ConsentAction():
            answer_consent(session=session, action=action)
        case actions.EligibilityAction():
            answer_eligibility(session=session, action=action)
        case actions.VolumeAction():
            leave_volume(session=session)
        case actions.UnplayableAction():
            leave_unplayable(session=session, action=action)
        case actions.ScreeningPlayAction():
            play_screening(session=session, action=action)
        case actions.ScreeningAnswerAction():
            answer_screening(session=session, action=action)
        case actions.InstructionsAction():
            leave_instructions(session=session, action=action)
        case actions.QuestionsAction():
            answer_questions(session=session, action=action)
        case actions.WithdrawAction():
            withdraw(session=session)
        case actions.EventAction():
            record_event(session=session, action=action)
        case _:
            _apply_to_trial(session, action)


def _apply_to_trial(session: Session, action: actions.Action) -> None:
    match action:
        case actions.PlayAction():
            grant_play(session=session, action=action)
        case actions.PlayedAction():
            finish_play(session=session, action=action)
        case actions.AnswerAction():
            answer_trial(session=session, action=action)
        case actions.ReasonAction():
            give_reason(session=session, action=action)
        case actions.SkipAction():
            skip_trial(session=session, action=action)
        case actions.ContinueAction():
            go_past(session=session, action=action)
        case _:
            raise TypeError(f"no service takes {type(action).__name__}")
