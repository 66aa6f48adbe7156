"""The jobs of all kinds as rows: how many are in which state, how long the oldest waits."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q
from django.utils import timezone

from studyapp.models import User
from studyapp.models.job import OPEN, Job, job_kinds
from studyapp.vocab import JobState

RUNNING = JobState.RUNNING.value


def jobs_by_state() -> dict[tuple[str, str], int]:
    """Return (kind, state) -> rows; one query for each kind."""
    found: dict[tuple[str, str], int] = {}
    for kind in job_kinds():
        counts = kind._default_manager.filter(_asked_for(kind)).order_by().values_list("state").annotate(Count("pk"))
        found |= {(kind._meta.model_name or "", state): n for state, n in counts}
    return found


def oldest_queued_s() -> dict[str, float]:
    """Return kind -> seconds that its oldest queued job waits, 0 where none does; one query for each kind."""
    now = timezone.now()
    found = {}
    for kind in job_kinds():
        queued = kind._default_manager.filter(kind.ready, state=JobState.QUEUED.value)
        since = queued.aggregate(since=Min("created_at"))["since"]
        found[kind._meta.model_name or ""] = 0.0 if since is None else (now - since).total_seconds()
    return found


def _asked_for(kind: type[Job]) -> Q:
    """Which rows are work that somebody asked for: not those that are still being put together."""
    return kind.ready | ~Q(state=JobState.QUEUED.value)


def job_progress(row: Job, *, unit: str, units: str = "") -> dict[str, Any]:
    """Return how far a job is, for pages that watch it: state, units done and in all, the time left, and the error.

    unit: one of what the job counts; units: several, where an s does not make them.
    """
    return {
        "state": row.state,
        "is_open": row.state in OPEN,
        "n_done": row.n_done,
        "n_total": row.n_total,
        "unit": unit if row.n_total == 1 else units or f"{unit}s",
        "seconds_left": left_since(row.started_at, row.n_done, row.n_total) if row.state == RUNNING else None,
        "error": row.error,
    }


def left_since(began_at: datetime | None, n_done: int, n_total: int) -> float | None:
    """Return the seconds left at the pace since the work began; None while none of it is done."""
    if began_at is None or not n_done:
        return None
    return (timezone.now() - began_at).total_seconds() * (n_total - n_done) / n_done


def may_cancel(user: User, job: Any) -> bool:
    """Whether a user who may see a job (its `owner` started it) may cancel it or have it done again.

    Who started it may, and staff. A job without an owner was started by a command, which knows no user: whoever may
    see it may cancel it.
    """
    return bool(user.is_staff or job.owner_id is None or job.owner_id == user.pk)
