"""How far a job is, in few numbers, for pages that watch it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, Max, Min, Q, Sum

from detector.models import Comparison, EmbeddingRun, EmbeddingShard, Report, Scoring, Training
from studyapp.models.job import OPEN
from studyapp.selectors.jobs import job_progress, left_since
from studyapp.vocab import JobState

RUNNING, DONE = JobState.RUNNING.value, JobState.DONE.value


def training_progress(training: Training) -> dict[str, Any]:
    """Return how far a training is, in epochs."""
    return {**job_progress(training, unit="epoch"), "seconds_left": _seconds_left(training)}


def embedding_progress(run: EmbeddingRun) -> dict[str, Any]:
    """Return state, clips done and in all, the time left if that can be said, and the error.

    A run none of whose shards a worker has is queued, also where it had begun.
    """
    return embedding_progresses([run])[0]


def embedding_progresses(runs: Sequence[EmbeddingRun]) -> list[dict[str, Any]]:
    """Return how far each run is, all from one query."""
    done, first_try = Q(state=DONE), Q(state=RUNNING, attempts=1)
    shards = EmbeddingShard.objects.filter(run__in=[run.pk for run in runs]).order_by().values("run_id")
    facts = shards.annotate(
        n_embedded=Sum("n_done"),
        n_in_done=Sum("n_done", filter=done),
        first_began_at=Min("started_at", filter=done),
        last_ended_at=Max("finished_at", filter=done),
        n_in_running=Sum("n_done", filter=first_try),
        running_since=Min("started_at", filter=first_try),
        n_running=Count("pk", filter=Q(state=RUNNING)),
    )
    by_run = {row["run_id"]: row for row in facts}
    return [_embedding_progress(run, by_run.get(run.pk, {})) for run in runs]


def _embedding_progress(run: EmbeddingRun, shards: Mapping[str, Any]) -> dict[str, Any]:
    n_done = run.n_reused + (shards.get("n_embedded") or 0)
    waits = run.state in OPEN and not shards.get("n_running")  # for a worker, whether one had begun or not
    return {
        "state": JobState.QUEUED.value if waits else run.state,
        "is_open": run.state in OPEN,
        "n_done": n_done,
        "n_total": run.n_clips,
        "unit": "clip" if run.n_clips == 1 else "clips",
        "seconds_left": _embedding_left(shards, run.n_clips - n_done) if run.state in OPEN else None,
        "error": run.error,
    }


def scoring_progress(scoring: Scoring) -> dict[str, Any]:
    """Return how far a scoring is, in clips."""
    return job_progress(scoring, unit="clip")


def report_progress(report: Report) -> dict[str, Any]:
    """Return how far a report is, in parts.

    They are not equally long: the time left is a guess, and grows while a long one is at work.
    """
    return job_progress(report, unit="part")


def comparison_progress(comparison: Comparison) -> dict[str, Any]:
    """Return how far a comparison is, in differences."""
    return job_progress(comparison, unit="difference")


def _seconds_left(training: Training) -> float | None:
    """Return the time left at the pace since this attempt began; None until there is a pace.

    After a restart the pace is that of the folds that are there, since nobody knows where the attempt began.
    """
    if training.started_at is None or not training.n_done or training.state not in OPEN:
        return None
    if training.attempts > 1:
        last = training.runs.order_by("-fold__number").first()
        return last.seconds_per_epoch * (training.n_total - training.n_done) if last else None
    if training.state != RUNNING:
        return None
    return left_since(training.started_at, training.n_done, training.n_total)


def _embedding_left(shards: Mapping[str, Any], n_left: int) -> float | None:
    """Return the time left at the pace of the shards that are done, else at that of those that run.

    Of finished shards both ends are known, so that an hour in which no worker was there slows nothing down. A running
    shard that an earlier attempt left has a count from that one, and says nothing.
    """
    if shards.get("n_in_done"):
        took_s: float = (shards["last_ended_at"] - shards["first_began_at"]).total_seconds()
        return took_s * n_left / int(shards["n_in_done"])
    n_done = shards.get("n_in_running") or 0
    return left_since(shards.get("running_since"), n_done, n_done + n_left)
