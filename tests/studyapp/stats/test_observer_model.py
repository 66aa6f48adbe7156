"""The simulated listener gives back what it was made with."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare, norm

from studyapp.stats.observer_model import (
    ObserverModel,
    draw_reason,
    draw_says_fake,
    draw_shift,
    fake_probability,
    simulate_answers,
)

pytestmark = pytest.mark.once


def test_probabilities_are_those_of_equal_variance_signal_detection() -> None:
    model = ObserverModel(d_prime=1.0, criterion_c=0.2)
    assert fake_probability(model, is_fake=True) == pytest.approx(norm.cdf(0.3))
    assert fake_probability(model, is_fake=False) == pytest.approx(norm.cdf(-0.7))


def test_many_answers_give_statsmodels_probit_regression_d_prime_and_c() -> None:
    """Of "fake" on truth: d' is the slope, c the intercept with the other sign (DeCarlo 1998)."""
    truth = np.arange(400) % 2 == 0
    answers = simulate_answers(
        ObserverModel(d_prime=1.0, criterion_c=0.2), n_listeners=200, is_fake=truth, rng=np.random.default_rng(3)
    )
    said = answers.sum(axis=0)
    design = np.column_stack([np.ones(400), truth - 0.5])
    probit = sm.families.Binomial(sm.families.links.Probit())
    found = sm.GLM(np.column_stack([said, 200 - said]), design, family=probit).fit()
    assert found.params == pytest.approx([-0.2, 1.0], abs=0.02)


def test_clip_spread_shrinks_the_pooled_d_prime_as_documented() -> None:
    truth = np.arange(4000) % 2 == 0
    model = ObserverModel(d_prime=1.0, criterion_c=0.0, clip_sd=1.0)
    answers = simulate_answers(model, n_listeners=50, is_fake=truth, rng=np.random.default_rng(4))
    pooled = norm.ppf(answers[:, truth].mean()) - norm.ppf(answers[:, ~truth].mean())
    assert pooled == pytest.approx(1 / np.sqrt(2), abs=0.05)


def test_the_same_seed_draws_the_same() -> None:
    def draw(seed: int) -> tuple[bool, float]:
        rng = np.random.default_rng(seed)
        return draw_says_fake(ObserverModel(), is_fake=True, rng=rng), draw_shift(1.0, rng)

    assert draw(7) == draw(7)
    assert draw_shift(0.0, np.random.default_rng(7)) == 0.0


def test_reasons_are_a_sample_of_their_weights_to_scipys_chi_square() -> None:
    weights = {"a": 5.0, "b": 3.0, "c": 1.5, "d": 0.5}
    rng, model = np.random.default_rng(12), ObserverModel(reason_weights=weights)
    drawn = [draw_reason(model, codes=list(weights), rng=rng) for _ in range(5000)]
    counts = [drawn.count(code) for code in weights]
    assert chisquare(counts, np.array(list(weights.values())) * 500).pvalue > 0.01
    assert chisquare(counts).pvalue < 1e-12


def test_reasons_follow_their_weights_and_are_even_without_any() -> None:
    rng = np.random.default_rng(5)
    model = ObserverModel(reason_weights={"a": 3.0, "b": 1.0, "elsewhere": 9.0})
    drawn = [draw_reason(model, codes=["a", "b", "c"], rng=rng) for _ in range(2000)]
    assert drawn.count("a") / 2000 == pytest.approx(0.75, abs=0.04)
    assert "c" not in drawn
    assert {draw_reason(ObserverModel(), codes=["x", "y"], rng=rng) for _ in range(50)} == {"x", "y"}
    with pytest.raises(ValueError, match="no reason"):
        draw_reason(model, codes=[], rng=rng)


@pytest.mark.parametrize("wrong", [{"listener_sd": -1.0}, {"d_prime": float("nan")}, {"reason_weights": {"a": -1.0}}])
def test_refuses_what_cannot_be_a_population(wrong: dict) -> None:
    with pytest.raises(ValueError, match="must"):
        ObserverModel(**wrong)


@given(st.floats(-4, 4), st.floats(-3, 3))
def test_more_sensitivity_never_makes_fakes_less_often_called_fake(d_prime: float, criterion: float) -> None:
    less = ObserverModel(d_prime=d_prime, criterion_c=criterion)
    more = ObserverModel(d_prime=d_prime + 0.5, criterion_c=criterion)
    assert fake_probability(more, is_fake=True) >= fake_probability(less, is_fake=True)
    assert fake_probability(more, is_fake=False) <= fake_probability(less, is_fake=False)
