"""Ranking measures against scikit-learn and scipy, by hand, at the edges, and by their symmetries."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from detector.ml.ranking import average_precision, equal_error_rate, roc_auc, roc_curve, tpr_at_fpr

pytestmark = pytest.mark.once

MEASURES = (roc_auc, equal_error_rate, average_precision, tpr_at_fpr)
SEEDS = st.integers(0, 10**6)


def clips(seed: int, *, steps: int = 16) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Return clips of both labels; scores on a coarse binary grid, so that ties are many and 1 - score is exact."""
    rng = np.random.default_rng(seed)
    is_fake = np.concatenate([[True, False], rng.random(int(rng.integers(0, 60))) < rng.random()])
    return is_fake, rng.integers(0, steps + 1, is_fake.size) / steps


@settings(deadline=None, max_examples=100)
@given(SEEDS)
def test_agrees_with_scikit_learn(seed: int) -> None:
    from sklearn import metrics

    is_fake, scores = clips(seed)
    assert roc_auc(is_fake, scores) == pytest.approx(metrics.roc_auc_score(is_fake, scores), abs=1e-12)
    assert average_precision(is_fake, scores) == pytest.approx(
        metrics.average_precision_score(is_fake, scores), abs=1e-12
    )
    fpr, tpr, thresholds = metrics.roc_curve(is_fake, scores, drop_intermediate=False)
    found = roc_curve(is_fake, scores)
    for ours, theirs in ((found.fpr, fpr), (found.tpr, tpr), (found.thresholds, thresholds)):
        np.testing.assert_allclose(ours, theirs, atol=1e-15)
    for limit in (0.0, 0.01, 0.3, 1.0):
        assert tpr_at_fpr(is_fake, scores, fpr=limit) == tpr[fpr <= limit].max()


@settings(deadline=None, max_examples=100)
@given(SEEDS)
def test_equal_error_rate_is_the_root_on_the_interpolated_roc_curve(seed: int) -> None:
    from scipy.optimize import brentq
    from sklearn.metrics import roc_curve as oracle

    is_fake, scores = clips(seed)
    fpr, tpr, _ = oracle(is_fake, scores, drop_intermediate=False)
    root = brentq(lambda rate: 1.0 - rate - np.interp(rate, fpr, tpr), 0.0, 1.0) if tpr[0] < 1 else 0.0
    # Where the curve rises straight up, numpy's interpolation takes its upper end at the very abscissa.
    assert equal_error_rate(is_fake, scores) == pytest.approx(root, abs=1e-9)


@pytest.mark.parametrize(
    ("is_fake", "scores", "auc", "eer", "ap", "tpr"),
    [
        ([1, 1, 0, 0], [0.9, 0.8, 0.2, 0.1], 1.0, 0.0, 1.0, 1.0),  # perfect
        ([1, 1, 0, 0], [0.1, 0.2, 0.8, 0.9], 0.0, 1.0, (1 / 3 + 2 / 4) / 2, 0.0),  # perfectly wrong
        ([1, 1, 1, 0], [0.5, 0.5, 0.5, 0.5], 0.5, 0.5, 0.75, 0.0),  # constant: AP is the share of fakes
        ([1, 0, 1, 0], [0.9, 0.1, 0.4, 0.4], 0.875, 0.25, (1.0 + 2 / 3) / 2, 0.5),  # half-way from (0, 1/2) to (1/2, 0)
        ([1, 0], [0.7, 0.3], 1.0, 0.0, 1.0, 1.0),
        ([1, 1, 1, 0, 0], [0.9, 0.7, 0.3, 0.8, 0.1], 4 / 6, 0.5, (1 + 2 / 3 + 3 / 4) / 3, 1 / 3),
    ],
)
def test_agrees_with_hand_made_values(
    is_fake: list[int], scores: list[float], auc: float, eer: float, ap: float, tpr: float
) -> None:
    truth, given_scores = np.array(is_fake, dtype=bool), np.array(scores)
    found = [measure(truth, given_scores) for measure in MEASURES]
    assert found == pytest.approx([auc, eer, ap, tpr], abs=1e-12)


def test_29_percent_of_100_reals_are_29_of_them_whatever_rounding_does_to_the_product() -> None:
    is_fake = np.concatenate([np.zeros(29, dtype=bool), [True], np.zeros(71, dtype=bool)])
    scores = np.linspace(1, 0, is_fake.size)
    assert 0.29 * 100 < 29
    assert tpr_at_fpr(is_fake, scores, fpr=0.29) == 1.0
    assert tpr_at_fpr(is_fake, scores, fpr=0.2899) == 0.0


@pytest.mark.parametrize("measure", [*MEASURES, roc_curve])
def test_refuses_what_has_no_ranking(measure) -> None:
    for truth in ([True, True], [False], []):
        with pytest.raises(ValueError, match="both labels"):
            measure(np.array(truth, dtype=bool), np.full(len(truth), 0.5))
    with pytest.raises(ValueError, match="NaN"):
        measure(np.array([True, False]), np.array([0.5, np.nan]))
    with pytest.raises(ValueError, match="one score for each clip"):
        measure(np.array([True, False]), np.array([0.5]))


def test_refuses_a_false_alarm_rate_beyond_one() -> None:
    with pytest.raises(ValueError, match="outside"):
        tpr_at_fpr(np.array([True, False]), np.array([0.5, 0.1]), fpr=1.5)


@settings(deadline=None)
@given(SEEDS)
def test_turning_the_scores_turns_auc_and_equal_error_rate(seed: int) -> None:
    is_fake, scores = clips(seed)
    for measure in (roc_auc, equal_error_rate):
        assert measure(is_fake, 1 - scores) == pytest.approx(1 - measure(is_fake, scores), abs=1e-12)


@settings(deadline=None)
@given(SEEDS)
def test_turning_labels_and_scores_keeps_auc_and_equal_error_rate(seed: int) -> None:
    is_fake, scores = clips(seed)
    for measure in (roc_auc, equal_error_rate):
        assert measure(~is_fake, 1 - scores) == pytest.approx(measure(is_fake, scores), abs=1e-12)


@settings(deadline=None)
@given(SEEDS)
def test_a_rising_function_of_the_scores_and_another_order_of_the_clips_change_nothing(seed: int) -> None:
    is_fake, scores = clips(seed)
    order = np.random.default_rng(seed).permutation(scores.size)
    for measure in MEASURES:
        assert measure(is_fake[order], scores[order] ** 3 / 2) == measure(is_fake, scores)


@settings(deadline=None)
@given(SEEDS)
def test_average_precision_lies_between_the_worst_order_and_one(seed: int) -> None:
    is_fake, scores = clips(seed)
    n_fake, n_real = int(is_fake.sum()), int((~is_fake).sum())
    places = np.arange(1, n_fake + 1)
    assert (places / (places + n_real)).mean() - 1e-12 <= average_precision(is_fake, scores) <= 1 + 1e-12
