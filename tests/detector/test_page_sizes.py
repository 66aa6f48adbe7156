"""Every page answers with nothing, few and thousands of clips, and neither its size nor its queries grow with them."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from detector.models import Training
from detector.services.report_plan import plan_report
from detector.services.report_work import run_report
from studyapp.models import StimulusSet
from tests.detector.drawn_training import draw_training
from tests.detector.large_corpus import make_large_set
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.once]
MOST_BYTES, MOST_QUERIES = 250_000, 17


@pytest.fixture
def page(client: Client) -> Client:
    client.force_login(make_user("ada"))
    return client


def look(page: Client, address: str, **query: object) -> str:
    """Return the page's text, once it answers within the bounds."""
    with CaptureQueriesContext(connection) as queries:
        answer = page.get(address, query)
    assert answer.status_code == 200, address
    assert len(answer.content) < MOST_BYTES, address
    assert len(queries) <= MOST_QUERIES, address
    return answer.content.decode()


def reported(training: Training) -> Training:
    run_report(report=plan_report(training=training, n_resamples=100))
    return training


def test_pages_of_a_site_with_nothing_say_what_to_do(page: Client) -> None:
    assert "manage.py import_stimuli" in look(page, reverse("detector:index"))
    assert "Nothing is selected yet" in look(page, reverse("detector:index"))
    assert look(page, reverse("detector:compare"))


def test_pages_of_a_set_without_clips_answer(page: Client) -> None:
    empty = StimulusSet.objects.create(slug="empty", title="An empty set")
    assert "There are no sounds yet" in look(page, reverse("detector:index"))
    assert look(page, reverse("stimulus_set", args=[empty.slug]))


@pytest.mark.parametrize("n", [82, 5000])
@pytest.mark.parametrize(("protocol", "n_folds"), [("paper", 1), ("leave-one-team-out", 12)])
def test_pages_of_few_and_of_thousands_of_clips_keep_within_bounds(
    page: Client, n: int, protocol: str, n_folds: int
) -> None:
    corpus = make_large_set("corpus", n=n)
    first, second = (
        reported(draw_training(corpus, n_runs=10, n_folds=n_folds, protocol=protocol, seed=seed)) for seed in (0, 1)
    )
    n_held_out = sum(fold.n_evaluation for fold in first.folds.all())
    text = look(page, reverse("detector:report", args=[first.pk]))
    assert f"{n_held_out} held-out clips" in text and text.count("data-clip-src") <= 10
    text = look(page, reverse("detector:gallery", args=[first.pk]), outcome="all")
    assert text.count("data-clip-src") == min(n_held_out, 50)
    assert look(page, reverse("detector:training", args=[first.pk]))
    assert look(page, reverse("detector:index"))
    assert look(page, reverse("detector:compare"), training=[first.pk, second.pk])
    assert look(page, reverse("stimulus_set", args=[corpus.slug]))
