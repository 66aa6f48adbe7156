"""The page of held-out clips: which it shows, in which order, and at what cost."""

import pytest
from django.test import Client
from django.urls import reverse

from detector.models import Training
from detector.selectors.gallery import OUTCOMES, Wanted, gallery_clips
from detector.selectors.runs import chosen_runs
from studyapp.models import Stimulus, StimulusSet
from tests.detector.drawn_training import draw_training
from tests.detector.material import make_set
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client: Client) -> Client:
    client.force_login(make_user("ada"))
    return client


@pytest.fixture
def corpus() -> StimulusSet:
    made = make_set("corpus", n=120)
    Stimulus.objects.filter(label="fake", category="rain").update(generator="wet")
    Stimulus.objects.filter(label="fake", category="dog_bark").update(generator="barker")
    return made


@pytest.fixture
def training(corpus: StimulusSet) -> Training:
    return draw_training(corpus, n_folds=3, protocol="grouped")


def address(training: Training) -> str:
    return reverse("detector:gallery", args=[training.pk])


def test_every_clip_is_held_out_once_and_the_four_outcomes_share_them_out(page: Client, training: Training) -> None:
    answer = page.get(address(training), {"outcome": "all"})
    assert answer.context["n_held_out"] == 120 == sum(n for _, n in answer.context["counts"])
    assert answer.context["page"].paginator.count == 120 and len(answer.context["rows"]) == 50


def test_errors_come_first_without_being_asked_for_and_the_most_confident_first(
    page: Client, training: Training
) -> None:
    rows = page.get(address(training)).context["rows"]
    assert rows and all(clip.truth != clip.called for clip, _ in rows)
    confidences = [clip.confidence for clip, _ in rows]
    assert confidences == sorted(confidences, reverse=True)


@pytest.mark.parametrize("outcome", OUTCOMES.values(), ids=lambda each: each.name)
def test_an_outcome_shows_its_clips_only(page: Client, training: Training, outcome: object) -> None:
    rows = page.get(address(training), {"outcome": outcome.name}).context["rows"]  # type: ignore[attr-defined]
    assert rows and {(clip.truth, clip.called) for clip, _ in rows} <= outcome.calls  # type: ignore[attr-defined]


def test_filters_are_combined(page: Client, training: Training) -> None:
    query = {"outcome": "fake", "system": "wet", "category": "rain", "fold": "1", "run": "2"}
    answer = page.get(address(training), query)
    rows = answer.context["rows"]
    assert rows and {(c.truth, c.system, c.category, c.fold, c.run) for c, _ in rows} == {("fake", "wet", "rain", 1, 2)}
    assert {field.name: field.chosen for field in answer.context["fields"]} == query
    assert page.get(address(training), {**query, "category": "dog_bark"}).context["rows"] == []


def test_no_clip_of_a_kind_says_what_to_do(page: Client, training: Training) -> None:
    text = page.get(address(training), {"system": "nobody"}).content.decode()
    assert "No clip is of this kind" in text and "show all clips" in text and "data-chart" not in text


@pytest.mark.parametrize(
    "query", [{"run": "99"}, {"run": "x"}, {"run": "\u00b2"}, {"run": "9" * 5000}, {"outcome": "?"}, {"fold": "x"}]
)
def test_what_cannot_be_is_not_found(page: Client, training: Training, query: dict[str, str]) -> None:
    assert page.get(address(training), query).status_code == 404


def test_a_training_that_has_not_ended_has_no_clips_to_show(page: Client, training: Training) -> None:
    Training.objects.update(state="running")
    assert page.get(address(training)).url == reverse("detector:training", args=[training.pk])


def test_a_clip_that_was_deleted_stays_in_the_list_without_a_button(page: Client, training: Training) -> None:
    first, stimulus = page.get(address(training)).context["rows"][0]
    stimulus.memberships.all().delete()
    stimulus.delete()
    answer = page.get(address(training))
    assert answer.context["rows"][0] == (first, None)
    assert "deleted since" in answer.content.decode()


def test_the_number_of_queries_does_not_grow_with_folds_runs_and_clips(
    page: Client, corpus: StimulusSet, django_assert_max_num_queries: object
) -> None:
    small, large = draw_training(corpus, n_runs=1), draw_training(make_set("more", n=300), n_runs=4, n_folds=6)
    for training in (small, large):
        with django_assert_max_num_queries(6):  # type: ignore[operator]
            page.get(address(training), {"outcome": "all"})


def test_a_score_at_the_threshold_is_called_fake_with_no_confidence(training: Training) -> None:
    runs = chosen_runs(training, "1")
    score = gallery_clips(runs, threshold=0.5)[0].fake_score
    clip = next(each for each in gallery_clips(runs, threshold=score) if each.fake_score == score)
    assert (clip.called, clip.confidence) == ("fake", 0.0)
    assert Wanted(outcome="all", fold=clip.fold).has(clip) and not Wanted(outcome="all", fold=clip.fold + 1).has(clip)
