"""What a participant's browser is told of the current trial."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, NamedTuple

from django.utils import timezone

from studyapp.design.answers import Choice, choices, confidence_choices, is_right
from studyapp.design.config import StudyConfig
from studyapp.design.orders import order_reasons
from studyapp.design.words import WORDS, Words
from studyapp.models import Session
from studyapp.selectors.session_trial import OpenTrial, is_practice, time_left
from studyapp.vocab import TrialKind


class PlannedRow(NamedTuple):
    """A trial of the session, as far as counting needs it."""

    position: int
    kind: str
    completed_at: datetime | None


def planned_rows(session: Session) -> list[PlannedRow]:
    """Return every trial of the session in its order; none before they are planned. One query."""
    rows = session.trials.order_by("position").values_list("position", "kind", "completed_at")
    return [PlannedRow(*row) for row in rows]


def trial_phase(session: Session, config: StudyConfig, current: OpenTrial) -> tuple[str, int]:
    """Return (phase, wait_ms) of the current trial.

    wait_ms is how long the granted play must still last before the server takes `played` or `answer`.
    """
    trial = current.trial
    if trial.break_before and trial.break_ended_at is None:
        return "break", 0
    if current.response is not None:
        return ("reason" if current.asks_reason(config) and not current.has_reasons else "feedback"), 0
    wait_ms = 0
    if current.pending_play is not None:
        left = time_left(
            session,
            since=current.pending_play.started_at,
            duration_s=current.duration_s(session, config),
            now=timezone.now(),
        )
        wait_ms = round(left.total_seconds() * 1000)
    if current.was_heard:
        return "answer", wait_ms
    if current.plays_left(config.task) > 0 or wait_ms > 0:
        return "play", wait_ms
    return "answer", 0


def trial_choices(session: Session, config: StudyConfig, current: OpenTrial) -> list[Choice]:
    """Return the answers that the trial takes, in the order shown."""
    return choices(current.task(config), fake_is_first=session.fake_is_first, words=WORDS[config.language])


def may_skip(current: OpenTrial) -> bool:
    """Return whether the trial may be left without an answer because its sound cannot be played."""
    return current.response is None and not current.was_heard


def trial_state(
    session: Session, config: StudyConfig, current: OpenTrial, planned: Sequence[PlannedRow]
) -> dict[str, Any]:
    """Return the fields of `trial`. `planned` are all trials of the session. No query."""
    phase, wait_ms = trial_phase(session, config, current)
    in_practice = is_practice(current.trial)
    of_step = [row.position for row in planned if (row.kind == TrialKind.PRACTICE) == in_practice]
    words = WORDS[config.language]
    offered = trial_choices(session, config, current)
    return {
        "position": current.trial.position,
        "number": sum(position <= current.trial.position for position in of_step),
        "n_trials": len(of_step),
        "phase": phase,
        "task": current.task(config),
        "answer": _own_answer(current),
        "wait_ms": wait_ms,
        "category": _category(config, current),
        "sounds": [each.token for each in current.presentations],
        "gap_ms": config.task.gap_ms,
        "ahead": current.ahead,
        "duration_s": current.duration_s(session, config),
        "plays_left": current.plays_left(config.task),
        "choices": [asdict(choice) for choice in offered],
        "confidence": [asdict(choice) for choice in confidence_choices(words)]
        if asks_confidence(config, current)
        else None,
        "reasons": _reasons(session, config),
        "reason_mode": config.task.reasons.mode,
        "feedback": _feedback(current, words, offered) if phase == "feedback" else None,
        "may_skip": may_skip(current),
    }


def asks_confidence(config: StudyConfig, current: OpenTrial) -> bool:
    """Return whether the answer takes a confidence: the built-in catch trial does not."""
    return config.task.confidence and current.task(config) == config.task.type


def _own_answer(current: OpenTrial) -> str | None:
    response = current.response
    if response is None:
        return None
    return response.choice if response.value is None else str(response.value)


def _category(config: StudyConfig, current: OpenTrial) -> str | None:
    frozen = current.presentations[0].frozen_stimulus
    if frozen is None or not config.task.show_category:
        return None
    return config.task.category_names.get(frozen.category, frozen.category)


def _reasons(session: Session, config: StudyConfig) -> list[dict[str, Any]]:
    reasons = config.task.reasons
    items = {item.code: item for item in reasons.items}
    codes = order_reasons(list(items), seed=session.seed, shuffle=reasons.shuffle)
    return [{"code": code, "label": items[code].label, "needs_text": items[code].needs_text} for code in codes]


def _feedback(current: OpenTrial, words: Words, offered: list[Choice]) -> dict[str, Any]:
    """Return the truth of a practice trial that was answered."""
    response = current.response
    if response is None:
        raise ValueError("only an answered trial has feedback")
    truth = current.truth
    labels = words.labels | {choice.value: choice.label for choice in offered}
    return {
        "truth": truth,
        "label": labels[truth],
        "is_right": is_right(choice=response.choice, value=response.value, truth=truth),
    }
