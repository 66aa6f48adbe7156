"""Claim, keep alive and end the work of a job row. Whoever lost a claim must not publish anything."""

import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import Error as DatabaseError
from django.db.models import F
from django.utils import timezone

from detector.models import Job
from studyapp.errors import EarwitnessError
from studyapp.vocab import JobState

HEARTBEAT_S = 4.0
DEAD_AFTER_S = 60.0
MAX_ATTEMPTS = 3


class LostClaim(Exception):
    """The job was cancelled, or given to another worker. Not an error to show: the row says what happened."""


@dataclass
class Claim:
    """A worker's hold on a job. Every write goes through the token, so that a worker that was given up cannot write."""

    job: type[Job]
    pk: int
    token: str
    _last_beat: float = field(default_factory=time.monotonic)

    def beat(self, *, n_done: int | None = None, now: bool = False) -> None:
        """Say that the work goes on, at most every 4 s unless `now`. Raises LostClaim."""
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
        attempts = self.job._default_manager.values_list("attempts", flat=True).get(pk=self.pk)
        if again and attempts < MAX_ATTEMPTS:
            self.update(state=JobState.QUEUED.value, claim="", error=reason)
        else:
            self.update(state=JobState.FAILED.value, error=reason, finished_at=timezone.now())


def claim(*, job: type[Job], pk: int) -> Claim | None:
    """Take a queued job, by compare-and-set; None when it is not queued (any more)."""
    token, now = secrets.token_hex(16), timezone.now()
    queued = job._default_manager.filter(pk=pk, state=JobState.QUEUED.value, attempts__lt=MAX_ATTEMPTS)
    taken = queued.update(
        state=JobState.RUNNING.value, claim=token, attempts=F("attempts") + 1, heartbeat_at=now, started_at=now
    )
    return Claim(job, pk, token) if taken == 1 else None


def do_claimed(*, job: type[Job], pk: int, do: Callable[[Claim], None]) -> bool:
    """Do a queued job, which `do` finishes; False when another worker has it or it was cancelled on the way.

    A named error marks it failed with its words. Any other fault puts it back into the queue while it has attempts
    left, and goes on to the caller.
    """
    held = claim(job=job, pk=pk)
    if held is None:
        return False
    try:
        do(held)
    except LostClaim:
        return False
    except DatabaseError:
        raise  # the row cannot be written now; its silence will bring it back to the queue
    except EarwitnessError as error:
        with suppress(LostClaim):
            held.fail(str(error), again=False)
    except Exception as error:
        with suppress(LostClaim):
            held.fail(f"{type(error).__name__}: {error}", again=True)
        raise
    return True


def reclaim_dead(*, job: type[Job]) -> tuple[int, int]:
    """Put jobs whose worker fell silent back into the queue; return how many went back, and how many were given up."""
    silent = job._default_manager.filter(
        state=JobState.RUNNING.value, heartbeat_at__lt=timezone.now() - timedelta(seconds=DEAD_AFTER_S)
    )
    failed = silent.filter(attempts__gte=MAX_ATTEMPTS).update(
        state=JobState.FAILED.value,
        claim="",
        finished_at=timezone.now(),
        error=f"The worker died {MAX_ATTEMPTS} times at this. Look at its log, or use a machine with more memory.",
    )
    back = silent.filter(attempts__lt=MAX_ATTEMPTS).update(
        state=JobState.QUEUED.value, claim="", error="The worker fell silent; the work was put back into the queue."
    )
    return back, failed
