"""Plan comparisons of trainings. What a worker does with one is in `comparison_work`."""

from collections.abc import Sequence
from math import comb

from django.conf import settings
from django.db import transaction

from detector.models import ComparedTraining, Comparison, Training
from detector.selectors.comparisons import comparison_key
from detector.selectors.runs import needs_done
from detector.services.comparison import COMPARED, LEVEL, N_RESAMPLES
from detector.services.report_plan import needs_resamples
from studyapp.errors import InvalidAction
from studyapp.models import User
from studyapp.models.job import OPEN
from studyapp.services.jobs import QUEUED_ANEW
from studyapp.vocab import JobState

MOST = 40  # trainings: 780 pairs


def plan_comparison(
    *, trainings: Sequence[Training], n_resamples: int | None = None, owner: User | None = None, anew: bool = False
) -> Comparison:
    """Return the comparison of these trainings, queued unless it is there (or on its way) with what is asked for.

    n_resamples: None leaves what an earlier one was asked for with (2,000). anew: compute it again where it is there;
    one that is on its way is new in any case. The owner is whoever let it be queued last. Raises InvalidAction for
    fewer than two different trainings, too many, one that is not done, and a number of resamples out of range.
    """
    chosen = sorted({training.pk: training for training in trainings}.values(), key=lambda training: training.pk)
    _needs_comparable(chosen)
    if n_resamples is not None:
        needs_resamples(n_resamples)
    given = {} if n_resamples is None else {"n_resamples": n_resamples}
    fresh = {
        "options": {"n_resamples": N_RESAMPLES, "level": LEVEL, **given},
        "n_total": comb(len(chosen), 2) * len(COMPARED),
        "code_version": settings.VERSION,
        "owner": owner,
    }
    with transaction.atomic():
        found, is_new = Comparison.objects.select_for_update().get_or_create(
            key=comparison_key(training.pk for training in chosen), defaults=fresh
        )
        if is_new:
            links = [ComparedTraining(comparison=found, training=training) for training in chosen]
            ComparedTraining.objects.bulk_create(links)
            return found
        wanted = {**found.options, **given}
        is_there = found.state in OPEN or (found.state == JobState.DONE.value and not anew)
        if not is_there or found.options != wanted:
            _queue_again(found, wanted, owner)
    return found


def _needs_comparable(trainings: Sequence[Training]) -> None:
    if len(trainings) < 2:
        raise InvalidAction("A comparison needs two different trainings.")
    if len(trainings) > MOST:
        raise InvalidAction(f"{len(trainings)} trainings: compare {MOST} at most.")
    for training in trainings:
        needs_done(training)


def _queue_again(comparison: Comparison, options: dict[str, object], owner: User | None) -> None:
    """Let it be computed anew. A worker at it loses its claim; the old content is shown until the new is there."""
    asked = {"options": options, "code_version": settings.VERSION, "owner": owner}
    Comparison.objects.filter(pk=comparison.pk).update(**QUEUED_ANEW, **asked)
    comparison.refresh_from_db()
