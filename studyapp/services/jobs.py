"""Claim, keep alive and end the work of a job row. Whoever lost a claim must not publish anything.

The row is the truth, and a message to a worker is only a wake-up: one that is lost is sent again, one that comes twice
finds nothing to claim (design decision 7).
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, transaction
from django.db import Error as DatabaseError
from django.db.models import F, QuerySet
from django.utils import timezone

from studyapp.errors import EarwitnessError
from studyapp.models.job import OPEN, Job, job_kinds
from studyapp.vocab import JobState

HEARTBEAT_S = 4.0
DEAD_AFTER_S = 30.0  # the page shows the job queued again within 60 s of a death: this, and a look every 10 s
MAX_ATTEMPTS = 3
WAIT_S = 1.0
GRACE_S = 5.0  # what can end within this time after a worker is told to stop may end
# What a row that has ended, or is to be done in another way, is set to; a worker that is still at it loses its claim.
QUEUED_ANEW: dict[str, Any] = {
    "state": JobState.QUEUED.value,
    "claim": "",
    "attempts": 0,
    "n_done": 0,
    "error": "",
    "started_at": None,
    "finished_at": None,
}
logger = logging.getLogger(__name__)
_stopping_since: list[float] = []  # empty, or the time at which this process was told to stop


class LostClaim(Exception):
    """The job was cancelled, or given to another worker. Not an error to show: the row says what happened."""


class GivenBack(Exception):
    """This worker was told to stop: the job goes back to the queue, for another."""


@dataclass
class Claim:
    """A worker's hold on a job. Every write goes through the token, so that a worker that was given up cannot write."""

    job: type[Job]
    pk: int
    token: str
    is_lost: threading.Event = field(default_factory=threading.Event)
    _last_beat: float = field(default_factory=time.monotonic)

    def beat(self, *, n_done: int | None = None, now: bool = False) -> None:
        """Say that the work goes on, at most every 4 s unless `now`. Raises LostClaim, or GivenBack."""
        if self.is_lost.is_set():
            raise LostClaim(f"{self.job.__name__} {self.pk}")
        if _stopping_since and time.monotonic() - _stopping_since[0] > GRACE_S:
            raise GivenBack
        if not now and time.monotonic() - self._last_beat < HEARTBEAT_S:
            return
        self._last_beat = time.monotonic()
        fields: dict[str, object] = {"heartbeat_at": timezone.now()}
        if n_done is not None:
            fields["n_done"] = n_done
        self.update(**fields)

    def update(self, **fields: object) -> None:
        """Write fields of the row in one short statement. Raises LostClaim."""
        held = self.job._default_manager.filter(pk=self.pk, state=JobState.RUNNING.value, claim=self.token)
        if held.update(**fields) != 1:
            raise LostClaim(f"{self.job.__name__} {self.pk}")

    def finish(self) -> None:
        """Mark the job done. Call it first in the transaction that publishes, which LostClaim then rolls back."""
        now = timezone.now()
        self.update(state=JobState.DONE.value, n_done=F("n_total"), error="", finished_at=now, heartbeat_at=now)

    def fail(self, reason: str, *, again: bool) -> None:
        """Mark the job failed; with `again` it goes back to the queue while it has attempts left."""
        attempts = self.job._default_manager.values_list("attempts", flat=True).filter(pk=self.pk).first()
        if again and attempts is not None and attempts < MAX_ATTEMPTS:
            self.update(state=JobState.QUEUED.value, claim="", error=reason)
            enqueue(self.job, [self.pk])
        else:
            self.update(state=JobState.FAILED.value, error=reason, finished_at=timezone.now())

    def give_back(self) -> None:
        """Put the job back into the queue as if this worker had never had it."""
        self.update(state=JobState.QUEUED.value, claim="", attempts=F("attempts") - 1)
        enqueue(self.job, [self.pk])


