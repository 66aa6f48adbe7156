"""Plan reports. What a worker does with one is in `report_work`."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction

from detector.models import Report, Training
from detector.selectors.runs import needs_done
from studyapp.errors import InvalidAction
from studyapp.models import User
from studyapp.models.job import OPEN
from studyapp.services.jobs import QUEUED_ANEW, enqueue
from studyapp.vocab import JobState

N_RESAMPLES, LEVEL = 2000, 0.95
RESAMPLES_ALLOWED = range(100, 100_001)


def plan_report(
    *,
    training: Training,
    n_resamples: int | None = None,
    official: Mapping[str, Any] | None = None,
    owner: User | None = None,
    anew: bool = False,
) -> Report:
    """Return the training's report, queued unless it is there (or on its way) with what is asked for.

    n_resamples, official: None leaves what an earlier report was asked for with (2,000 resamples; no scores).
    official: {"name", "scores": {system: score}}. anew: compute it again in any case. Raises InvalidAction unless the
    training is done, and for a number of resamples out of range.
    """
    needs_done(training)
    if n_resamples is not None:
        needs_resamples(n_resamples)
    asked: dict[str, Any] = {"n_resamples": n_resamples, "official": None if official is None else dict(official)}
    given = {name: value for name, value in asked.items() if value is not None}
    options = {"n_resamples": N_RESAMPLES, "level": LEVEL, "official": None, **given}
    fresh = {"options": options, "code_version": settings.VERSION, "owner": owner}
    with transaction.atomic():
        report, is_new = Report.objects.select_for_update().get_or_create(training=training, defaults=fresh)
        wanted = {**report.options, **given}
        is_there = report.state in (JobState.DONE.value, *OPEN) and report.options == wanted and not anew
        if not is_new and not is_there:
            _queue_again(report, wanted, owner)
    return report


def needs_resamples(n_resamples: int) -> None:
    """Raise InvalidAction for a number of resamples out of range."""
    if n_resamples not in RESAMPLES_ALLOWED:
        low, high = RESAMPLES_ALLOWED[0], RESAMPLES_ALLOWED[-1]
        raise InvalidAction(f"{n_resamples} resamples: use {low} to {high}")


def _queue_again(report: Report, options: dict[str, Any], owner: User | None) -> None:
    """Let it be computed anew. A worker at it loses its claim; the old content is shown until the new is there."""
    asked = {"options": options, "code_version": settings.VERSION, "owner": owner}  # who asks may cancel
    Report.objects.filter(pk=report.pk).update(**QUEUED_ANEW, **asked)
    report.refresh_from_db()


def report_after_training(*, training_id: int) -> None:
    """Plan and send the report of a training that has just ended well; nothing for one that has not."""
    training = Training.objects.filter(pk=training_id, state=JobState.DONE.value).first()
    if training is not None:
        enqueue(Report, [plan_report(training=training, owner=training.owner).pk])
