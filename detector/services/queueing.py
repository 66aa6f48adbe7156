"""Send ids of job rows to the workers, once the rows are committed. The only place that knows the tasks."""

from typing import cast

from celery.contrib.django.task import DjangoTask

from detector.models import EmbeddingRun, Report, Scoring, Training
from studyapp.vocab import JobState


def enqueue_embedding(run: EmbeddingRun) -> None:
    """Let workers do what is left of an embedding run."""
    from detector.tasks import embed_shard_task  # tasks import services; a message is sent from inside a service

    for pk in run.shards.filter(state=JobState.QUEUED.value).values_list("pk", flat=True):
        cast("DjangoTask[..., None]", embed_shard_task).delay_on_commit(pk)


def enqueue_training(training: Training) -> None:
    """Let a worker do the training."""
    from detector.tasks import train_task

    cast("DjangoTask[..., None]", train_task).delay_on_commit(training.pk)


def enqueue_scoring(scoring: Scoring) -> None:
    """Let a worker do the scoring."""
    from detector.tasks import score_task

    cast("DjangoTask[..., None]", score_task).delay_on_commit(scoring.pk)


def enqueue_report(report: Report) -> None:
    """Let a worker compute the report, if it is still to be computed."""
    from detector.tasks import report_task

    if report.state == JobState.QUEUED.value:
        cast("DjangoTask[..., None]", report_task).delay_on_commit(report.pk)
