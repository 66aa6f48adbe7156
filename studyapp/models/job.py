from typing import ClassVar

from django.apps import apps
from django.db import models

from studyapp.models.choices import choices_of
from studyapp.vocab import JobState

OPEN = (JobState.QUEUED.value, JobState.RUNNING.value)  # states of work that has not ended


class Job(models.Model):
    """Work for a worker. The row is the truth; a message only carries its id (design decision 7)."""

    task: ClassVar[str]  # full name of the Celery task that does it; it takes the row's key
    ready: ClassVar[models.Q] = models.Q()  # which of its queued rows a worker may begin

    state = models.CharField(max_length=10, choices=choices_of(JobState), default=JobState.QUEUED.value, db_index=True)
    claim = models.CharField(
        max_length=32, blank=True, help_text="Token of the worker that holds it; who lost it must not publish."
    )
    attempts = models.PositiveSmallIntegerField(default=0, help_text="How often a worker began it.")
    heartbeat_at = models.DateTimeField(
        null=True, blank=True, help_text="When the worker last said that it is at work."
    )
    n_done = models.PositiveIntegerField(default=0, help_text="Progress, in the job's own units (clips, epochs).")
    n_total = models.PositiveIntegerField(default=0, help_text="Progress when it is done.")
    error = models.TextField(blank=True, help_text="What went wrong last, in words.")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


def job_kinds() -> list[type[Job]]:
    """Return every kind of job that the installed applications have."""
    return [model for model in apps.get_models() if issubclass(model, Job)]
