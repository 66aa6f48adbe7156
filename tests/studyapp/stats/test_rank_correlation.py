"""Spearman: against scipy, its own bootstrap too, and at the edges."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.multivariate.factor import Factor

from studyapp.stats.rank_correlation import noise_ceiling, rank_correlation

pytestmark = pytest.mark.once


def pair(seed: int, n: int = 43) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    first = np.round(rng.random(n), 1)
    return first, np.round(first + rng.normal(0, 0.4, n), 1)


def test_estimate_and_interval_are_scipys() -> None:
    first, second = pair(1)
    found, theirs = rank_correlation(first, second, seed=2, n_draws=20_000), stats.spearmanr(first, second)
    assert (found.rho, found.p_two_sided) == pytest.approx((theirs.statistic, theirs.pvalue), rel=1e-9)
    drawn = stats.bootstrap(
        (first, second),
        lambda a, b: stats.spearmanr(a, b).statistic,
        paired=True,
        vectorized=False,
        n_resamples=4000,
        method="percentile",
        rng=np.random.default_rng(3),
    ).confidence_interval
    assert found.interval is not None
    assert (found.interval.low, found.interval.high) == pytest.approx((drawn.low, drawn.high), abs=0.02)


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10_000), n=st.integers(0, 30))
def test_depends_on_order_only_and_turns_with_the_sign(seed: int, n: int) -> None:
    first, second = pair(seed, n)
    found = rank_correlation(first, second, seed=seed, n_draws=100)
    assert rank_correlation(np.exp(first), second, seed=seed, n_draws=100) == found
    turned = rank_correlation(first, -second, seed=seed, n_draws=100)
    if found.rho is not None:
        assert turned.rho == pytest.approx(-found.rho)
    if found.interval and turned.interval:
        assert found.interval.low == pytest.approx(-turned.interval.high)
        assert -1.0 - 1e-9 <= found.interval.low <= found.interval.high <= 1.0 + 1e-9


def test_edges() -> None:
    for first in (np.array([]), np.array([1.0, 2.0]), np.ones(5)):
        found = rank_correlation(first, np.arange(len(first), dtype=float), seed=1)
        assert (found.rho, found.p_two_sided, found.interval) == (None, None, None)
    three = rank_correlation(np.array([1.0, 2.0, 4.0]), np.array([1.0, 2.0, 3.0]), seed=1)
    assert (three.rho, three.interval) == (pytest.approx(1.0), None)
    with pytest.raises(ValueError, match="each clip"):
        rank_correlation(np.ones(2), np.ones(3), seed=1)
    with pytest.raises(ValueError, match="finite"):
        rank_correlation(np.array([1.0, np.nan]), np.ones(2), seed=1)


@pytest.mark.parametrize("reliability", [0.36, 0.64, 0.9])
def test_noise_ceiling_is_the_loading_that_statsmodels_finds_for_parallel_tests(reliability: float) -> None:
    """Tests that measure one truth alike correlate at their reliability, and with the truth by their loading."""
    correlations = np.full((4, 4), reliability) + (1 - reliability) * np.eye(4)
    loadings = Factor(corr=correlations, n_factor=1, method="pa").fit(maxiter=500, tol=1e-12).loadings
    assert np.abs(loadings[:, 0]) == pytest.approx(np.full(4, noise_ceiling(reliability)), abs=1e-6)


def test_noise_ceiling_is_what_noisy_shares_reach() -> None:
    """Two noisy measurements of the same truth correlate at their reliability; with the truth itself at its root."""
    rng = np.random.default_rng(4)
    truth = rng.normal(size=200_000)
    noisy = truth + rng.normal(0, 0.7, len(truth))
    reliability = 1 / (1 + 0.7**2)
    assert np.corrcoef(truth, noisy)[0, 1] == pytest.approx(noise_ceiling(reliability), abs=0.005)
    assert noise_ceiling(None) is None
    assert noise_ceiling(0.0) is None
