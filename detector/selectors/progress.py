"""How far a job is, in few numbers, for pages that watch it."""

from typing import Any

from django.db.models import Sum
from django.utils import timezone

from detector.models import OPEN, EmbeddingRun, Report, Scoring, Training


def training_progress(training: Training) -> dict[str, Any]:
    """Return state, epochs done and in all, the time left if that can be said, and the error."""
    return {
        "state": training.state,
        "is_open": training.state in OPEN,
        "n_done": training.n_done,
        "n_total": training.n_total,
        "unit": "epoch" if training.n_total == 1 else "epochs",
        "seconds_left": _seconds_left(training),
        "error": training.error,
    }


def embedding_progress(run: EmbeddingRun) -> dict[str, Any]:
    """Return state, clips done and in all, and the error."""
    shards = run.shards.aggregate(n_done=Sum("n_done"))
    return {
        "state": run.state,
        "is_open": run.state in OPEN,
        "n_done": run.n_reused + (shards["n_done"] or 0),
        "n_total": run.n_clips,
        "unit": "clip" if run.n_clips == 1 else "clips",
        "seconds_left": None,
        "error": run.error,
    }


def scoring_progress(scoring: Scoring) -> dict[str, Any]:
    """Return state, clips scored and in all, and the error."""
    return {
        "state": scoring.state,
        "is_open": scoring.state in OPEN,
        "n_done": scoring.n_done,
        "n_total": scoring.n_total,
        "unit": "clip" if scoring.n_total == 1 else "clips",
        "seconds_left": None,
        "error": scoring.error,
    }


def report_progress(report: Report) -> dict[str, Any]:
    """Return state, parts computed and in all, and the error."""
    return {
        "state": report.state,
        "is_open": report.state in OPEN,
        "n_done": report.n_done,
        "n_total": report.n_total,
        "unit": "part" if report.n_total == 1 else "parts",
        "seconds_left": None,
        "error": report.error,
    }


def _seconds_left(training: Training) -> float | None:
    """Return the time left at the pace since this attempt began; None until there is a pace.

    After a restart the pace is that of the folds that are there, since nobody knows where the attempt began.
    """
    if training.started_at is None or not training.n_done or training.state not in OPEN:
        return None
    if training.attempts > 1:
        last = training.runs.order_by("-fold__number").first()
        return last.seconds_per_epoch * (training.n_total - training.n_done) if last else None
    elapsed = (timezone.now() - training.started_at).total_seconds()
    return elapsed * (training.n_total - training.n_done) / training.n_done
