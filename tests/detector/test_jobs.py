"""Job rows: one worker at a time, no publishing after a lost claim, dead workers' work comes back."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from detector.models import EmbeddingRun, EmbeddingShard
from detector.services import embedding_work
from detector.services.embedding import cancel_embedding, plan_embedding, settle_embedding
from detector.services.embedding_work import run_embedding
from detector.services.reconcile import reconcile_jobs
from studyapp.errors import EarwitnessError
from studyapp.services.jobs import DEAD_AFTER_S, MAX_ATTEMPTS, LostClaim, claim
from studyapp.vocab import JobState
from tests.detector.material import make_set

pytestmark = pytest.mark.django_db


@pytest.fixture
def run() -> EmbeddingRun:
    return plan_embedding(stimulus_set=make_set("jobs", n=10), encoder="aisfx")


@pytest.fixture
def shard(run: EmbeddingRun) -> EmbeddingShard:
    return run.shards.get()


def fall_silent(shard: EmbeddingShard) -> None:
    long_ago = timezone.now() - timedelta(seconds=DEAD_AFTER_S + 1)
    EmbeddingShard.objects.filter(pk=shard.pk).update(heartbeat_at=long_ago)


def test_only_one_worker_gets_a_job(shard: EmbeddingShard) -> None:
    assert claim(job=EmbeddingShard, pk=shard.pk) is not None
    assert claim(job=EmbeddingShard, pk=shard.pk) is None


def test_a_cancelled_job_stops_its_worker_at_the_next_heartbeat(run: EmbeddingRun, shard: EmbeddingShard) -> None:
    held = claim(job=EmbeddingShard, pk=shard.pk)
    assert held is not None
    held.beat(now=True)
    assert cancel_embedding(run=run)
    with pytest.raises(LostClaim):
        held.beat(now=True)
    assert not cancel_embedding(run=run)


def test_a_worker_that_was_given_up_cannot_finish(shard: EmbeddingShard) -> None:
    first = claim(job=EmbeddingShard, pk=shard.pk)
    fall_silent(shard)
    reconcile_jobs()
    second = claim(job=EmbeddingShard, pk=shard.pk)
    assert first is not None and second is not None
    with pytest.raises(LostClaim), transaction.atomic():
        first.finish()
    second.finish()
    shard.refresh_from_db()
    assert (shard.state, shard.attempts) == (JobState.DONE.value, 2)


def test_a_dead_workers_job_is_given_up_after_the_last_attempt(run: EmbeddingRun, shard: EmbeddingShard) -> None:
    for _ in range(MAX_ATTEMPTS):
        assert claim(job=EmbeddingShard, pk=shard.pk) is not None
        fall_silent(shard)
        done = reconcile_jobs()
    assert (done.n_back, done.n_failed) == (0, 1)
    run.refresh_from_db()
    assert run.state == JobState.FAILED.value
    assert "died" in run.error


@pytest.mark.timeout(30)
def test_a_command_that_waits_for_a_dead_worker_takes_its_work_over(
    run: EmbeddingRun, shard: EmbeddingShard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding_work, "WAIT_S", 0.01)
    for _ in range(MAX_ATTEMPTS):
        EmbeddingShard.objects.filter(pk=shard.pk).update(state=JobState.QUEUED.value)
        assert claim(job=EmbeddingShard, pk=shard.pk) is not None
    fall_silent(shard)
    with pytest.raises(EarwitnessError, match="died"):
        run_embedding(run=run)


def test_a_job_with_a_fresh_heartbeat_is_left_alone(shard: EmbeddingShard) -> None:
    held = claim(job=EmbeddingShard, pk=shard.pk)
    done = reconcile_jobs()
    assert (done.n_back, done.n_sent) == (0, 0)
    assert held is not None
    held.beat(now=True)


def test_a_queued_job_whose_message_was_lost_is_sent_again(
    shard: EmbeddingShard, django_capture_on_commit_callbacks
) -> None:
    with django_capture_on_commit_callbacks() as sent:
        assert reconcile_jobs().n_sent == 1
    assert len(sent) == 1


def test_a_fault_puts_a_job_back_until_its_attempts_are_used_up(run: EmbeddingRun, shard: EmbeddingShard) -> None:
    for attempt in range(1, MAX_ATTEMPTS + 1):
        held = claim(job=EmbeddingShard, pk=shard.pk)
        assert held is not None
        held.fail("out of memory", again=True)
        shard.refresh_from_db()
        assert shard.state == (JobState.QUEUED if attempt < MAX_ATTEMPTS else JobState.FAILED).value
    settle_embedding(run_id=run.pk)
    run.refresh_from_db()
    assert (run.state, run.error) == (JobState.FAILED.value, "out of memory")
