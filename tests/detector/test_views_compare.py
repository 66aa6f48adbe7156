"""The page that sets trainings side by side."""

import pytest
from django.test import Client
from django.urls import reverse

from detector.ml.bootstrap import holm
from detector.models import Training
from detector.selectors.compared import compared, seed_variability
from studyapp.models import StimulusSet
from tests.detector.drawn_training import draw_training
from tests.detector.material import make_set
from tests.detector.report_example import example_report, store_report
from tests.factories import make_user

pytestmark = pytest.mark.django_db
ADDRESS = "/detector/compare/"


@pytest.fixture
def page(client: Client) -> Client:
    client.force_login(make_user("ada"))
    return client


@pytest.fixture
def corpus() -> StimulusSet:
    return make_set("corpus", n=120)


def test_nothing_trained_says_what_to_do_and_asks_for_a_sign_in(client: Client) -> None:
    assert "/accounts/login/" in client.get(ADDRESS).url
    client.force_login(make_user("ada"))
    assert "No training is finished yet" in client.get(ADDRESS).content.decode()


def test_two_trainings_stand_side_by_side_with_their_runs(page: Client, corpus: StimulusSet) -> None:
    a, b = draw_training(corpus, n_runs=6, strength=3.0, seed=1), draw_training(corpus, n_runs=6, strength=0.0, seed=2)
    store_report(a, example_report(a))
    answer = page.get(ADDRESS, {"training": [b.pk, a.pk]})
    text = answer.content.decode()
    assert [row["training"].pk for row in answer.context["rows"]] == [b.pk, a.pk]
    (dots,) = answer.context["chart"]["datasets"].values()
    assert len(dots) == 12
    assert "says nothing about new clips" in text and f"report_detectors --training {b.pk} {a.pk}" in text
    assert "0.877 to 0.934" in text and "not computed" in text
    (test,) = answer.context["seeds"]
    assert test["u"] == "0.0" and test["effect"] == "−1.00"  # every run of b lies below every run of a


def test_holm_raises_no_p_above_one_and_none_is_lowered(corpus: StimulusSet) -> None:
    trainings = [draw_training(corpus, n_runs=4, seed=seed) for seed in range(4)]
    tests, left_out = seed_variability(compared(trainings))
    assert len(tests) == 6 and left_out == []
    assert all(test["p"] <= test["p_holm"] <= 1 for test in tests)
    assert [test["p_holm"] for test in tests] == pytest.approx(holm([test["p"] for test in tests]))


def test_trainings_on_different_clips_are_marked(page: Client, corpus: StimulusSet) -> None:
    a, b = draw_training(corpus), draw_training(corpus, n_folds=3, protocol="grouped")
    assert "evaluated on different clips" in page.get(ADDRESS, {"training": [a.pk, b.pk]}).content.decode()
    c = draw_training(corpus, seed=9)
    assert "evaluated on different clips" not in page.get(ADDRESS, {"training": [a.pk, c.pk]}).content.decode()


def test_negative_controls_are_marked_and_not_tested_against_true_labels(page: Client, corpus: StimulusSet) -> None:
    a, b = draw_training(corpus, seed=1), draw_training(corpus, seed=2)
    control, other = (draw_training(corpus, seed=seed, permute_labels=True) for seed in (1, 3))
    answer = page.get(ADDRESS, {"training": [each.pk for each in (a, b, control, other)]})
    text = answer.content.decode()
    assert [(row["a"], row["b"]) for row in answer.context["seeds"]] == [(a.pk, b.pk)]
    assert len(answer.context["seeds_left_out"]) == 5 and "evaluated under different labels" in text
    assert text.count("negative control: permuted labels</span>") == 2
    assert f"Trainings {control.pk}, {other.pk}: <strong>negative control" in text
    assert "some were evaluated on different clips" not in text
    (dots,) = answer.context["chart"]["datasets"].values()
    assert {row["training"] for row in dots} >= {f"{control.pk}: aisfx, paper, permuted labels"}


def test_controls_with_one_deal_of_labels_are_tested_against_each_other(page: Client, corpus: StimulusSet) -> None:
    drawn = draw_training(corpus, seed=4, encoder="aisfx/random-weights")
    pair = [draw_training(corpus, seed=3, permute_labels=True, strength=strength) for strength in (0.0, 0.1)]
    answer = page.get(ADDRESS, {"training": [each.pk for each in pair]})
    assert len(answer.context["seeds"]) == 1 and "No test is made between" not in answer.content.decode()
    # An encoder with drawn weights has the true labels: a control, and comparable.
    answer = page.get(ADDRESS, {"training": [drawn.pk, draw_training(corpus).pk]})
    assert len(answer.context["seeds"]) == 1
    assert "negative control: random weights</span>" in answer.content.decode()


def test_one_training_asks_for_another_and_the_same_twice_is_one(page: Client, corpus: StimulusSet) -> None:
    a, _ = draw_training(corpus), draw_training(corpus)
    answer = page.get(ADDRESS, {"training": [a.pk, a.pk]})
    assert "rows" not in answer.context and "Choose two or more" in answer.content.decode()


def test_what_is_not_there_is_not_found(page: Client, client: Client, corpus: StimulusSet) -> None:
    a = draw_training(corpus)
    for wrong in ("x", "²", "99999", "9" * 30):
        assert page.get(ADDRESS, {"training": [str(a.pk), wrong]}).status_code == 404
    running = draw_training(corpus)
    Training.objects.filter(pk=running.pk).update(state="running")
    assert page.get(ADDRESS, {"training": [a.pk, running.pk]}).status_code == 404
    corpus.owner = make_user("bob")
    corpus.save()
    assert page.get(ADDRESS, {"training": [a.pk]}).status_code == 404


def test_the_number_of_queries_does_not_grow_with_trainings(
    page: Client, corpus: StimulusSet, django_assert_max_num_queries: object
) -> None:
    trainings = [draw_training(corpus, n_runs=2, n_folds=2, protocol="grouped", seed=seed) for seed in range(6)]
    for chosen in (trainings[:2], trainings):
        with django_assert_max_num_queries(8):  # type: ignore[operator]
            page.get(ADDRESS, {"training": [each.pk for each in chosen]})


def test_the_first_page_offers_finished_trainings_to_compare(page: Client, corpus: StimulusSet) -> None:
    a = draw_training(corpus)
    Training.objects.filter(pk=draw_training(corpus).pk).update(state="failed")
    text = page.get(reverse("detector:index")).content.decode()
    assert text.count('form="compare-form"') == 1 and f'value="{a.pk}" form="compare-form"' in text