def claim(*, job: type[Job], pk: int) -> Claim | None:
    """Take a queued job, by compare-and-set; None when it is not queued (any more)."""
    token, now = secrets.token_hex(16), timezone.now()
    queued = job._default_manager.filter(job.ready, pk=pk, state=JobState.QUEUED.value, attempts__lt=MAX_ATTEMPTS)
    taken = queued.update(
        state=JobState.RUNNING.value, claim=token, attempts=F("attempts") + 1, heartbeat_at=now, started_at=now
    )
    return Claim(job, pk, token) if taken == 1 else None


def do_claimed(*, job: type[Job], pk: int, do: Callable[[Claim], None]) -> bool:
    """Do a queued job, which `do` finishes; False when another worker has it or it was cancelled on the way.

    A named error marks it failed with its words. Any other fault puts it back into the queue while it has attempts
    left, and goes on to the caller. A worker that is told to stop gives it back.
    """
    if is_stopping():
        return False  # its row stays queued, and the next worker gets a message
    held = claim(job=job, pk=pk)
    if held is None:
        return False
    try:
        with _kept_alive(held):
            do(held)
    except LostClaim:
        return False
    except GivenBack:
        with suppress(LostClaim):
            held.give_back()
        return False
    except DatabaseError as error:
        if not connection.in_atomic_block:
            connection.close()  # a new one may work already
        # Where it does not, the row's silence will bring it back to the queue.
        with suppress(LostClaim, DatabaseError):
            held.fail(f"{type(error).__name__}: {error}", again=True)
        raise
    except EarwitnessError as error:
        with suppress(LostClaim):
            held.fail(str(error), again=False)
    except Exception as error:
        with suppress(LostClaim):
            held.fail(f"{type(error).__name__}: {error}", again=True)
        raise
    return True


def do_or_await(row: Job, do: Callable[[], bool]) -> None:
    """Do a job in the foreground, or wait for the worker that has it, until it has ended; the row then says how."""
    while row.state in OPEN:
        if not do():
            time.sleep(WAIT_S)  # a worker holds it, and may die at it
            reclaim_dead(job=type(row))
        row.refresh_from_db()


def stop_soon() -> None:
    """Tell this process's work to end within a few seconds, or to be given back."""
    _stopping_since[:] = [time.monotonic()]


def is_stopping() -> bool:
    return bool(_stopping_since)


