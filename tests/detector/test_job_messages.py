"""Messages to workers, on this pass's broker (Redis, or files): they may be lost, and no broker need be there."""

import logging

import pytest
from celery import Celery, current_app

from detector.models import EmbeddingShard
from detector.services.embedding import enqueue_shards, plan_embedding
from detector.services.reconcile import reconcile_jobs
from studyapp.services import jobs
from studyapp.services.jobs import claim, send_lost_messages
from studyapp.vocab import JobState
from tests.detector.material import make_set
from tests.faults.services import free_port

pytestmark = pytest.mark.django_db(transaction=True)


def n_waiting() -> int | None:
    return jobs._n_waiting("gpu")


def lose_messages() -> None:
    with current_app.connection_for_write() as broker:
        broker.default_channel.queue_purge("gpu")


@pytest.fixture
def shard() -> EmbeddingShard:
    return plan_embedding(stimulus_set=make_set("messages", n=4), encoder="aisfx").shards.get()


@pytest.fixture
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker at whose address nobody answers."""
    away = Celery("away", broker=f"redis://127.0.0.1:{free_port()}/0", set_as_current=False)
    away.conf.task_routes = {EmbeddingShard.task: {"queue": "gpu"}}
    monkeypatch.setattr(jobs, "current_app", away)


def test_a_queue_without_messages_is_empty_and_no_fault_of_the_broker(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert n_waiting() == 0
    assert caplog.records == []


def test_lost_messages_are_sent_again_while_none_waits(shard: EmbeddingShard) -> None:
    enqueue_shards(shard.run)
    assert n_waiting() == 1
    assert send_lost_messages() == 0 and n_waiting() == 1  # its message is there
    lose_messages()
    assert send_lost_messages() == 1 and n_waiting() == 1
    assert send_lost_messages() == 0 and n_waiting() == 1


def test_messages_that_wait_are_not_sent_over_and_over(shard: EmbeddingShard) -> None:
    enqueue_shards(shard.run)
    for _ in range(3):
        assert reconcile_jobs().n_sent == 0
    assert n_waiting() == 1


def test_none_is_sent_for_a_job_that_a_worker_has_or_that_has_no_attempts_left(shard: EmbeddingShard) -> None:
    assert claim(job=EmbeddingShard, pk=shard.pk) is not None
    assert send_lost_messages() == 0
    EmbeddingShard.objects.update(state=JobState.QUEUED.value, attempts=jobs.MAX_ATTEMPTS)
    assert send_lost_messages() == 0 and n_waiting() == 0


@pytest.mark.usefixtures("no_broker")
def test_without_a_broker_work_waits_as_a_row(shard: EmbeddingShard, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        enqueue_shards(shard.run)
    assert "the broker is away, 1 messages will be sent later" in caplog.text
    shard.refresh_from_db()
    assert (shard.state, shard.attempts) == (JobState.QUEUED.value, 0)


@pytest.mark.usefixtures("no_broker")
def test_without_a_broker_nothing_is_sent_again_and_the_rest_is_reconciled(
    shard: EmbeddingShard, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert reconcile_jobs().n_sent == 0
    assert "the broker is away" in caplog.text
