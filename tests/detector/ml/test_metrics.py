"""Metrics against scikit-learn, by hand, and at the edges; the checkpoint rule."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.ml.metrics import best_checkpoint, evaluate, mean_and_sd
from detector.ml.ranking import roc_auc

pytestmark = pytest.mark.once


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 10**6))
def test_metrics_equal_scikit_learns(seed: int) -> None:
    from sklearn.metrics import accuracy_score, balanced_accuracy_score, confusion_matrix, roc_auc_score

    rng = np.random.default_rng(seed)
    is_fake = np.concatenate([[True, False], rng.random(40) < 0.7])
    scores = np.round(rng.random(42), 1)  # ties on purpose
    found = evaluate(is_fake, scores)
    (tn, fp), (fn, tp) = confusion_matrix(is_fake, scores >= 0.5)
    assert (found.correct_rejections, found.false_alarms, found.misses, found.hits) == (tn, fp, fn, tp)
    assert found.accuracy == pytest.approx(accuracy_score(is_fake, scores >= 0.5))
    assert found.balanced_accuracy == pytest.approx(balanced_accuracy_score(is_fake, scores >= 0.5))
    assert found.roc_auc == pytest.approx(roc_auc_score(is_fake, scores))


def test_one_label_alone_has_neither_balanced_accuracy_nor_auc() -> None:
    found = evaluate(np.array([True, True]), np.array([0.9, 0.1]))
    assert (found.accuracy, found.balanced_accuracy, found.roc_auc) == (0.5, None, None)
    with pytest.raises(ValueError, match="both labels"):
        roc_auc(np.array([True]), np.array([0.5]))


def test_no_clip_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="some clips"):
        evaluate(np.array([], dtype=bool), np.array([]))


def test_a_score_at_the_threshold_means_fake() -> None:
    assert evaluate(np.array([True, False]), np.array([0.5, 0.5])).hits == 1


def test_one_value_has_no_sd() -> None:
    assert mean_and_sd([0.7]) == (0.7, None)


def test_the_first_of_equal_intervals_wins_and_a_single_high_epoch_does_not() -> None:
    assert best_checkpoint([0.6] * 30, every=10) == 10
    assert best_checkpoint([0.1] * 9 + [1.0] + [0.5] * 10, every=10) == 20
