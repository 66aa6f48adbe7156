"""Take an action of a participant's client: one short transaction, the session's row locked, its state read inside."""

from django.db import IntegrityError, transaction

from studyapp.design import actions
from studyapp.errors import NotFound, SessionConflict
from studyapp.models import Session, SessionAction
from studyapp.services.screening_run import answer_screening, play_screening
from studyapp.services.session_events import record_event
from studyapp.services.session_steps import answer_consent, leave_instructions, leave_volume
from studyapp.services.trial_answer import answer_trial, give_reason
from studyapp.services.trial_play import finish_play, grant_play


def perform_action(*, token: str, name: str, action: actions.Action) -> Session:
    """Apply the action to the session that the token opens, and return the session as it is then.

    An action whose key was taken before changes nothing.

    Raises NotFound for an unknown token, SessionConflict when the action does not fit the state, InvalidAction when its
    content is not allowed by the study.
    """
    try:
        with transaction.atomic():
            session = _lock(token)
            if SessionAction.objects.filter(session=session, key=action.key).exists():
                return session
            _apply(session, action)
            SessionAction.objects.create(session=session, key=action.key, action=name)
            session.save(update_fields=["last_seen_at"])
            return session
    except IntegrityError:
        # The row lock keeps two actions of a session apart; the constraints have the last word where it does not.
        raise SessionConflict("conflict", "another action came first") from None


def _lock(token: str) -> Session:
    try:
        return Session.objects.select_for_update(of=("self",)).select_related("version").get(token=token)
    except Session.DoesNotExist:
        raise NotFound("there is no such session") from None


def _apply(session: Session, action: actions.Action) -> None:
    match action:
        case actions.ConsentAction():
            answer_consent(session=session, action=action)
        case actions.VolumeAction():
            leave_volume(session=session)
        case actions.ScreeningPlayAction():
            play_screening(session=session, action=action)
        case actions.ScreeningAnswerAction():
            answer_screening(session=session, action=action)
        case actions.InstructionsAction():
            leave_instructions(session=session)
        case actions.PlayAction():
            grant_play(session=session, action=action)
        case actions.PlayedAction():
            finish_play(session=session, action=action)
        case actions.AnswerAction():
            answer_trial(session=session, action=action)
        case actions.ReasonAction():
            give_reason(session=session, action=action)
        case actions.EventAction():
            record_event(session=session, action=action)
        case _:
            raise TypeError(f"no service takes {type(action).__name__}")
