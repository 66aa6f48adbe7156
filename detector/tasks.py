"""What workers do. A task takes ids, calls one service, and is safe to run twice; torch is loaded only inside."""

from typing import Any

from celery import shared_task
from celery.signals import worker_ready

RECONCILE_EVERY_S = 30.0


@shared_task
def embed_shard_task(shard_id: int) -> None:
    from detector.services.embedding_work import embed_shard

    embed_shard(shard_id=shard_id)


@shared_task
def train_task(training_id: int) -> None:
    from detector.services.report_plan import report_after_training
    from detector.services.training_work import train_detectors

    if train_detectors(training_id=training_id):
        report_after_training(training_id=training_id)


@shared_task
def report_task(report_id: int) -> None:
    from detector.services.report_work import report_planned

    report_planned(report_id=report_id)


@shared_task
def score_task(scoring_id: int) -> None:
    from detector.services.scoring_work import score_planned

    score_planned(scoring_id=scoring_id)


@shared_task
def reconcile_task() -> None:
    from detector.services.reconcile import reconcile_jobs

    reconcile_jobs()


@worker_ready.connect
def reconcile_regularly(sender: Any, **_: object) -> None:
    """Have dead workers' jobs looked for every half minute, by whichever worker is free."""
    sender.timer.call_repeatedly(RECONCILE_EVERY_S, reconcile_task.apply_async, kwargs={"expires": RECONCILE_EVERY_S})
