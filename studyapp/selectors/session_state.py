"""What a participant's browser is told. Only the fields of docs/participant_protocol.md leave the server."""

from typing import Any

from django.utils import timezone

from studyapp.design.config import StudyConfig
from studyapp.design.markup import render_markdown
from studyapp.design.orders import order_reasons
from studyapp.errors import NotFound
from studyapp.models import Session
from studyapp.selectors.session_screening import QUESTIONS, OpenScreening, open_screening, screening_duration_s
from studyapp.selectors.session_sound import volume_token
from studyapp.selectors.session_trial import OpenTrial, open_trial, time_left
from studyapp.selectors.study_config import frozen_config
from studyapp.vocab import Label, Outcome, Step

END_HEADINGS = {
    Outcome.COMPLETED: "You have finished",
    Outcome.NO_CONSENT: "You are not taking part",
    Outcome.FAILED_HEADPHONE: "The headphone test was not passed",
    Outcome.QUOTA_FULL: "The study is full",
}
LABEL_WORDS = {Label.REAL: "Real", Label.FAKE: "Fake"}


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
        session.refresh_from_db(fields=["step", "outcome", "completion_code"])
    raise RuntimeError(f"session {session.pk} is in the step {session.step}, which has nothing to show")


def _read_state(session: Session, config: StudyConfig) -> dict[str, Any] | None:
    """Return the state; None when the session is no longer in the step that it was read in."""
    current = open_trial(session) if session.step == Step.TRIALS else None
    screening = open_screening(session) if session.step == Step.SCREENING else None
    if (session.step == Step.TRIALS and current is None) or (session.step == Step.SCREENING and screening is None):
        return None
    progress = _progress(session, current)
    state: dict[str, Any] = {
        "step": session.step,
        "title": config.title,
        "session": session.token,
        "progress": progress,
    }
    if current is not None:
        return state | {"trial": _trial(session, config, current, progress["total"])}
    if screening is not None:
        return state | {"screening": _screening(session, config, screening)}
    return state | _step_fields(session, config)


def _progress(session: Session, current: OpenTrial | None) -> dict[str, int]:
    total = session.version.frozen_stimuli.count()
    if current is not None:
        done = current.trial.position
    elif session.step == Step.ENDED:
        done = session.trials.filter(completed_at__isnull=False).count()
    else:
        done = 0
    return {"done": done, "total": total}


def _step_fields(session: Session, config: StudyConfig) -> dict[str, Any]:
    """Return what a step shows that needs no trial."""
    match Step(session.step):
        case Step.CONSENT:
            consent = config.consent
            return {
                "consent": {
                    "html": render_markdown(consent.text),
                    "agree_label": consent.agree_label,
                    "decline_label": consent.decline_label,
                }
            }
        case Step.VOLUME:
            return {"volume": {"sound": volume_token(session)}}
        case Step.INSTRUCTIONS:
            return {"instructions": {"html": render_markdown(config.instructions.text)}}
        case Step.ENDED:
            return {"end": _end(session, config)}
        case Step.SCREENING | Step.TRIALS as step:
            raise ValueError(f"the step {step} shows a trial")


def _screening(session: Session, config: StudyConfig, screening: OpenScreening) -> dict[str, Any]:
    attempt, trial = screening.attempt, screening.trial
    wait_ms = 0
    if trial.played_at is not None:
        duration_s = screening_duration_s(session, trial)
        left = time_left(session, since=trial.played_at, duration_s=duration_s, now=timezone.now())
        wait_ms = round(left.total_seconds() * 1000)
    return {
        "test": attempt.test,
        "question": QUESTIONS[attempt.test],
        "attempt": attempt.number,
        "attempts": config.screening.attempts,
        "position": trial.position,
        "n_trials": attempt.n_trials,
        "played": trial.n_plays > 0,
        "wait_ms": wait_ms,
        "sound": trial.token,
        "next_sound": screening.next_trial.token if screening.next_trial else None,
        "answers": [1, 2, 3],
        "failed_before": attempt.number > 1,
    }


def trial_phase(session: Session, config: StudyConfig, current: OpenTrial) -> tuple[str, int]:
    """Return (phase, wait_ms) of the current trial.

    wait_ms is how long the granted play must still last before the server takes `played` or `answer`.
    """
    wait_ms = 0
    if current.pending_play is not None:
        left = time_left(
            session,
            since=current.pending_play.started_at,
            duration_s=current.presentation.frozen_stimulus.duration_s,
            now=timezone.now(),
        )
        wait_ms = round(left.total_seconds() * 1000)
    if current.response is not None:
        return "reason", 0
    if current.was_heard:
        return "answer", wait_ms
    if current.plays_left(config.task) > 0 or wait_ms > 0:
        return "play", wait_ms
    return "answer", 0


def _trial(session: Session, config: StudyConfig, current: OpenTrial, n_trials: int) -> dict[str, Any]:
    task, frozen = config.task, current.presentation.frozen_stimulus
    phase, wait_ms = trial_phase(session, config, current)
    order = (Label.FAKE, Label.REAL) if session.fake_is_first else (Label.REAL, Label.FAKE)
    items = {item.code: item for item in task.reasons.items}
    codes = order_reasons(list(items), seed=session.seed, shuffle=task.reasons.shuffle)
    return {
        "position": current.trial.position,
        "n_trials": n_trials,
        "phase": phase,
        "answer": current.response.choice if current.response is not None else None,
        "wait_ms": wait_ms,
        "category": task.category_names.get(frozen.category, frozen.category) if task.show_category else None,
        "sound": current.presentation.token,
        "next_sound": current.next_presentation.token if current.next_presentation else None,
        "duration_s": frozen.duration_s,
        "plays_left": current.plays_left(task),
        "choices": [{"value": label.value, "label": LABEL_WORDS[label]} for label in order],
        "confidence": None,
        "reasons": [{"code": code, "label": items[code].label, "needs_text": items[code].needs_text} for code in codes],
        "reason_mode": task.reasons.mode,
    }


def _end(session: Session, config: StudyConfig) -> dict[str, Any]:
    outcome = Outcome(session.outcome)
    texts = {
        Outcome.COMPLETED: config.end.completed,
        Outcome.NO_CONSENT: config.end.no_consent,
        Outcome.FAILED_HEADPHONE: config.end.failed_headphone,
    }
    return {
        "outcome": outcome.value,
        "heading": END_HEADINGS.get(outcome, "The study has ended"),
        "html": render_markdown(texts.get(outcome, config.end.other)),
        "completion_code": session.completion_code or None,
    }
