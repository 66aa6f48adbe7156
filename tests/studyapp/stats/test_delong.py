"""DeLong: against scikit-learn, the definition written out over pairs, the jackknife, and at the edges."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from studyapp.stats.delong import area_interval, compare_areas, delong

pytestmark = pytest.mark.once


def scores_of(seed: int, n_fake: int = 23, n_real: int = 19) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    is_fake = rng.permutation(np.arange(n_fake + n_real) < n_fake)
    shared = rng.normal(size=len(is_fake)) + 0.8 * is_fake
    scores = np.round(np.array([shared + rng.normal(size=len(is_fake)), shared, rng.normal(size=len(is_fake))]), 1)
    return scores, is_fake


def by_pairs(scores: np.ndarray, is_fake: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """DeLong et al. (1988), equations 3 to 5, as they stand there."""
    fake, real = scores[:, is_fake], scores[:, ~is_fake]
    kernel = (fake[:, :, None] > real[:, None, :]) + 0.5 * (fake[:, :, None] == real[:, None, :])
    auc = kernel.mean(axis=(1, 2))
    v10, v01 = kernel.mean(axis=2) - auc[:, None], kernel.mean(axis=1) - auc[:, None]
    m, n = fake.shape[1], real.shape[1]
    return auc, v10 @ v10.T / (m - 1) / m + v01 @ v01.T / (n - 1) / n


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_is_the_definition_over_pairs_and_scikit_learns_area(seed: int) -> None:
    scores, is_fake = scores_of(seed)
    found = delong(scores, is_fake=is_fake)
    auc, covariance = by_pairs(scores, is_fake)
    assert found.auc == pytest.approx(auc, abs=1e-12)
    assert found.auc == pytest.approx([roc_auc_score(is_fake, each) for each in scores], abs=1e-12)
    assert found.covariance == pytest.approx(covariance, abs=1e-14)


def test_paired_test_keeps_its_level_and_beats_one_that_forgets_the_pairing() -> None:
    rng = np.random.default_rng(5)
    is_fake = np.arange(80) < 40
    n_rejected, n_studies = 0, 600
    for _ in range(n_studies):
        shared = rng.normal(size=80) + is_fake
        areas = delong(shared + 0.7 * rng.normal(size=(2, 80)), is_fake=is_fake)
        found = compare_areas(areas)
        assert found.p_two_sided is not None
        assert found.standard_error is not None
        assert areas.covariance is not None
        assert found.standard_error < np.trace(areas.covariance) ** 0.5
        n_rejected += found.p_two_sided < 0.05
    assert 0.03 <= n_rejected / n_studies <= 0.07


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10_000))
def test_order_preserving_changes_leave_it_and_turning_mirrors_it(seed: int) -> None:
    scores, is_fake = scores_of(seed, 7, 5)
    found = delong(scores, is_fake=is_fake)
    assert delong(np.exp(scores), is_fake=is_fake).auc == pytest.approx(found.auc)
    turned = delong(-scores, is_fake=is_fake)
    assert turned.auc == pytest.approx(1.0 - found.auc)
    assert turned.covariance == pytest.approx(found.covariance)
    interval = area_interval(found, 0)
    if interval:
        assert 0.0 <= interval.low <= found.auc[0] <= interval.high <= 1.0


def test_edges() -> None:
    is_fake = np.array([True, True, False, False])
    perfect = delong(np.array([[4.0, 3.0, 2.0, 1.0], [4.0, 3.0, 2.0, 1.0]]), is_fake=is_fake)
    assert perfect.auc.tolist() == [1.0, 1.0]
    assert area_interval(perfect, 0) is None
    assert compare_areas(perfect).p_two_sided is None
    constant = delong(np.zeros((1, 4)), is_fake=is_fake)
    assert constant.auc.tolist() == [0.5]
    assert area_interval(constant, 0) is None
    assert delong(np.array([[1.0, 0.0]]), is_fake=np.array([True, False])).covariance is None
    for bad, truth in (
        (np.zeros((1, 4)), np.ones(4, dtype=bool)),
        (np.zeros((1, 3)), is_fake),
        (np.array([[1.0, 2.0, np.nan, 3.0]]), is_fake),
    ):
        with pytest.raises(ValueError):
            delong(bad, is_fake=truth)
