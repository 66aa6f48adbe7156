"""What Prometheus reads: requests as each web process counted them, and the state of work as the rows have it."""

import os
import shutil
from collections.abc import Iterator

from django.conf import settings
from django.db import Error
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from studyapp.models import Response, Session
from studyapp.selectors.jobs import jobs_by_state, oldest_queued_s
from studyapp.selectors.readiness import living_workers


def metrics_text() -> tuple[bytes, str]:
    """Return all metrics and their content type. A few queries; nothing of them names a study or a person."""
    registry = CollectorRegistry()
    registry.register(StateOfWork())
    counted = CollectorRegistry() if os.environ.get("PROMETHEUS_MULTIPROC_DIR") else REGISTRY
    if counted is not REGISTRY:
        multiprocess.MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    return generate_latest(registry) + generate_latest(counted), CONTENT_TYPE_LATEST


class StateOfWork(Collector):
    """Jobs, workers, sessions and the disk, asked for when Prometheus asks."""

    def describe(self) -> list[Metric]:
        return []  # else the registry would collect once merely to learn the names

    def collect(self) -> Iterator[Metric]:
        """Give what is known. Without its database the installation says just that, and what needs no rows."""
        try:
            of_rows = [*_jobs(), _workers(), *_study_rows()]
        except Error:
            of_rows = []
        yield GaugeMetricFamily("earwitness_database_up", "Whether the database answers.", float(bool(of_rows)))
        yield from of_rows
        yield GaugeMetricFamily(
            "earwitness_disk_free_bytes", "Room where the data folder is.", shutil.disk_usage(settings.DATA_DIR).free
        )


def _jobs() -> Iterator[Metric]:
    jobs = GaugeMetricFamily("earwitness_jobs", "Job rows by kind and state.", labels=["kind", "state"])
    for (kind, state), n in sorted(jobs_by_state().items()):
        jobs.add_metric([kind, state], n)
    yield jobs
    waiting = GaugeMetricFamily(
        "earwitness_oldest_queued_seconds", "How long the oldest queued job waits.", labels=["kind"]
    )
    for kind, seconds in sorted(oldest_queued_s().items()):
        waiting.add_metric([kind], seconds)
    yield waiting


def _workers() -> Metric:
    queues = [queue for each in living_workers().values_list("queues", flat=True) for queue in each]
    workers = GaugeMetricFamily("earwitness_workers", "Workers seen lately, by queue.", labels=["queue"])
    for queue in settings.QUEUES:
        workers.add_metric([queue], queues.count(queue))
    return workers


def _study_rows() -> Iterator[Metric]:
    n_open = Session.objects.filter(outcome="").count()
    yield GaugeMetricFamily("earwitness_open_sessions", "Sessions without an outcome yet.", n_open)
    yield GaugeMetricFamily("earwitness_responses", "Stored responses.", Response.objects.count())
