"""The time left of each kind of job, at the pace so far; none before there is a pace."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from detector.models import EmbeddingFailure, EmbeddingRun, EmbeddingShard, Report, Scoring
from detector.selectors.progress import embedding_progress, embedding_progresses, report_progress, scoring_progress
from studyapp.models import Stimulus, StimulusSet
from tests.detector.drawn_training import draw_training
from tests.detector.material import make_set
from tests.factories import make_user

pytestmark = pytest.mark.django_db
NEAR = pytest.approx
N_INDEX = 12  # queries of the first page


@pytest.fixture
def corpus() -> StimulusSet:
    return make_set("corpus", n=20)


def ago(seconds: float) -> Any:
    return timezone.now() - timedelta(seconds=seconds)


def embedding(corpus: StimulusSet, *shards: dict[str, Any], n_reused: int = 0) -> EmbeddingRun:
    """Return a running run of 100 clips to a shard."""
    run = EmbeddingRun.objects.create(
        stimulus_set=corpus,
        encoder="aisfx",
        fingerprint="0" * 64,
        recipe={},
        code_version="0.1.0",
        state="running",
        n_clips=100 * len(shards) + n_reused,
        n_reused=n_reused,
    )
    for number, fields in enumerate(shards):
        EmbeddingShard.objects.create(run=run, number=number, stimulus_ids=[], n_total=100, **fields)
    return run


def done(began: float, ended: float) -> dict[str, Any]:
    return {"state": "done", "n_done": 100, "attempts": 1, "started_at": ago(began), "finished_at": ago(ended)}


def running(n_done: int, began: float, *, attempts: int = 1) -> dict[str, Any]:
    return {"state": "running", "n_done": n_done, "attempts": attempts, "started_at": ago(began)}


def left(run: EmbeddingRun) -> float | None:
    seconds: float | None = embedding_progress(run)["seconds_left"]
    return seconds


def test_an_embedding_goes_on_at_the_pace_of_its_finished_shards(corpus: StimulusSet) -> None:
    run = embedding(corpus, done(60, 40), done(40, 20), running(50, 20), {}, n_reused=7)
    assert left(run) == NEAR(
        40 / 200 * 150, rel=0.01
    )  # 150 of 400 clips are left; the 7 that were there count for none
    assert embedding_progress(run)["n_done"] == 257


def test_time_without_a_worker_slows_no_embedding_down(corpus: StimulusSet) -> None:
    assert left(embedding(corpus, done(3620, 3600), {})) == NEAR(20, rel=0.01)


def test_the_first_shard_tells_the_time_by_its_own_clips(corpus: StimulusSet) -> None:
    assert left(embedding(corpus, running(25, 10))) == NEAR(30, rel=0.01)
    assert left(embedding(corpus, running(25, 10, attempts=2))) is None  # the 25 are of the attempt before
    assert left(embedding(corpus, running(0, 10))) is None
    assert left(embedding(corpus, {})) is None


def test_an_ended_embedding_has_no_time_left(corpus: StimulusSet) -> None:
    run = embedding(corpus, done(60, 40), {"state": "cancelled"})
    run.state = "cancelled"
    assert left(run) is None


@pytest.mark.parametrize("kind", ["scoring", "report"])
def test_a_scoring_and_a_report_tell_their_time_once_a_part_is_done(corpus: StimulusSet, kind: str) -> None:
    fields = {"training": draw_training(corpus), "started_at": ago(30), "state": "running", "n_done": 2, "n_total": 8}
    job: Any = Scoring(stimulus_set=corpus, **fields) if kind == "scoring" else Report(**fields)
    said = scoring_progress if kind == "scoring" else report_progress
    assert said(job)["seconds_left"] == NEAR(90, rel=0.01)
    for changed in ({"n_done": 0}, {"n_done": 2, "state": "queued"}, {"state": "done"}):
        for name, value in changed.items():
            setattr(job, name, value)
        assert said(job)["seconds_left"] is None


def test_many_runs_are_looked_up_at_once(corpus: StimulusSet, django_assert_num_queries: Any) -> None:
    runs = [embedding(corpus, done(60, 40), {}), embedding(corpus, {}), embedding(corpus)]
    with django_assert_num_queries(1):
        assert [each["n_done"] for each in embedding_progresses(runs)] == [100, 0, 0]


def test_the_first_page_asks_as_often_for_many_runs_as_for_one(
    client: Client, corpus: StimulusSet, django_assert_num_queries: Any
) -> None:
    client.force_login(make_user("ada"))
    draw_training(corpus)
    one = embedding(corpus, done(60, 40), done(40, 20))
    EmbeddingFailure.objects.bulk_create(
        EmbeddingFailure(run=one, stimulus=clip, detail="is silent") for clip in Stimulus.objects.all()[:3]
    )
    with django_assert_num_queries(N_INDEX):
        answer = client.get(reverse("detector:index"))
    assert [run.n_failed for run, _, _ in answer.context["embedding_runs"]] == [3]
    for seed in range(5):
        embedding(corpus, done(60, 40), {})
        draw_training(corpus, seed=seed)
    with django_assert_num_queries(N_INDEX):
        client.get(reverse("detector:index"))
