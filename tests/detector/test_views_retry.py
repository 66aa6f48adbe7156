"""Work that failed or was cancelled is done again from its page; a page that watches work brings back what is lost."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from detector.models import EmbeddingRun, EmbeddingShard, Scoring, Training
from detector.services.embedding import plan_embedding, settle_embedding
from detector.services.scoring_work import plan_scoring
from detector.services.training import plan_training
from studyapp.models import User
from studyapp.models.job import Job
from studyapp.services.jobs import DEAD_AFTER_S, claim
from studyapp.vocab import JobState
from tests.detector.drawn_training import draw_training
from tests.detector.material import TINY, give_vectors, make_set
from tests.factories import make_user

pytestmark = pytest.mark.django_db
KINDS = ["embedding", "training", "scoring"]


def embedding_of(owner: User) -> tuple[EmbeddingRun, Job, str]:
    run = plan_embedding(stimulus_set=make_set("sounds", n=4), encoder="aisfx", owner=owner)
    return run, run.shards.get(), reverse("detector:index")


def training_of(owner: User) -> tuple[Training, Job, str]:
    corpus = make_set("corpus", n=40)
    give_vectors(corpus)
    training = plan_training(stimulus_set=corpus, encoder="aisfx", config=TINY, owner=owner)
    return training, training, reverse("detector:training", args=[training.pk])


def scoring_of(owner: User) -> tuple[Scoring, Job, str]:
    corpus = make_set("corpus", n=40)
    training = draw_training(corpus)
    scoring = plan_scoring(training=training, run_choice="1", stimulus_set=corpus, owner=owner)
    return scoring, scoring, reverse("detector:training", args=[training.pk])


MAKE: dict[str, Callable[[User], tuple[Any, Job, str]]] = {
    "embedding": embedding_of,
    "training": training_of,
    "scoring": scoring_of,
}


@pytest.fixture
def user() -> User:
    return make_user("ada")


def end(work: Any, job: Job, state: JobState) -> None:
    fields = {"state": state.value, "error": "out of memory", "finished_at": timezone.now()}
    type(job)._default_manager.filter(pk=job.pk).update(attempts=3, n_done=2, started_at=timezone.now(), **fields)
    type(work)._default_manager.filter(pk=work.pk).update(**fields)


def add_done_shard(run: EmbeddingRun) -> None:
    fields = {"state": "done", "attempts": 1, "n_done": 4, "n_total": 4, "stimulus_ids": []}
    EmbeddingShard.objects.create(run=run, number=1, started_at=timezone.now(), finished_at=timezone.now(), **fields)


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED])
@pytest.mark.parametrize("kind", KINDS)
def test_work_that_ended_badly_is_queued_again_by_who_started_it(
    client: Client, user: User, kind: str, state: JobState
) -> None:
    work, job, page = MAKE[kind](user)
    end(work, job, state)
    again = reverse(f"detector:retry_{kind}", args=[work.pk])
    client.force_login(user)
    assert again in client.get(page).content.decode()
    answer = client.post(again, follow=True)
    assert answer.redirect_chain[0][0] == page and "It waits for a worker again." in answer.content.decode()
    assert again not in answer.content.decode()
    for row in (work, job):
        row.refresh_from_db()
        assert (row.state, row.error, row.finished_at) == (JobState.QUEUED.value, "", None)
    assert (job.attempts, job.n_done, job.claim, job.started_at) == (0, 0, "", None)
    assert claim(job=type(job), pk=job.pk) is not None


@pytest.mark.parametrize("kind", KINDS)
def test_others_see_no_button_and_are_refused_and_staff_is_not(client: Client, user: User, kind: str) -> None:
    work, job, page = MAKE[kind](user)
    end(work, job, JobState.FAILED)
    again = reverse(f"detector:retry_{kind}", args=[work.pk])
    client.force_login(make_user("eve"))
    assert again not in client.get(page).content.decode()
    assert client.post(again).status_code == 403
    job.refresh_from_db()
    assert job.state == JobState.FAILED.value
    client.force_login(make_user("root", is_staff=True))
    assert again in client.get(page).content.decode()
    client.post(again)
    job.refresh_from_db()
    assert job.state == JobState.QUEUED.value


@pytest.mark.parametrize("kind", KINDS)
def test_work_that_has_not_ended_badly_is_not_done_again(client: Client, user: User, kind: str) -> None:
    work, job, page = MAKE[kind](user)
    again = reverse(f"detector:retry_{kind}", args=[work.pk])
    client.force_login(user)
    assert again not in client.get(page).content.decode()
    answer = client.post(again, follow=True)
    assert "there is nothing to do again" in answer.content.decode()
    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.QUEUED.value, 0)


def test_only_the_shards_that_ended_badly_are_done_again(client: Client, user: User) -> None:
    run, shard, _ = embedding_of(user)
    add_done_shard(run)
    end(run, shard, JobState.FAILED)
    client.force_login(user)
    client.post(reverse("detector:retry_embedding", args=[run.pk]))
    assert list(run.shards.values_list("state", "attempts", "n_done")) == [("queued", 0, 0), ("done", 1, 4)]


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_that_watches_work_puts_it_back_when_its_worker_fell_silent(
    client: Client, user: User, kind: str
) -> None:
    work, job, _ = MAKE[kind](user)
    watch = reverse(f"detector:{kind}_progress", args=[work.pk])
    client.force_login(user)
    held = claim(job=type(job), pk=job.pk)
    if kind == "embedding":
        settle_embedding(run_id=work.pk)
    assert held is not None and client.get(watch).json()["state"] == "running"
    silent_since = timezone.now() - timedelta(seconds=DEAD_AFTER_S + 1)
    type(job)._default_manager.filter(pk=job.pk).update(heartbeat_at=silent_since)
    assert client.get(watch).json()["state"] == "queued"
    job.refresh_from_db()
    assert (job.state, job.attempts, job.claim) == (JobState.QUEUED.value, 1, "")
    assert claim(job=type(job), pk=job.pk) is not None


def test_a_run_that_had_begun_is_queued_while_no_worker_has_a_shard_of_it(client: Client, user: User) -> None:
    run, _, _ = embedding_of(user)
    add_done_shard(run)
    settle_embedding(run_id=run.pk)
    run.refresh_from_db()
    client.force_login(user)
    answer = client.get(reverse("detector:embedding_progress", args=[run.pk])).json()
    assert (run.state, answer["state"], answer["n_done"]) == ("running", "queued", 4)
