"""Crowds: against every crowd that can be drawn, Condorcet's formula, and at the edges."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import roc_auc_score

from studyapp.stats.crowd import crowd_curve

pytestmark = pytest.mark.once


def tables(seed: int, n_listeners: int = 7) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    fake = (rng.random((n_listeners, 6)) < rng.uniform(0.3, 0.9, 6)).astype(float)
    return fake, (rng.random((n_listeners, 5)) < rng.uniform(0.1, 0.6, 5)).astype(float)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 7])
def test_is_the_mean_over_every_crowd(size: int) -> None:
    fake, real = tables(1)
    right, areas = [], []
    for crowd in combinations(range(7), size):
        shares = [table[list(crowd)].mean(axis=0) for table in (fake, real)]
        votes = [np.where(share == 0.5, 0.5, share > 0.5).mean() for share in shares]
        right.append([votes[0], 1 - votes[1]])
        areas.append(roc_auc_score([1] * 6 + [0] * 5, np.concatenate(shares)))
    found = crowd_curve(fake, real, sizes=[size], seed=2, n_draws=20_000)[0]
    assert (found.fakes_right, found.reals_right) == pytest.approx(np.mean(right, axis=0), abs=1e-9)
    assert found.balanced_accuracy == pytest.approx(np.mean(right), abs=1e-9)
    assert found.auc == pytest.approx(np.mean(areas), abs=1e-9 if size == 7 else 0.003)


def test_majorities_of_many_alike_listeners_follow_condorcet() -> None:
    """Out of very many listeners of whom 60 % are right about each clip, n vote as independent ones."""
    fake = (np.arange(5000) < 3000).astype(float)[:, None]
    found = crowd_curve(fake, 1.0 - fake, sizes=[1, 5, 11], seed=1, n_draws=1)
    wanted = [stats.binom.sf(n // 2, n, 0.6) for n in (1, 5, 11)]
    assert [point.fakes_right for point in found] == pytest.approx(wanted, abs=0.001)
    assert [point.reals_right for point in found] == pytest.approx(wanted, abs=0.001)


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10_000), missing=st.floats(0, 0.4))
def test_swapping_classes_and_answers_swaps_the_points(seed: int, missing: float) -> None:
    fake, real = tables(seed)
    rng = np.random.default_rng(seed)
    for table in (fake, real):
        table[rng.random(table.shape) < missing] = np.nan
    there = crowd_curve(fake, real, sizes=[1, 3, 7], seed=1, n_draws=20)
    turned = crowd_curve(1.0 - real, 1.0 - fake, sizes=[1, 3, 7], seed=1, n_draws=20)
    for a, b in zip(there, turned, strict=True):
        assert a.fakes_right == (None if b.reals_right is None else pytest.approx(b.reals_right))
        assert a.auc == (None if b.auc is None else pytest.approx(b.auc))
        assert a.auc is None or 0.0 <= a.auc <= 1.0
    assert there == crowd_curve(fake, real, sizes=[1, 3, 7], seed=1, n_draws=20)


def test_edges() -> None:
    one = crowd_curve(np.array([[1.0]]), np.array([[0.0]]), sizes=[1], seed=1)[0]
    assert (one.fakes_right, one.reals_right, one.auc) == (1.0, 1.0, 1.0)
    no_fakes = crowd_curve(np.empty((3, 0)), np.zeros((3, 2)), sizes=[2], seed=1)[0]
    assert (no_fakes.fakes_right, no_fakes.auc, no_fakes.balanced_accuracy) == (None, None, None)
    assert no_fakes.reals_right == 1.0
    unheard = crowd_curve(np.full((3, 2), np.nan), np.zeros((3, 2)), sizes=[1], seed=1)[0]
    assert (unheard.fakes_right, unheard.auc) == (None, None)
    with pytest.raises(ValueError, match="crowd of 4"):
        crowd_curve(np.zeros((3, 1)), np.zeros((3, 1)), sizes=[4], seed=1)
    with pytest.raises(ValueError, match="same listeners"):
        crowd_curve(np.zeros((3, 1)), np.zeros((2, 1)), sizes=[1], seed=1)
