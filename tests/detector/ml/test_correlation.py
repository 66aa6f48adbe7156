"""Correlations against R and scipy, by hand and at the edges."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from detector.ml.correlation import Coefficient, correlate

pytestmark = pytest.mark.once

# R, ?cor.test (Hollander and Wolfe 1973, p. 187f: assessment of tuna).
X = [44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1]
Y = [2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8]


def test_pearson_agrees_with_the_example_of_r() -> None:
    # cor.test(x, y): 95 percent confidence interval -0.1497426 0.8955795, cor 0.5711816
    found = correlate(X, Y).pearson
    assert (found.r, found.low, found.high) == pytest.approx((0.5711816, -0.1497426, 0.8955795), abs=1e-7)


def test_spearman_agrees_with_scipy_and_with_the_formula_worked_by_hand() -> None:
    found = correlate(X, Y, level=0.9).spearman
    assert found.r == pytest.approx(0.6)  # squared differences of ranks sum to 48: 1 - 6 x 48 / (9 x 80)
    half = 1.6448536 * math.sqrt((1 + 0.18) / 6)
    expected = (math.tanh(0.6931472 - half), math.tanh(0.6931472 + half))
    assert (found.low, found.high) == pytest.approx(expected, abs=1e-7)


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(4, 40))
def test_agrees_with_scipy_with_ties_and_lies_in_its_interval(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.integers(0, 9, n).astype(float), rng.integers(0, 9, n).astype(float)
    found = correlate(x.tolist(), y.tolist())
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        assert found.pearson.r is None
        return
    oracle = stats.pearsonr(x, y)
    assert found.pearson.r == pytest.approx(oracle.statistic, abs=1e-12)
    assert found.spearman.r == pytest.approx(stats.spearmanr(x, y).statistic, abs=1e-12)
    if found.pearson.low is not None:
        assert (found.pearson.low, found.pearson.high) == pytest.approx(tuple(oracle.confidence_interval()), abs=1e-9)
    turned = correlate(x.tolist(), (-y).tolist())
    for one, other in ((found.pearson, turned.pearson), (found.spearman, turned.spearman)):
        if one.low is not None:
            assert -1 <= one.low <= one.r <= one.high <= 1
            assert (other.low, other.high) == pytest.approx((-one.high, -one.low), abs=1e-9)


def test_less_than_four_pairs_and_constant_sides_have_no_correlation() -> None:
    nothing = Coefficient(r=None, low=None, high=None)
    for x, y in (([], []), ([1, 2, 3], [1, 2, 4]), ([1, 1, 1, 1, 1], [1, 2, 3, 4, 5])):
        found = correlate(x, y)
        assert (found.n, found.pearson, found.spearman) == (len(x), nothing, nothing)


def test_four_systems_in_perfect_order_have_no_interval_rather_than_an_empty_one() -> None:
    found = correlate([1, 2, 3, 4], [-2, -4, -6, -9])
    assert found.spearman == Coefficient(r=pytest.approx(-1.0), low=None, high=None)
    assert found.pearson.low is not None
    assert found.as_json()["spearman"]["low"] is None


def test_refuses_what_are_no_pairs() -> None:
    for x, y in (([1.0], [1.0, 2.0]), ([math.nan] * 4, [1, 2, 3, 4])):
        with pytest.raises(ValueError, match="pairs"):
            correlate(x, y)
    with pytest.raises(ValueError, match="level"):
        correlate([1.0], [1.0], level=1.0)
