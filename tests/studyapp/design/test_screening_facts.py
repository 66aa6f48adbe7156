"""The figures of the headphone tests against those printed elsewhere."""

import pytest

from studyapp.design.config import StudyConfig
from studyapp.design.config_flow import Screening
from studyapp.design.screening_facts import PUBLISHED, guess_pass_rate, most_false_passes
from studyapp.design.screening_plan import PUBLISHED_PASS_MARKS, default_pass_mark, screening_stages

pytestmark = pytest.mark.once


def of(words, source="experiment 1"):
    return next(each for each in PUBLISHED if each.words == words and source in each.source)


@pytest.mark.parametrize(
    ("words", "sensitivity", "false_pass"),
    [
        ("huggins 6/6", (0.81, 0.72, 0.88), (0.20, 0.13, 0.29)),
        ("huggins 5/6", (0.85, 0.77, 0.91), (0.30, 0.22, 0.40)),
        ("antiphase 5/6", (0.86, 0.78, 0.92), (0.42, 0.33, 0.52)),
        ("huggins 6/6 and antiphase 5/6", (0.74, 0.65, 0.82), (0.10, 0.06, 0.17)),
    ],
)
def test_shares_and_intervals_are_those_of_the_recomputation(words, sensitivity, false_pass):
    found = of(words)
    assert found.sensitivity == pytest.approx(sensitivity, abs=0.006)
    assert found.false_pass == pytest.approx(false_pass, abs=0.006)


def test_the_abstract_of_milne_2021_is_met():
    """80 % of headphone users at 20 % false positives; about 7 % with a second test."""
    assert of("huggins 6/6").false_pass[0] == 0.20
    assert of("huggins 6/6 and antiphase 6/6").false_pass[0] == 0.07
    assert of("huggins 6/6 and beat 6/6", "experiment 3").false_pass[0] == pytest.approx(0.071, abs=5e-4)


def test_guessing_is_binomial():
    assert guess_pass_rate(n_trials=6, pass_mark=6) == pytest.approx(1 / 3**6, rel=1e-12)
    assert guess_pass_rate(n_trials=6, pass_mark=5) == pytest.approx(13 / 729, rel=1e-12)
    assert guess_pass_rate(n_trials=6, pass_mark=6, attempts=2) == pytest.approx(0.0027, abs=5e-5)
    assert guess_pass_rate(n_trials=6, pass_mark=0) == 1.0
    assert of("huggins 6/6 and antiphase 5/6").guessing(1) == pytest.approx(13 / 729 / 729, rel=1e-12)
    assert most_false_passes(0.42, attempts=1) == pytest.approx(0.42)


def test_every_test_that_can_be_chosen_has_figures_and_its_published_mark():
    given = {each.test for each in PUBLISHED}
    for test in ("huggins", "antiphase", "beat", "huggins+antiphase", "huggins+beat"):
        assert test in given
        config = StudyConfig(slug="s", title="T", stimulus_set="x", screening=Screening(test=test))
        for stage in screening_stages(config)[1:]:
            assert stage.pass_mark == PUBLISHED_PASS_MARKS[stage.test]
            assert (stage.n_trials, stage.attempts) == (6, 2)


@pytest.mark.parametrize(("n_trials", "marks"), [(6, (6, 5)), (12, (12, 10)), (4, (4, 4)), (1, (1, 1))])
def test_another_number_of_trials_keeps_the_published_share(n_trials, marks):
    assert (default_pass_mark("huggins", n_trials), default_pass_mark("antiphase", n_trials)) == marks
