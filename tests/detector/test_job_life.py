"""While a worker has a job: its heartbeat stays fresh, a cancel reaches it, and a worker told to end gives it back."""

import sqlite3
import time
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import Error as DatabaseError
from django.db import connection
from django.utils import timezone

from detector.models import EmbeddingRun, EmbeddingShard
from detector.services.embedding import cancel_embedding, plan_embedding
from studyapp.services import jobs
from studyapp.services.jobs import Claim, GivenBack, LostClaim, claim, do_claimed, stop_soon
from studyapp.vocab import JobState
from tests.detector.material import make_set


@pytest.fixture(autouse=True)
def not_stopping(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_stopping_since", [])


@pytest.fixture
def run() -> EmbeddingRun:
    return plan_embedding(stimulus_set=make_set("life", n=4), encoder="aisfx")


@pytest.fixture
def shard(run: EmbeddingRun) -> EmbeddingShard:
    return run.shards.get()


def long_step(until: Callable[[], object]) -> bool:
    """Do one long step, without a word to the row; say whether something came about within it."""
    deadline = time.monotonic() + 10.0
    while time.monotonic() < deadline:
        if until():
            return True
        time.sleep(0.02)
    return False


@pytest.mark.django_db
def test_a_job_that_is_given_back_is_as_if_no_worker_had_had_it(shard: EmbeddingShard) -> None:
    held = claim(job=EmbeddingShard, pk=shard.pk)
    assert held is not None
    held.give_back()
    shard.refresh_from_db()
    assert (shard.state, shard.attempts, shard.claim, shard.error) == (JobState.QUEUED.value, 0, "", "")
    with pytest.raises(LostClaim):
        held.beat(now=True)


@pytest.mark.django_db
def test_a_worker_told_to_end_may_end_soon_then_gives_its_work_back_and_begins_no_other(
    shard: EmbeddingShard, monkeypatch: pytest.MonkeyPatch
) -> None:
    beats = []

    def work(held: Claim) -> None:
        stop_soon()
        held.beat(now=True)  # the grace has just begun
        beats.append("within")
        monkeypatch.setattr(jobs, "GRACE_S", 0.0)
        held.beat()
        beats.append("after")

    assert not do_claimed(job=EmbeddingShard, pk=shard.pk, do=work)
    shard.refresh_from_db()
    assert beats == ["within"] and (shard.state, shard.attempts) == (JobState.QUEUED.value, 0)
    assert not do_claimed(job=EmbeddingShard, pk=shard.pk, do=work)
    shard.refresh_from_db()
    assert beats == ["within"] and (shard.state, shard.attempts) == (JobState.QUEUED.value, 0)


@pytest.mark.django_db
def test_a_job_that_is_cancelled_while_it_is_given_back_stays_cancelled(
    run: EmbeddingRun, shard: EmbeddingShard
) -> None:
    def work(held: Claim) -> None:
        cancel_embedding(run=run)
        raise GivenBack

    assert not do_claimed(job=EmbeddingShard, pk=shard.pk, do=work)
    shard.refresh_from_db()
    assert shard.state == JobState.CANCELLED.value


@pytest.mark.django_db(transaction=True)
def test_a_step_longer_than_a_heartbeat_keeps_the_job_alive(
    shard: EmbeddingShard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "HEARTBEAT_S", 0.1)
    rows = EmbeddingShard.objects.filter(pk=shard.pk)

    def work(held: Claim) -> None:
        began = timezone.now()
        assert long_step(lambda: rows.filter(heartbeat_at__gt=began).exists())
        assert not held.is_lost.is_set()
        held.finish()

    assert do_claimed(job=EmbeddingShard, pk=shard.pk, do=work)
    shard.refresh_from_db()
    assert shard.state == JobState.DONE.value


@pytest.mark.django_db(transaction=True)
def test_a_cancel_in_a_long_step_is_known_at_its_end(
    run: EmbeddingRun, shard: EmbeddingShard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "HEARTBEAT_S", 0.1)
    lost = []

    def work(held: Claim) -> None:
        cancel_embedding(run=run)
        lost.append(long_step(held.is_lost.is_set))
        held.beat()  # not yet time for a word to the row; the thread knows
        lost.append("went on")

    assert not do_claimed(job=EmbeddingShard, pk=shard.pk, do=work)
    assert lost == [True]


@pytest.mark.django_db(transaction=True)
def test_the_thread_that_keeps_a_job_alive_leaves_no_connection_behind(
    shard: EmbeddingShard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "HEARTBEAT_S", 0.05)
    used: list[Any] = []

    class Watched(Claim):
        def update(self, **fields: object) -> None:
            super().update(**fields)
            used.append(connection.connection)  # of the thread that calls

    held = claim(job=EmbeddingShard, pk=shard.pk)
    assert held is not None
    with jobs._kept_alive(Watched(held.job, held.pk, held.token)):
        assert long_step(lambda: len(used) >= 2)
    assert used[0] is not connection.connection
    with pytest.raises((psycopg.OperationalError, sqlite3.ProgrammingError), match="closed"):
        used[0].cursor()


@pytest.mark.django_db(transaction=True)
def test_a_fault_of_the_database_puts_a_job_back_at_once_where_it_answers_again(shard: EmbeddingShard) -> None:
    def work(held: Claim) -> None:
        connection.connection.close()  # as a server that restarts does it
        EmbeddingShard.objects.get(pk=held.pk)

    with pytest.raises(DatabaseError, match="closed"):
        do_claimed(job=EmbeddingShard, pk=shard.pk, do=work)
    shard.refresh_from_db()
    assert (shard.state, shard.attempts, shard.claim) == (JobState.QUEUED.value, 1, "")
    assert "closed" in shard.error