@contextmanager
def _kept_alive(held: Claim) -> Iterator[None]:
    """Keep the heartbeat fresh from a thread: a step of the work may take longer than a worker may be silent.

    Not within a transaction, whose rows no other connection sees or may touch.
    """
    if connection.in_atomic_block:
        yield
        return
    done = threading.Event()
    thread = threading.Thread(target=_beat_until, args=(held, done), name=f"alive-{held.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _beat_until(held: Claim, done: threading.Event) -> None:
    while not done.wait(HEARTBEAT_S):
        try:
            held.update(heartbeat_at=timezone.now())
        except LostClaim:
            if not done.is_set():
                held.is_lost.set()
            break
        except DatabaseError as error:  # away for a while: the next beat may come through
            logger.warning("%s %s: no heartbeat could be written: %s", held.job.__name__, held.pk, error)
            connection.close()
    connection.close()


def enqueue(job: type[Job], pks: Iterable[int]) -> None:
    """Let workers know of queued jobs, once the rows are committed.

    Where the broker is away the rows stay queued, and `reconcile_jobs` sends their messages later.
    """
    keys = list(pks)
    if keys:
        transaction.on_commit(lambda: _send(job.task, keys), using=DEFAULT_DB_ALIAS, robust=True)


def _send(task: str, keys: list[int]) -> None:
    try:
        for key in keys:
            current_app.send_task(task, args=[key], retry=False)
    except Exception as error:  # noqa: BLE001 (each transport raises what its library does)
        logger.warning("%s: the broker is away, %d messages will be sent later: %s", task, len(keys), error)


def reclaim_dead(*, job: type[Job]) -> tuple[int, int]:
    """Put jobs whose worker fell silent back into the queue; return how many went back, and how many were given up."""
    silent = job._default_manager.filter(
        state=JobState.RUNNING.value, heartbeat_at__lt=timezone.now() - timedelta(seconds=DEAD_AFTER_S)
    )
    keys = list(silent.values_list("pk", flat=True))
    if not keys:
        return 0, 0
    failed = silent.filter(pk__in=keys, attempts__gte=MAX_ATTEMPTS).update(
        state=JobState.FAILED.value,
        claim="",
        finished_at=timezone.now(),
        error=f"The worker died {MAX_ATTEMPTS} times at this. Look at its log, or use a machine with more memory.",
    )
    back = silent.filter(pk__in=keys, attempts__lt=MAX_ATTEMPTS).update(
        state=JobState.QUEUED.value, claim="", error="The worker fell silent; the work was put back into the queue."
    )
    enqueue(job, job._default_manager.filter(pk__in=keys, state=JobState.QUEUED.value).values_list("pk", flat=True))
    return back, failed


def bring_back_if_silent(row: Job) -> None:
    """Put the jobs of that kind back into the queue, where this one's worker fell silent. For pages that watch it.

    Workers look for such jobs too; but the one that died may have been the only one.
    """
    limit = timezone.now() - timedelta(seconds=DEAD_AFTER_S)
    if row.state == JobState.RUNNING.value and row.heartbeat_at is not None and row.heartbeat_at < limit:
        reclaim_dead(job=type(row))
        row.refresh_from_db()


def cancel(jobs: QuerySet[Any]) -> bool:
    """Cancel those of the jobs that have not ended; False where all had. Their workers stop at their next heartbeat."""
    live = jobs.filter(state__in=OPEN)
    return bool(live.update(state=JobState.CANCELLED.value, claim="", finished_at=timezone.now()))


def retry(jobs: QuerySet[Any]) -> bool:
    """Queue those of the jobs that failed or were cancelled once more, with all their attempts; whether any did."""
    ended = jobs.filter(state__in=(JobState.FAILED.value, JobState.CANCELLED.value))
    keys = list(ended.values_list("pk", flat=True))
    again = bool(jobs.filter(pk__in=keys).update(**QUEUED_ANEW))
    if again:
        enqueue(jobs.model, keys)
    return again


def send_lost_messages() -> int:
    """Send a message for every queued job of a queue in which none waits: they were lost, or are all being done.

    While messages wait, those of the queued jobs are most likely among them; sending them again would only fill the
    queue. A second message for the same job does no harm. Returns how many were sent.
    """
    n_sent = 0
    for queue in settings.QUEUES:
        kinds = [kind for kind in job_kinds() if _queue_of(kind) == queue]
        keys = {kind: list(_queued(kind)) for kind in kinds}
        if not any(keys.values()) or _n_waiting(queue) != 0:
            continue
        for kind, queued in keys.items():
            enqueue(kind, queued)
            n_sent += len(queued)
    return n_sent


def _queued(kind: type[Job]) -> Iterable[int]:
    queued = kind._default_manager.filter(kind.ready, state=JobState.QUEUED.value, attempts__lt=MAX_ATTEMPTS)
    return queued.order_by("pk").values_list("pk", flat=True)


def _queue_of(kind: type[Job]) -> str:
    route = current_app.amqp.router.route({}, kind.task)
    return str(getattr(route.get("queue"), "name", route.get("queue")) or settings.CELERY_TASK_DEFAULT_QUEUE)


def _n_waiting(queue: str) -> int | None:
    """Return how many messages wait in a queue; None where the broker does not say."""
    try:
        with current_app.connection_for_read() as broker:
            broker.ensure_connection(max_retries=1, timeout=2, interval_start=0, interval_step=0)
            channel: Any = broker.default_channel
            # Not passive: kombu looks for the queue without Redis's prefix, and would never find it.
            return int(channel.queue_declare(queue=queue, durable=True, auto_delete=False).message_count)
    except Exception as error:  # noqa: BLE001 (each transport raises what its library does)
        logger.warning("the broker is away: %s", error)
        return None
