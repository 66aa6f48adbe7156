"""Cluster bootstrap: against the moments that its draws must have, scipy's bootstrap, and at the edges."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from studyapp.stats.cluster_bootstrap import Drawn, bootstrap_contrast, bootstrap_mean
from studyapp.stats.quasi_t import quasi_t
from tests.studyapp.stats.crossed_judgements import golden_table

pytestmark = pytest.mark.once


def table_of(seed: int, n_listeners: int = 9, n_clips: int = 11) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 2, (n_listeners, n_clips)).astype(float)


def exact_variance(table: np.ndarray) -> float:
    """Return the variance of the mean over all draws of both factors, from the multinomials' moments."""
    (n, m), residual = table.shape, table - table.mean()
    rows, columns = residual.mean(axis=1), residual.mean(axis=0)
    # E[w w'] of counts is (1 - 1/n) 1 1' + I; the part 1 1' of both factors meets the mean of residuals, which is 0.
    return float(
        (rows**2).sum() / n**2 * (1 - 1 / m)
        + (columns**2).sum() / m**2 * (1 - 1 / n)
        + (residual**2).sum() / (n * m) ** 2
    )


def test_standard_error_is_the_one_that_the_draws_have_exactly() -> None:
    table = table_of(1)
    found = bootstrap_mean(table, seed=2, n_draws=100_000)
    assert found.standard_error == pytest.approx(exact_variance(table) ** 0.5, rel=0.01)
    for drawn, axis in (("listeners", 1), ("clips", 0)):
        one = bootstrap_mean(table, seed=3, drawn=drawn, n_draws=100_000)
        means = table.mean(axis=axis)
        assert one.standard_error == pytest.approx(means.std() / len(means) ** 0.5, rel=0.01)


def test_over_listeners_it_is_scipys_bootstrap() -> None:
    table = table_of(4, 25, 8)
    found = bootstrap_mean(table, seed=5, drawn="listeners", n_draws=40_000)
    theirs = stats.bootstrap(
        (table.mean(axis=1),), np.mean, n_resamples=40_000, method="percentile", rng=np.random.default_rng(6)
    )
    assert found.interval is not None
    assert found.interval.low == pytest.approx(theirs.confidence_interval.low, abs=0.003)
    assert found.interval.high == pytest.approx(theirs.confidence_interval.high, abs=0.003)


@pytest.mark.parametrize("truth", ["fake", "real"])
def test_is_a_little_wider_than_the_quasi_t_on_the_golden_judgements(truth: str) -> None:
    table = golden_table("correct", "1", truth=truth)
    found, exact = bootstrap_mean(table, seed=1), quasi_t(table)
    assert found.standard_error is not None
    assert exact.standard_error is not None
    assert 0.95 < found.standard_error / exact.standard_error < 1.3


def test_contrast_draws_listeners_together() -> None:
    """A listener's lean to one answer cancels in the difference: only a draw that keeps the pair can see it."""
    rng = np.random.default_rng(7)
    lean = np.repeat(np.array([[0.05], [0.95]]), 15, axis=0)
    fake, real = ((rng.random((30, 40)) < lean).astype(float) for _ in range(2))
    together = bootstrap_contrast(fake, real, seed=8, drawn="listeners")
    apart = [bootstrap_mean(table, seed=8, drawn="listeners").standard_error or 0.0 for table in (fake, real)]
    assert together.standard_error is not None
    assert together.standard_error < 0.3 * (apart[0] ** 2 + apart[1] ** 2) ** 0.5


def test_a_statistic_that_is_not_finite_is_left_out_and_counted() -> None:
    fake, real = np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([[0.0, 0.0], [0.0, 1.0]])

    def odds_ratio(p: np.ndarray, q: np.ndarray) -> np.ndarray:
        return p / (1 - p) / (q / (1 - q))

    found = bootstrap_contrast(fake, real, seed=1, statistic=odds_ratio, n_draws=500)
    assert 0 < found.n_used < 500
    assert found.estimate == pytest.approx(9.0)
    assert found.standard_error is not None
    assert np.isfinite(found.standard_error)


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10_000), missing=st.floats(0.0, 0.6))
def test_same_seed_same_draws_and_inside_the_range_of_answers(seed: int, missing: float) -> None:
    table = table_of(seed)
    table[np.random.default_rng(seed).random(table.shape) < missing] = np.nan
    found, again = (bootstrap_mean(table, seed=seed, n_draws=200) for _ in range(2))
    assert found == again
    turned = bootstrap_mean(1.0 - table, seed=seed, n_draws=200)
    if found.interval and turned.interval:
        assert 0.0 <= found.interval.low <= found.interval.high <= 1.0
        assert found.interval.low == pytest.approx(1.0 - turned.interval.high)


@pytest.mark.parametrize(
    ("table", "drawn"),
    [
        (np.empty((0, 0)), "both"),
        (np.full((2, 2), np.nan), "both"),
        (np.array([[1.0, 0.0]]), "both"),
        (np.array([[1.0], [0.0]]), "both"),
        (np.array([[1.0, 0.0]]), "listeners"),
        (np.array([[1.0], [0.0]]), "clips"),
    ],
)
def test_has_no_interval_where_a_unit_stands_alone(table: np.ndarray, drawn: Drawn) -> None:
    found = bootstrap_mean(table, seed=1, drawn=drawn, n_draws=50)
    assert (found.standard_error, found.interval) == (None, None)
    assert bootstrap_contrast(table, table, seed=1, drawn=drawn, n_draws=50).interval is None


def test_all_the_same_answer_has_an_interval_of_no_width() -> None:
    found = bootstrap_mean(np.ones((4, 5)), seed=1, n_draws=50)
    assert found.interval is not None
    assert (found.interval.low, found.interval.high, found.standard_error) == (1.0, 1.0, 0.0)


def test_refuses_no_draws_and_different_listeners() -> None:
    with pytest.raises(ValueError, match="at least one"):
        bootstrap_mean(np.ones((2, 2)), seed=1, n_draws=0)
    with pytest.raises(ValueError, match="same listeners"):
        bootstrap_contrast(np.ones((2, 2)), np.ones((3, 2)), seed=1)
