"""The page's comparison on shared clips: before, while and after a worker computes it."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from detector.compare_page import compare_address
from detector.models import Comparison, Training
from detector.services.comparison_plan import plan_comparison
from detector.services.comparison_work import run_comparison
from studyapp.models import StimulusSet
from studyapp.services import media
from tests.detector.drawn_training import draw_training
from tests.detector.material import make_set
from tests.factories import make_user

pytestmark = pytest.mark.django_db
COMPUTE = "/detector/compare/compute"
BUTTON = "Compare on the same clips</button>"


@pytest.fixture
def page(client: Client) -> Client:
    client.force_login(make_user("ada"))
    return client


@pytest.fixture
def corpus() -> StimulusSet:
    """120 clips without a known system or recording: each is a cluster of its own."""
    made = make_set("corpus", n=120)
    made.own_stimuli.update(generator="", source_group="")
    return made


@pytest.fixture
def pair(corpus: StimulusSet) -> list[Training]:
    return [draw_training(corpus, n_folds=2, protocol="grouped", seed=seed) for seed in (1, 2)]


def keys(trainings: list[Training]) -> dict[str, list[int]]:
    return {"training": [each.pk for each in trainings]}


def text_of(page: Client, trainings: list[Training]) -> str:
    answer = page.get("/detector/compare/", keys(trainings))
    assert answer.status_code == 200
    return answer.content.decode()


def done(trainings: list[Training]) -> Comparison:
    return run_comparison(comparison=plan_comparison(trainings=trainings, n_resamples=100))


def test_a_button_has_it_queued_and_the_page_watches_it(
    page: Client, pair: list[Training], django_capture_on_commit_callbacks: Callable
) -> None:
    assert BUTTON in text_of(page, pair)
    with django_capture_on_commit_callbacks() as sent:
        answer = page.post(COMPUTE, keys(pair[::-1]))
    assert answer.url == compare_address([pair[1].pk, pair[0].pk]) and len(sent) == 1
    job = Comparison.objects.get()
    assert job.owner is not None and job.owner.username == "ada"
    text = text_of(page, pair)
    watch = reverse("detector:comparison_progress", args=[job.pk])
    assert f'data-job="{watch}"' in text and "0 of 4 differences" in text and "It waits for a worker" in text
    assert "Cancel this comparison" in text and BUTTON not in text and "job-progress.js" in text
    assert page.get(watch).json()["state"] == "queued"
    with django_capture_on_commit_callbacks() as sent:
        page.post(COMPUTE, keys(pair))
    assert Comparison.objects.get().pk == job.pk


def test_what_a_worker_computed_is_shown_with_chart_and_table(page: Client, pair: list[Training]) -> None:
    done(pair)
    answer = page.get("/detector/compare/", keys(pair))
    text = answer.content.decode()
    paired = answer.context["paired"]
    assert [row["measure"] for row in paired["rows"]][::3] == ["Accuracy", "Equal error rate (lower is better)"]
    assert f"{pair[0].pk} less {pair[1].pk}" in text and "95 % intervals of 100 bootstrap samples" in text
    (dots,) = paired["chart"]["datasets"].values()
    assert len(dots) == 4 and all(row["low"] <= row["difference"] <= row["high"] for row in dots)
    assert 'data-chart="differences"' in text and "Compute anew" in text and "data-job=" not in text
    assert "120" in text and "60 fake, 60 real" in text


def test_few_clusters_are_warned_of(page: Client, corpus: StimulusSet) -> None:
    pair = [draw_training(corpus, n_folds=2, protocol="grouped", seed=seed) for seed in (1, 2)]
    done(pair)
    assert "With fewer than 20 clusters" not in text_of(page, pair)
    corpus.own_stimuli.filter(label="fake").update(generator="one system")
    few = [draw_training(corpus, n_folds=2, protocol="grouped", seed=seed) for seed in (3, 4)]
    done(few)
    answer = page.get("/detector/compare/", keys(few))
    assert "With fewer than 20 clusters" in answer.content.decode()
    assert answer.context["paired"]["rows"][0]["interval"] == "–"  # of one cluster there is none


def test_pairs_left_out_stand_there_with_their_reason(page: Client, corpus: StimulusSet) -> None:
    pair = [draw_training(corpus), draw_training(corpus, permute_labels=True)]
    done(pair)
    text = text_of(page, pair)
    assert "No two of these trainings can be compared clip by clip" in text
    assert text.count(f"<li>{pair[0].pk} and {pair[1].pk}. They were evaluated under different labels") == 2
    assert 'data-chart="differences"' not in text


def test_a_failed_one_says_why_and_is_tried_again(page: Client, pair: list[Training]) -> None:
    job = plan_comparison(trainings=pair)
    Comparison.objects.update(state="failed", error="The disk is full.")
    text = text_of(page, pair)
    assert "It could not be computed: The disk is full." in text and "Compare again</button>" in text
    page.post(COMPUTE, keys(pair))
    job.refresh_from_db()
    assert (job.state, job.error) == ("queued", "")


def test_while_it_is_computed_anew_the_one_of_before_is_shown(page: Client, pair: list[Training]) -> None:
    done(pair)
    page.post(COMPUTE, {**keys(pair), "anew": "1"})
    text = text_of(page, pair)
    assert "data-job=" in text and "the comparison of before" in text and 'data-chart="differences"' in text
    Comparison.objects.update(state="failed", error="No memory.")
    text = text_of(page, pair)
    assert "No memory." in text and "the comparison of before" in text


def test_a_stored_file_that_was_changed_is_said_and_computed_anew(page: Client, pair: list[Training]) -> None:
    job = done(pair)
    Comparison.objects.update(content_name=media.store(media.name_for("detector/comparisons", b"{}", ".json"), b"{}"))
    text = text_of(page, pair)
    assert f"The stored comparison of trainings {job.key} has changed" in text and "Compute anew" in text
    page.post(COMPUTE, {**keys(pair), "anew": "1"})
    assert Comparison.objects.get().state == "queued"


def test_who_started_it_and_staff_can_cancel_it_and_others_cannot(page: Client, pair: list[Training]) -> None:
    job = plan_comparison(trainings=pair, owner=make_user("bob"))
    cancel = reverse("detector:cancel_comparison", args=[job.pk])
    assert "Cancel this comparison" not in text_of(page, pair)
    assert page.post(cancel).status_code == 403
    staff = make_user("carol")
    staff.is_staff = True
    staff.save()
    page.force_login(staff)
    assert page.post(cancel).url == compare_address([each.pk for each in pair])
    assert Comparison.objects.get().state == "cancelled"
    text = text_of(page, pair)
    assert "It was cancelled." in text and "Compare again</button>" in text


def test_a_set_of_somebody_else_is_not_found(page: Client, pair: list[Training]) -> None:
    other = make_set("other", n=60)
    mixed = [pair[0], draw_training(other)]
    job = plan_comparison(trainings=mixed)
    watch = reverse("detector:comparison_progress", args=[job.pk])
    assert page.get(watch).status_code == 200
    other.owner = make_user("bob")
    other.save()
    assert page.get(watch).status_code == 404
    assert page.post(reverse("detector:cancel_comparison", args=[job.pk])).status_code == 404
    assert page.post(COMPUTE, keys(mixed)).status_code == 404
    assert page.get("/detector/compare/", keys(mixed)).status_code == 404
    assert page.get(reverse("detector:comparison_progress", args=[99])).status_code == 404


def test_one_training_is_refused_and_an_address_typed_leads_back(page: Client, pair: list[Training]) -> None:
    assert "needs two different trainings" in page.post(COMPUTE, keys(pair[:1]), follow=True).content.decode()
    assert not Comparison.objects.exists()
    assert page.get(COMPUTE).url == "/detector/compare/"


def test_the_number_of_queries_does_not_grow_with_trainings(
    page: Client, corpus: StimulusSet, django_assert_max_num_queries: Callable
) -> None:
    trainings = [draw_training(corpus, n_runs=2, seed=seed) for seed in range(5)]
    for chosen in (trainings[:2], trainings):
        job = done(chosen)
        with django_assert_max_num_queries(8):
            page.get("/detector/compare/", keys(chosen))
        with django_assert_max_num_queries(6):
            page.get(reverse("detector:comparison_progress", args=[job.pk]))
