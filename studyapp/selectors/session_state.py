"""What a participant's browser is told. Only the fields of docs/participant_protocol.md leave the server."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from studyapp.design.config import StudyConfig
from studyapp.design.config_questions import Question
from studyapp.design.markup import render_markdown
from studyapp.design.question_answers import wrong_answers
from studyapp.design.screening_plan import screening_stages
from studyapp.errors import NotFound
from studyapp.models import QuestionAnswer, Session
from studyapp.selectors.session_end import end_state
from studyapp.selectors.session_screening import (
    SWAPPED,
    OpenScreening,
    is_swapped,
    open_screening,
    screening_duration_s,
    screening_example,
)
from studyapp.selectors.session_sound import example_token, volume_token
from studyapp.selectors.session_trial import open_trial, time_left
from studyapp.selectors.session_trial_state import PlannedRow, planned_rows, trial_state
from studyapp.selectors.study_config import frozen_config
from studyapp.vocab import Step, TrialKind

STEPS_OF_TRIALS = (Step.PRACTICE, Step.TRIALS)
STEPS_OF_NOTICES = (Step.SCREENING, Step.INSTRUCTIONS)


def find_session(token: str) -> Session:
    """Return the session that the token opens. Raises NotFound."""
    try:
        return Session.objects.select_related("version").get(token=token)
    except Session.DoesNotExist:
        raise NotFound("there is no such session") from None


def session_state(session: Session) -> dict[str, Any]:
    """Return the state that the page shows, from what the database holds now.

    The state takes several queries. When another tab ends the step in between, what the step shows is gone; then the
    session is read again. A session only goes forward, so this ends.
    """
    config = frozen_config(session.version)
    for _ in Step:
        state = _read_state(session, config)
        if state is not None:
            return state
        session.refresh_from_db(fields=["step", "outcome", "completion_code", "withdrawal_code"])
    raise RuntimeError(f"session {session.pk} is in the step {session.step}, which has nothing to show")


def _read_state(session: Session, config: StudyConfig) -> dict[str, Any] | None:
    """Return the state; None when the session is no longer in the step that it was read in."""
    current = open_trial(session) if session.step in STEPS_OF_TRIALS else None
    screening = open_screening(session) if session.step == Step.SCREENING else None
    if (session.step in STEPS_OF_TRIALS and current is None) or (session.step == Step.SCREENING and screening is None):
        return None
    planned = planned_rows(session)
    state: dict[str, Any] = {
        "step": session.step,
        "title": config.title,
        "session": session.token,
        "progress": _progress(planned),
        "notice": SWAPPED if session.step in STEPS_OF_NOTICES and is_swapped(session) else None,
    }
    if current is not None:
        return state | {"trial": trial_state(session, config, current, planned)}
    if screening is not None:
        return state | {"screening": _screening(session, config, screening)}
    return state | _step_fields(session, config)


def _progress(planned: Sequence[PlannedRow]) -> dict[str, int]:
    """Return how many of the trials that count are done; zero of zero before they are planned."""
    counted = [row for row in planned if row.kind != TrialKind.PRACTICE]
    return {"done": sum(row.completed_at is not None for row in counted), "total": len(counted)}


def _step_fields(session: Session, config: StudyConfig) -> dict[str, Any]:
    """Return what a step shows that needs no trial."""
    match Step(session.step):
        case Step.DEVICE:
            return {}
        case Step.CONSENT:
            return {"consent": consent_fields(config)}
        case Step.ELIGIBILITY:
            return {"eligibility": {"questions": question_fields(config.eligibility.questions)}}
        case Step.VOLUME:
            return {"volume": {"sound": volume_token(session)}}
        case Step.INSTRUCTIONS:
            return {"instructions": _instructions(session, config)}
        case Step.QUESTIONS:
            return {"questions": {"questions": question_fields(config.questions.questions)}}
        case Step.ENDED:
            return {"end": end_state(session, config)}
        case Step.SCREENING | Step.PRACTICE | Step.TRIALS as step:
            raise ValueError(f"the step {step} shows a trial")


def consent_fields(config: StudyConfig) -> dict[str, Any]:
    """Return what the consent page shows."""
    consent = config.consent
    return {
        "html": render_markdown(consent.text),
        "ticks": [
            {"code": tick.code, "label_html": render_markdown(tick.label), "required": tick.required}
            for tick in consent.ticks
        ],
        "agree_label": consent.agree_label,
        "decline_label": consent.decline_label,
    }


def question_fields(questions: Sequence[Question]) -> list[dict[str, Any]]:
    """Return the questions as the page asks them: never which answers admit, or are right."""
    return [
        {
            "code": question.code,
            "text": question.text,
            "kind": question.kind,
            "options": [{"value": option.value, "label": option.label} for option in question.options],
            "required": question.required,
            "minimum": question.minimum if question.kind == "number" else None,
            "maximum": question.maximum if question.kind == "number" else None,
        }
        for question in questions
    ]


def _instructions(session: Session, config: StudyConfig) -> dict[str, Any]:
    asked = config.instructions.questions
    last: dict[int, dict[str, str]] = {}
    tries = QuestionAnswer.objects.filter(session=session, step=Step.INSTRUCTIONS.value) if asked else ()
    for given in tries:
        last.setdefault(given.attempt, {})[given.code] = given.answer
    n_tries = max(last, default=0)
    return {
        "html": render_markdown(config.instructions.text),
        "questions": question_fields(asked),
        "tries": n_tries,
        "wrong": wrong_answers(asked, last[n_tries]) if n_tries else [],
    }


def _screening(session: Session, config: StudyConfig, screening: OpenScreening) -> dict[str, Any]:
    attempt, trial = screening.attempt, screening.trial
    wait_ms = 0
    if trial.played_at is not None:
        duration_s = screening_duration_s(session, trial)
        left = time_left(session, since=trial.played_at, duration_s=duration_s, now=timezone.now())
        wait_ms = round(left.total_seconds() * 1000)
    stage = next(each for each in screening_stages(config) if each.test == attempt.test)
    example = screening_example(session, attempt.test)
    return {
        "test": attempt.test,
        "attempt": attempt.number,
        "attempts": stage.attempts,
        "position": trial.position,
        "n_trials": attempt.n_trials,
        "played": trial.n_plays > 0,
        "wait_ms": wait_ms,
        "sound": trial.token,
        "next_sound": screening.next_trial.token if screening.next_trial else None,
        "answers": [1, 2, 3],
        "failed_before": attempt.number > 1,
        "example": {"sound": example_token(session, attempt.test), "answer": example["answer"]} if example else None,
    }
