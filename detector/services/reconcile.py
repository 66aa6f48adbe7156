"""Bring jobs back that a dead worker left behind, or whose message was lost."""

from dataclasses import dataclass

from detector.models import OPEN, EmbeddingRun, EmbeddingShard, Job, Report, Scoring, Training
from detector.services.embedding import settle_embedding
from detector.services.jobs import reclaim_dead
from detector.services.queueing import enqueue_embedding, enqueue_report, enqueue_scoring, enqueue_training
from detector.services.training import forget_unfinished
from studyapp.vocab import JobState

JOBS: tuple[type[Job], ...] = (EmbeddingShard, Training, Scoring, Report)


@dataclass(frozen=True, kw_only=True)
class Reconciled:
    """n_back: jobs of dead workers put back into the queue. n_failed: given up. n_sent: messages sent again."""

    n_back: int
    n_failed: int
    n_sent: int


def reconcile_jobs() -> Reconciled:
    """Queue again what fell silent. Where nothing is running, send a message for every queued job.

    While a job runs, the messages of the others are most likely still waiting; sending them again and again would only
    fill the queue. A second message for the same job does no harm.
    """
    results = [reclaim_dead(job=job) for job in JOBS]
    forget_unfinished()
    runs = list(EmbeddingRun.objects.filter(state__in=OPEN))
    for run in runs:
        settle_embedding(run_id=run.pk)
    return Reconciled(
        n_back=sum(back for back, _ in results),
        n_failed=sum(failed for _, failed in results),
        n_sent=0 if _anything_running() else _send(runs),
    )


def _anything_running() -> bool:
    running = {"state": JobState.RUNNING.value}
    return any(job._default_manager.filter(**running).exists() for job in JOBS)


def _send(runs: list[EmbeddingRun]) -> int:
    n_sent = 0
    for run in runs:
        n_sent += run.shards.filter(state=JobState.QUEUED.value).count()
        enqueue_embedding(run)
    for training in Training.objects.filter(state=JobState.QUEUED.value):
        enqueue_training(training)
        n_sent += 1
    for scoring in Scoring.objects.filter(state=JobState.QUEUED.value):
        enqueue_scoring(scoring)
        n_sent += 1
    for report in Report.objects.filter(state=JobState.QUEUED.value):
        enqueue_report(report)
        n_sent += 1
    return n_sent
