"""Metrics against scikit-learn, by hand, and at the edges; the checkpoint rule; the selection rule."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.ml.metrics import best_checkpoint, evaluate, mean_and_sd
from detector.ml.ranking import roc_auc
from detector.ml.selection import Bucket, ScoredClip, misclassified

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


def clip(pk: int, *, is_fake: bool, score: float, category: str = "rain") -> ScoredClip:
    return ScoredClip(stimulus_id=pk, is_fake=is_fake, category=category, fake_score=score)


def test_the_most_confident_errors_of_each_kind_are_taken_up_to_the_cap() -> None:
    clips = [
        clip(1, is_fake=False, score=0.6),
        clip(2, is_fake=False, score=0.9),
        clip(3, is_fake=False, score=0.8),
        clip(4, is_fake=True, score=0.3),
        clip(5, is_fake=True, score=0.2),
        clip(6, is_fake=True, score=0.99),
        clip(7, is_fake=False, score=0.1),
        clip(8, is_fake=True, score=0.5),
        clip(9, is_fake=True, score=0.4, category="dog_bark"),
    ]
    picks = misclassified(clips, per_class=2)
    assert [(pick.clip.stimulus_id, pick.bucket, pick.rank) for pick in picks] == [
        (9, Bucket.INCORRECT_NEGATIVE, 1),
        (2, Bucket.INCORRECT_POSITIVE, 1),
        (3, Bucket.INCORRECT_POSITIVE, 2),
        (5, Bucket.INCORRECT_NEGATIVE, 1),
        (4, Bucket.INCORRECT_NEGATIVE, 2),
    ]


def test_no_error_gives_no_pick() -> None:
    assert misclassified([clip(1, is_fake=True, score=0.9)], per_class=7) == []
