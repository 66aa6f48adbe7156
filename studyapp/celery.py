"""The Celery application. Imported by AppConfig.ready(), so that pure modules never load it."""

import os
from typing import Any

from celery import Celery
from celery.signals import task_postrun, task_prerun
from kombu.transport import TRANSPORT_ALIASES

from studyapp.log_context import job

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studyapp.settings")

# By name, since whoever sends no message need not load them.
TRANSPORT_ALIASES.update(
    redis="studyapp.broker:Redis", rediss="studyapp.broker:Redis", filesystem="studyapp.broker:Files"
)
app = Celery("earwitness", task_cls="studyapp.job_task:JobTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@task_prerun.connect
def name_the_job(sender: Any, args: Any, kwargs: Any, **_: object) -> None:
    """Let every log line of a task say which it is and on which row: `embed_shard_task 12`."""
    ids = [str(each) for each in (*args, *kwargs.values()) if isinstance(each, int | str)]
    job.set(" ".join([sender.name.rpartition(".")[2], *ids]))


@task_postrun.connect
def forget_the_job(**_: object) -> None:
    job.set("")
