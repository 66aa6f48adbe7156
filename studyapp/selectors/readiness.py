"""Whether this installation can do its work now: database, broker, a living worker, room on the disk."""

import logging
import os
import shutil
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from functools import cache

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import QuerySet
from django.utils import timezone

from studyapp.celery import app
from studyapp.errors import EarwitnessError
from studyapp.models import Worker

ALIVE_S = 60.0  # a worker that was seen within this time is alive; it says so every 10 s
BROKER_TIMEOUT_S = 2
ANSWER_WITHIN_S = 3.0
GIVEN_UP_AFTER_S = 30.0
logger = logging.getLogger(__name__)


class NotReady(EarwitnessError):
    """Something that the installation needs is not there."""


class RunningCheck:
    """A check in a thread of its own: a database that hangs would keep whoever asks it, whatever its time-outs say."""

    def __init__(self, name: str, check: Callable[[], None]) -> None:
        self.began = time.monotonic()
        self.problem = ""
        self._check = check
        self.thread = threading.Thread(target=self._run, name=f"readiness-{name}", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            self._check()
        except NotReady as error:
            self.problem = str(error)
        except Exception as error:
            logger.exception("a check of the readiness failed")
            self.problem = f"the check itself failed: {type(error).__name__}"
        finally:
            connection.close()  # this thread's own


_running: dict[str, RunningCheck] = {}
_lock = threading.Lock()


def failed_checks(*, within_s: float = ANSWER_WITHIN_S) -> dict[str, str]:
    """Return check -> what is wrong, in words for the log; empty when everything is there. Answers within the time."""
    deadline = time.monotonic() + within_s
    runs = {name: _run_of(name, check) for name, check in CHECKS.items()}
    failed = {}
    for name, run in runs.items():
        run.thread.join(max(0.0, deadline - time.monotonic()))
        if run.thread.is_alive():
            failed[name] = f"no answer for {time.monotonic() - run.began:.0f} s"
        elif run.problem:
            failed[name] = run.problem
    return failed


def _run_of(name: str, check: Callable[[], None]) -> RunningCheck:
    """Return the check that is under way, else a new one: who asks again and again must not pile up threads."""
    with _lock:
        run = _running.get(name)
        if run is None or not run.thread.is_alive() or time.monotonic() - run.began > GIVEN_UP_AFTER_S:
            run = _running[name] = RunningCheck(name, check)
        return run


def check_database() -> None:
    """Raise NotReady when it does not answer, migrations are missing, or SQLite is not in WAL mode."""
    try:
        missing = _needed_migrations() - set(MigrationRecorder(connection).applied_migrations())
        journal = _journal_mode()
    except Error as error:
        raise NotReady(f"the database does not answer: {_first_line(error)}") from None
    if missing:
        raise NotReady(f"{len(missing)} migrations are missing: run `manage.py migrate`")
    if journal not in ("", "wal"):
        raise NotReady(
            f"SQLite's journal is {journal} and not wal, so that answers are refused under load: put the data folder "
            "on a local disk, or set DATABASE_URL"
        )


def _journal_mode() -> str:
    """Return how SQLite keeps its journal; empty on PostgreSQL. File systems over a network refuse WAL in silence."""
    if connection.vendor != "sqlite":
        return ""
    with connection.cursor() as cursor:
        return str(cursor.execute("PRAGMA journal_mode").fetchone()[0])


@cache
def _needed_migrations() -> frozenset[tuple[str, str]]:
    """Return the migrations of this program's code, which stays the same while the process runs."""
    return frozenset(MigrationLoader(None).graph.nodes)


def check_broker() -> None:
    """Raise NotReady when no message could be sent."""
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    if "data_folder_out" in options:
        if not os.access(options["data_folder_out"], os.W_OK):
            raise NotReady(f"the folder of messages {options['data_folder_out']} cannot be written")
        return
    try:
        with app.connection_for_write(connect_timeout=BROKER_TIMEOUT_S) as broker:
            broker.ensure_connection(max_retries=1, timeout=BROKER_TIMEOUT_S, interval_start=0, interval_step=0)
    except Exception as error:  # noqa: BLE001 (each transport raises what its library does)
        raise NotReady(f"the broker does not answer: {type(error).__name__}: {_first_line(error)}") from None


def check_worker() -> None:
    """Raise NotReady when no worker of the queue `default`, or none of `gpu`, was seen lately."""
    try:
        served = {queue for queues in living_workers().values_list("queues", flat=True) for queue in queues}
    except Error:
        raise NotReady("the database does not answer, so that no worker can be seen") from None
    if missing := sorted(set(settings.QUEUES) - served):
        raise NotReady(f"no worker of the queue {' and '.join(missing)} was seen in the last {ALIVE_S:.0f} s")


def living_workers() -> QuerySet[Worker]:
    """Return the workers that were seen lately."""
    return Worker.objects.filter(seen_at__gte=timezone.now() - timedelta(seconds=ALIVE_S))


def check_disk() -> None:
    """Raise NotReady when less than MIN_FREE_BYTES are left where the data folder is."""
    try:
        free = shutil.disk_usage(settings.DATA_DIR).free
    except OSError as error:
        raise NotReady(f"the data folder cannot be looked at: {error.strerror}") from None
    if free < settings.MIN_FREE_BYTES:
        raise NotReady(f"{free / 1e9:.2f} GB are left on the disk of {settings.DATA_DIR}")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


CHECKS: dict[str, Callable[[], None]] = {
    "database": check_database,
    "broker": check_broker,
    "worker": check_worker,
    "disk": check_disk,
}
