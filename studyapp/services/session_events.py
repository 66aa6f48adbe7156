"""Keep what a participant's browser reports beside the answers."""

from studyapp.design.actions import EventAction
from studyapp.errors import InvalidAction
from studyapp.models import ClientEvent, Session
from studyapp.selectors.session_trial import presentations_to_come
from studyapp.vocab import Step

MAX_EVENTS = 2000  # per session: far above what a long study gives, and a bound for a page that runs wild


def record_event(*, session: Session, action: EventAction) -> ClientEvent:
    """Store a note of the client. It never changes the state. Raises InvalidAction beyond MAX_EVENTS."""
    if session.events.count() >= MAX_EVENTS:
        raise InvalidAction(f"event: this session has {MAX_EVENTS} events; no more are kept")
    coming = presentations_to_come(session) if session.step == Step.TRIALS else []
    position = coming[0].trial.position if coming else None
    return ClientEvent.objects.create(
        session=session, event=action.event, data=dict(action.data), trial_position=position
    )
