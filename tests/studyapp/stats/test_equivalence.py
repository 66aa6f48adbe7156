"""Equivalence and Bayes factors: against statsmodels, pingouin's published values, and integrals written otherwise."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad
from statsmodels.stats.proportion import binom_tost
from statsmodels.stats.weightstats import DescrStatsW

from studyapp.stats.equivalence import bayes_factor_binomial, bayes_factor_t, tost_mean, tost_proportion

pytestmark = pytest.mark.once


@pytest.mark.parametrize(("k", "n"), [(10, 20), (49, 100), (421, 860), (0, 5), (5, 5)])
def test_proportion_is_statsmodels(k: int, n: int) -> None:
    found = tost_proportion(n_successes=k, n_trials=n)
    assert found is not None
    p, above, below = binom_tost(k, n, 0.4, 0.6)
    assert (found.p_value, found.p_above_low, found.p_below_high) == pytest.approx((p, above, below), rel=1e-9)


def test_mean_is_statsmodels() -> None:
    values = np.random.default_rng(1).normal(0.52, 0.1, 20)
    found = tost_mean(mean=float(values.mean()), standard_error=float(stats.sem(values)), df=19, low=0.4, high=0.6)
    p, above, below = DescrStatsW(values).ttost_mean(0.4, 0.6)
    assert (found.p_value, found.p_above_low, found.p_below_high) == pytest.approx((p, above[1], below[1]), rel=1e-9)


@pytest.mark.parametrize(
    ("k", "n", "factor"),
    [(0, 20, 49932.2), (7, 20, 0.644120), (14, 20, 1.28824), (15, 20, 3.22060), (71, 100, 1011.29), (6, 6, 9.14286)],
)
def test_binomial_factor_is_the_published_one(k: int, n: int, factor: float) -> None:
    """pingouin 0.7.0, bayesfactor_binom(k, n)."""
    assert bayes_factor_binomial(n_successes=k, n_trials=n) == pytest.approx(factor, rel=1e-5)


@pytest.mark.parametrize(("t", "n", "factor"), [(2.0, 20, 1.205864), (0.0, 20, 0.232356)])
def test_t_factor_is_the_published_one(t: float, n: int, factor: float) -> None:
    """pingouin 0.7.0, bayesfactor_ttest(t, n)."""
    assert bayes_factor_t(t=t, n_units=n) == pytest.approx(factor, abs=1e-6)


@pytest.mark.parametrize(("t", "n"), [(1.0, 5), (-3.0, 20), (6.0, 20), (0.3, 200)])
def test_t_factor_is_the_mean_of_noncentral_ts_over_the_prior(t: float, n: int) -> None:
    """The same integral over the effect size instead of g."""

    def density(d: float) -> float:
        return float(stats.nct.pdf(t, n - 1, d * n**0.5) * stats.cauchy.pdf(d, scale=0.707))

    middle = t / n**0.5
    edges = [-8, -3, *sorted({-0.5, 0.0, middle - 3 / n**0.5, middle, middle + 3 / n**0.5, 0.5}), 3, 8]
    area = sum(quad(density, low, high, limit=200)[0] for low, high in pairwise(edges))
    assert bayes_factor_t(t=t, n_units=n) == pytest.approx(area / stats.t.pdf(t, n - 1), rel=2e-3)


def test_factors_stay_numbers_far_out() -> None:
    assert bayes_factor_t(t=500.0, n_units=1000) > 1e200
    assert 0.0 < bayes_factor_t(t=0.0, n_units=10**6) < 0.01
    assert bayes_factor_binomial(n_successes=0, n_trials=10**6) == math.inf
    assert bayes_factor_binomial(n_successes=0, n_trials=0) == pytest.approx(1.0)
    assert tost_proportion(n_successes=0, n_trials=0) is None


@given(n=st.integers(1, 300), share=st.floats(0, 1), margin=st.floats(0.01, 0.45))
def test_is_symmetric_about_one_half_and_a_wider_margin_is_easier(n: int, share: float, margin: float) -> None:
    k = round(share * n)
    narrow = tost_proportion(n_successes=k, n_trials=n, low=0.5 - margin, high=0.5 + margin)
    mirrored = tost_proportion(n_successes=n - k, n_trials=n, low=0.5 - margin, high=0.5 + margin)
    wide = tost_proportion(n_successes=k, n_trials=n, low=0.499 - margin, high=0.501 + margin)
    assert narrow is not None
    assert mirrored is not None
    assert wide is not None
    assert narrow.p_value == pytest.approx(mirrored.p_value, rel=1e-6, abs=1e-12)
    assert wide.p_value <= narrow.p_value + 1e-12
    factor = bayes_factor_binomial(n_successes=k, n_trials=n)
    assert factor == pytest.approx(bayes_factor_binomial(n_successes=n - k, n_trials=n), rel=1e-9)


@given(t=st.floats(-20, 20), n=st.integers(2, 300))
def test_t_factor_grows_with_the_size_of_t_alone(t: float, n: int) -> None:
    assert bayes_factor_t(t=t, n_units=n) == pytest.approx(bayes_factor_t(t=-t, n_units=n), rel=1e-9)
    assert bayes_factor_t(t=abs(t) + 0.1, n_units=n) > bayes_factor_t(t=t, n_units=n)


def test_refuses_what_cannot_be() -> None:
    with pytest.raises(ValueError, match="margins"):
        tost_proportion(n_successes=1, n_trials=2, low=0.6, high=0.4)
    with pytest.raises(ValueError, match="positive"):
        tost_mean(mean=0.5, standard_error=0.0, df=3, low=0.4, high=0.6)
    with pytest.raises(ValueError, match="two units"):
        bayes_factor_t(t=1.0, n_units=1)
    with pytest.raises(ValueError, match="prior"):
        bayes_factor_binomial(n_successes=1, n_trials=2, prior=(0.0, 1.0))
