"""The monitor as its page shows it."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format

from studyapp.design.monitor_rules import Progress, hourly_pay, messages, spread
from studyapp.design.steps import has_step
from studyapp.models import Study
from studyapp.reports.bars import draw_bars
from studyapp.selectors import monitor
from studyapp.selectors.study_config import frozen_config
from studyapp.selectors.study_open import estimated_minutes
from studyapp.vocab import Origin, Outcome, Step, StudyState

STEP_WORDS = {
    Step.DEVICE: "arrived",
    Step.CONSENT: "came to consent",
    Step.ELIGIBILITY: "consented",
    Step.VOLUME: "eligible",
    Step.SCREENING: "at headphone tests",
    Step.INSTRUCTIONS: "screening passed",
    Step.PRACTICE: "to the practice",
    Step.TRIALS: "to the trials",
    Step.QUESTIONS: "trials done",
    Step.ENDED: "completed",
}
SHOWN_DAYS = 30
BOX, GAP = 44, 16  # heights of the figure, in its own units


@dataclass(frozen=True, kw_only=True)
class Box:
    """A step of the flow with its place in the figure (y of its upper edge, its middle, its lower edge)."""

    words: str
    n_reached: int
    n_open: int
    left: str
    n_left: int
    y: int
    middle: int
    bottom: int
    next_y: int
    is_last: bool


def monitor_page(*, study: Study, origin: Origin, version: int | None, pay: float | None) -> dict[str, Any]:
    """Return what the live part of the page shows. A constant number of queries."""
    sessions = monitor.monitored(study=study, origin=origin, version=version)
    latest = study.versions.order_by("-number").first()
    steps = monitor.flow(sessions)
    reached = {each.step: each for each in steps}
    minutes, days = monitor.durations_min(sessions), monitor.completions_by_day(sessions)
    first, last = monitor.first_and_last(sessions)
    config = frozen_config(latest) if latest else None
    quota, n_completed, now = (
        config.recruitment.quota if config else None,
        reached[Step.ENDED].n_reached,
        timezone.now(),
    )
    usual, by_day = spread(minutes), _every_day(days)
    n_tested, n_failed = monitor.screened(sessions)
    found = Progress(
        n_tested=n_tested,
        n_failed_screening=n_failed,
        published=monitor.screening_figures(study=study, version=version),
        drop_out=[(each.step.value, _n_dropped(each), each.n_reached - each.n_open) for each in steps],
        audio_by_browser=monitor.audio_by_browser(sessions),
        n_ended=reached[Step.DEVICE].n_reached - sum(each.n_open for each in steps),
        n_timed_out=sum(each.left.get(Outcome.TIMED_OUT, 0) for each in steps),
        n_to_trials=reached[Step.TRIALS].n_reached,
        n_failed_attention=sum(each.left.get(Outcome.FAILED_ATTENTION, 0) for each in steps),
        quota=quota if origin is Origin.LIVE else None,
        n_completed=n_completed,
        median_minutes=usual.median if usual and origin is not Origin.BOT else None,
        estimated_minutes=estimated_minutes(latest) if latest else None,
        is_live=study.state == StudyState.LIVE and origin is Origin.LIVE,
        hours_silent=(now - last).total_seconds() / 3600 if last else None,
        n_workers=monitor.n_workers_alive(),
    )
    shown = [each for each in steps if config is None or has_step(config, each.step) or each.n_open]
    return {
        "boxes": _boxes(shown),
        "figure_height": len(shown) * (BOX + GAP),
        "n_sessions": reached[Step.DEVICE].n_reached,
        "n_completed": n_completed,
        "n_open": sum(each.n_open for each in steps),
        "messages_found": messages(found),
        "durations": usual if origin is not Origin.BOT else None,
        "estimate": found.estimated_minutes,
        "hourly": hourly_pay(pay, minutes) if pay and origin is not Origin.BOT else None,
        "days": [(at, n, total) for at, n, total in reversed(by_day)],
        "days_figure": draw_bars([(date_format(at, "j M"), n) for at, n, _ in by_day]),
        "quota": found.quota,
        "days_left": monitor.days_to_quota(days, quota=found.quota, n_completed=n_completed, today=now.date()),
        "first": first,
        "last": last,
    }


def _every_day(days: list[tuple[date, int]]) -> list[tuple[date, int, int]]:
    """Return the last SHOWN_DAYS up to the last completion, those without one too: day, completed, completed so far."""
    if not days:
        return []
    counts, first, last = dict(days), days[0][0], days[-1][0]
    found, total = [], 0
    for place in range((last - first).days + 1):
        at = first + timedelta(days=place)
        total += counts.get(at, 0)
        found.append((at, counts.get(at, 0), total))
    return found[-SHOWN_DAYS:]


def _n_dropped(step: monitor.FlowStep) -> int:
    """Return who left of their own: not by a rule of the study."""
    own = (Outcome.TIMED_OUT, Outcome.WITHDRAWN, Outcome.NO_CONSENT, Outcome.TECHNICAL_ERROR)
    return sum(step.left.get(outcome, 0) for outcome in own)


def _boxes(steps: list[monitor.FlowStep]) -> list[Box]:
    return [
        Box(
            words=STEP_WORDS[each.step],
            n_reached=each.n_reached,
            n_open=each.n_open,
            left=", ".join(f"{outcome.replace('_', ' ')} {n}" for outcome, n in each.left.items()),
            n_left=each.n_left,
            y=place * (BOX + GAP) + 1,
            middle=place * (BOX + GAP) + BOX // 2 + 1,
            bottom=place * (BOX + GAP) + BOX + 1,
            next_y=(place + 1) * (BOX + GAP) + 1,
            is_last=place == len(steps) - 1,
        )
        for place, each in enumerate(steps)
    ]
