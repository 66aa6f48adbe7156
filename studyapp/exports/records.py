"""What was recorded beside the answers: what browsers reported, and the screening tests with each of their trials."""

import re
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

from studyapp.models import ClientEvent, ScreeningAttempt, ScreeningTrial, Study
from studyapp.selectors.analysis import sessions_of
from studyapp.vocab import Origin

CHUNK = 2000  # rows fetched from the database at a time
_CODE = re.compile(r"[A-Za-z0-9_.:+-]{1,40}")

_WHO = ["row_id", "study_id", "session_id", "subject_id"]
EVENT_HEADER = [*_WHO, "trial_order", "event", "event_detail", "event_at_utc"]
ATTEMPT_HEADER = [
    *_WHO,
    "screening_test",
    "screening_attempt",
    "n_screening_trials",
    "pass_mark",
    "n_correct",
    "passed",
    "screening_verdict",
    "screening_started_at_utc",
    "screening_ended_at_utc",
]
SCREENING_TRIAL_HEADER = [
    *_WHO,
    "screening_test",
    "screening_attempt",
    "screening_trial",
    "screening_sound",
    "right_interval",
    "chosen_interval",
    "rt_from_offset_ms",
    "n_plays",
]


def event_rows(study: Study, origin: Origin) -> Iterator[list[Any]]:
    """Yield a row for each thing that a browser reported."""
    found = ClientEvent.objects.filter(session__in=sessions_of(study=study, origin=origin))
    found = found.select_related("session__participant").order_by("session", "pk")
    return _rows(study, found, lambda each: each.session, _event)


def attempt_rows(study: Study, origin: Origin) -> Iterator[list[Any]]:
    """Yield a row for each go at a screening test."""
    found = ScreeningAttempt.objects.filter(session__in=sessions_of(study=study, origin=origin))
    found = found.select_related("session__participant").order_by("session", "pk")
    return _rows(study, found, lambda each: each.session, _attempt)


def screening_trial_rows(study: Study, origin: Origin) -> Iterator[list[Any]]:
    """Yield a row for each sound of a screening test, with its answer."""
    found = ScreeningTrial.objects.filter(attempt__session__in=sessions_of(study=study, origin=origin))
    found = found.select_related("attempt__session__participant").order_by("attempt", "position")
    return _rows(study, found, lambda each: each.attempt.session, _screening_trial)


def detail_words(data: dict[str, Any]) -> str:
    """Return what a report says, as name=value pairs. Only figures and codes: free words may say who somebody is.

    >>> detail_words({"status": 503, "state": "suspended", "ok": True, "said": "I am Ann", "code": None})
    'ok=true; state=suspended; status=503'
    """
    told = {}
    for name, value in sorted(data.items()):
        if isinstance(value, bool):
            told[name] = "true" if value else "false"
        elif isinstance(value, int | float) or (isinstance(value, str) and _CODE.fullmatch(value)):
            told[name] = str(value)
    return "; ".join(f"{name}={value}" for name, value in told.items() if _CODE.fullmatch(name))


def _rows(
    study: Study, found: Any, session_of: Callable[[Any], Any], cells: Callable[[Any], list[Any]]
) -> Iterator[list[Any]]:
    for number, each in zip(count(1), found.iterator(CHUNK), strict=False):
        session = session_of(each)
        yield [number, study.slug, session.pk, session.participant.pseudonym, *cells(each)]


def _event(event: ClientEvent) -> list[Any]:
    return [event.trial_position, event.event, detail_words(event.data), event.at]


def _attempt(attempt: ScreeningAttempt) -> list[Any]:
    return [
        attempt.test,
        attempt.number,
        attempt.n_trials,
        attempt.pass_mark,
        attempt.n_correct,
        attempt.passed,
        attempt.verdict,
        attempt.started_at,
        attempt.ended_at,
    ]


def _screening_trial(trial: ScreeningTrial) -> list[Any]:
    return [
        trial.attempt.test,
        trial.attempt.number,
        trial.position,
        trial.sound,
        trial.right_answer,
        trial.answer,
        trial.rt_from_offset_ms,
        trial.n_plays,
    ]
