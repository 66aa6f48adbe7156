"""Keep what a participant's browser reports beside the answers."""

from collections.abc import Mapping

from studyapp.design.actions import EventAction
from studyapp.errors import InvalidAction
from studyapp.models import ClientEvent, Session
from studyapp.selectors.session_trial import current_trial
from studyapp.vocab import Step

AUDIO_EVENT = "audio_ready"  # the browser opened its sound output
# What of it is kept with the session, and the bounds within which it makes sense.
AUDIO_FACTS = {
    "sample_rate_hz": (1000, 1_000_000),
    "base_latency_ms": (0, 10_000),
    "output_latency_ms": (0, 10_000),
}
MAX_EVENTS = 2000  # per session: far above what a long study gives, and a bound for a page that runs wild


def record_event(*, session: Session, action: EventAction) -> ClientEvent:
    """Store a note of the client; what it says of the sound output is kept with the session too.

    It never changes the state. Raises InvalidAction beyond MAX_EVENTS.
    """
    if session.events.count() >= MAX_EVENTS:
        raise InvalidAction(f"event: this session has {MAX_EVENTS} events; no more are kept")
    trial = current_trial(session) if session.step in (Step.PRACTICE, Step.TRIALS) else None
    position = trial.position if trial else None
    if action.event == AUDIO_EVENT:
        session.client = session.client | audio_facts(action.data)
        session.save(update_fields=["client"])
    return ClientEvent.objects.create(
        session=session, event=action.event, data=dict(action.data), trial_position=position
    )


def audio_facts(data: Mapping[str, object]) -> dict[str, float]:
    """Return the figures of the browser's sound output that make sense; of anything else nothing is taken.

    >>> audio_facts({"sample_rate_hz": 48000, "base_latency_ms": None, "output_latency_ms": -1, "agent": "Mozilla"})
    {'sample_rate_hz': 48000}
    """
    facts: dict[str, float] = {}
    for name, (least, most) in AUDIO_FACTS.items():
        value = data.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most:
            facts[name] = value
    return facts
