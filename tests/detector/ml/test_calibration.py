"""Calibration against scikit-learn, by hand and at the edges."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.ml.calibration import binary_cross_entropy, brier, expected_calibration_error, reliability

pytestmark = pytest.mark.once

SEEDS = st.integers(0, 10**6)


@settings(deadline=None, max_examples=50)
@given(SEEDS)
def test_agrees_with_scikit_learn(seed: int) -> None:
    from sklearn.calibration import calibration_curve
    from sklearn.metrics import brier_score_loss, log_loss

    rng = np.random.default_rng(seed)
    is_fake, scores = rng.random(60) < 0.7, rng.random(60)
    assert brier(is_fake, scores) == pytest.approx(brier_score_loss(is_fake, scores), abs=1e-12)
    assert binary_cross_entropy(is_fake, scores).mean() == pytest.approx(
        log_loss(is_fake, scores, labels=[False, True]), abs=1e-9
    )
    shares, means = calibration_curve(is_fake, scores, n_bins=10)
    filled = [bin_ for bin_ in reliability(is_fake, scores) if bin_.n]
    assert [bin_.share_fake for bin_ in filled] == pytest.approx(shares.tolist(), abs=1e-12)
    assert [bin_.mean_score for bin_ in filled] == pytest.approx(means.tolist(), abs=1e-12)
    weights = np.array([bin_.n for bin_ in filled]) / 60
    expected = float((weights * np.abs(shares - means)).sum())
    assert expected_calibration_error(is_fake, scores) == pytest.approx(expected, abs=1e-12)


def test_agrees_with_hand_made_values() -> None:
    is_fake, scores = np.array([True, True, False, False]), np.array([0.9, 0.95, 0.95, 0.2])
    assert brier(is_fake, scores) == pytest.approx((0.01 + 0.0025 + 0.9025 + 0.04) / 4)
    # Bin 0.9-1: three clips of mean score 2.8 / 3, two of them fake; bin 0.2: one real.
    assert expected_calibration_error(is_fake, scores) == pytest.approx(0.75 * (2.8 / 3 - 2 / 3) + 0.25 * 0.2)
    assert binary_cross_entropy(is_fake, scores) == pytest.approx(-np.log([0.9, 0.95, 0.05, 0.8]))


def test_a_score_on_an_edge_belongs_to_the_bin_above_it_and_one_to_the_last() -> None:
    scores = np.array([0.0, 0.1, 0.2, 0.3, 0.6, 0.7, 0.9, 1.0])
    found = reliability(np.zeros(8, dtype=bool), scores)
    assert [bin_.n for bin_ in found] == [1, 1, 1, 1, 0, 0, 1, 1, 0, 2]
    assert [(bin_.low, bin_.high) for bin_ in found][3] == (0.3, 0.4)
    assert (found[4].mean_score, found[4].share_fake) == (None, None)


def test_scores_that_are_the_truth_are_perfectly_calibrated() -> None:
    is_fake = np.array([True, False, True])
    assert brier(is_fake, is_fake.astype(float)) == expected_calibration_error(is_fake, is_fake.astype(float)) == 0.0


def test_one_clip_and_one_label_are_enough() -> None:
    one = (np.array([True]), np.array([0.25]))
    assert (brier(*one), expected_calibration_error(*one)) == (0.5625, 0.75)


def test_a_certain_error_costs_no_more_than_the_floor() -> None:
    found = binary_cross_entropy(np.array([True, False, True]), np.array([0.0, 1.0, 1.0], dtype=np.float32))
    assert found == pytest.approx([16.11809565, 16.11809565, 1e-7], rel=1e-6)


@pytest.mark.parametrize("measure", [brier, reliability, expected_calibration_error, binary_cross_entropy])
def test_refuses_what_is_no_chance(measure) -> None:
    for score in (np.nan, -0.1, 1.1):
        with pytest.raises(ValueError, match="outside"):
            measure(np.array([True]), np.array([score]))
    for truth, scores in (([], []), ([True], [0.5, 0.5])):
        with pytest.raises(ValueError, match="some clips"):
            measure(np.array(truth, dtype=bool), np.array(scores))


def test_refuses_no_bin() -> None:
    with pytest.raises(ValueError, match="0 bins"):
        reliability(np.array([True]), np.array([0.5]), n_bins=0)


@settings(deadline=None, max_examples=50)
@given(SEEDS, st.integers(1, 20))
def test_bins_hold_every_clip_once_and_their_gap_grows_with_their_number(seed: int, n_bins: int) -> None:
    rng = np.random.default_rng(seed)
    is_fake, scores = rng.random(30) < 0.5, rng.integers(0, 21, 30) / 20
    assert sum(bin_.n for bin_ in reliability(is_fake, scores, n_bins=n_bins)) == 30
    fine = expected_calibration_error(is_fake, scores, n_bins=2 * n_bins)
    # Halving every bin cannot lower a sum of absolute gaps, nor raise it above the mean absolute error.
    assert expected_calibration_error(is_fake, scores, n_bins=n_bins) <= fine + 1e-12
    assert fine <= np.abs(scores - is_fake).mean() + 1e-12
