"""What workers do. A task takes ids, calls one service, and is safe to run twice; torch is loaded only inside."""

from typing import TYPE_CHECKING, Any

from celery import shared_task
from celery.signals import worker_ready, worker_shutdown, worker_shutting_down

if TYPE_CHECKING:
    from studyapp.services.worker_life import Presence


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
def compare_task(comparison_id: int) -> None:
    from detector.services.comparison_work import compare_planned

    compare_planned(comparison_id=comparison_id)


@shared_task
def score_task(scoring_id: int) -> None:
    from detector.services.scoring_work import score_planned

    score_planned(scoring_id=scoring_id)


_presence: list["Presence"] = []  # of this worker, once it is ready


@worker_ready.connect
def begin_to_be_there(sender: Any, **_: object) -> None:
    """Say every few seconds that this worker is there, and bring back what dead ones left: at once, and ever after."""
    from detector.services.reconcile import reconcile_jobs
    from studyapp.services.worker_life import Presence

    queues = [queue.name for queue in sender.app.amqp.queues.consume_from.values()]
    _presence[:] = [Presence(queues, also=reconcile_jobs)]
    _presence[0].start()


@worker_shutting_down.connect
def give_work_back(**_: object) -> None:
    """A worker that is told to stop ends its work within seconds, or gives it back."""
    from studyapp.services.jobs import stop_soon

    stop_soon()


@worker_shutdown.connect
def be_gone(**_: object) -> None:
    for presence in _presence:
        presence.stop()
