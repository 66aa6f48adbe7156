"""The combination of listeners and machine: against scikit-learn, on sources kept apart, and at the edges."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import PredefinedSplit, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from studyapp.stats.combination import MIN_CLIPS, N_FOLDS, _folds, combined_scores, crowd_log_odds

pytestmark = pytest.mark.once


def observed(n: int, *, seed: int = 1, gain: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Return two predictors of n clips, half of them fakes, each of which tells a part of the truth."""
    is_fake = np.arange(n) < n // 2
    noise = np.random.default_rng(seed).normal(size=(n, 2))
    return noise * [1.0, 0.2] + gain * is_fake[:, None] * [1.0, 0.2], is_fake


def test_held_out_scores_are_those_of_scikit_learn() -> None:
    predictors, is_fake = observed(90)
    groups = np.arange(90) // 2  # two clips of each source
    found = combined_scores(predictors, is_fake=is_fake, groups=groups, seed=7)
    theirs = cross_val_predict(
        make_pipeline(StandardScaler(), LogisticRegression(C=1.0, tol=1e-10, max_iter=1000)),
        predictors,
        is_fake,
        cv=PredefinedSplit(_folds(is_fake, groups, 7)),
        method="decision_function",
    )
    assert found == pytest.approx(theirs, abs=1e-5)


def test_two_observers_together_do_better_than_either_and_noise_adds_nothing() -> None:
    predictors, is_fake = observed(2000)
    together = combined_scores(predictors, is_fake=is_fake, groups=np.arange(2000), seed=1)
    # Two independent normal observers of d' = 1 make one of d' = sqrt(2): AUC = Phi(d' / sqrt(2)) = Phi(1).
    assert roc_auc_score(is_fake, together) == pytest.approx(0.8413, abs=0.02)
    predictors, is_fake = observed(2000, gain=0.0)
    nothing = combined_scores(predictors, is_fake=is_fake, groups=np.arange(2000), seed=1)
    assert roc_auc_score(is_fake, nothing) == pytest.approx(0.5, abs=0.05)


def test_a_source_that_gives_the_class_away_is_never_on_both_sides() -> None:
    """Each source has a mark of its own and one class: remembered marks would tell all, held-out ones nothing."""
    rng = np.random.default_rng(2)
    groups = np.repeat(np.arange(40), 5)
    is_fake = groups % 2 == 0
    folds = _folds(is_fake, groups, 3)
    assert all(len(set(folds[groups == group])) == 1 for group in range(40))
    fakes_of_fold = np.bincount(folds[is_fake], minlength=N_FOLDS)
    assert set(fakes_of_fold) == {10} and set(np.bincount(folds)) == {20}
    mark = rng.normal(size=40)[groups]
    found = combined_scores(mark[:, None], is_fake=is_fake, groups=groups, seed=3)
    assert roc_auc_score(is_fake, found) < 0.65


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 1000), scale=st.floats(0.01, 100), shift=st.floats(-100, 100))
def test_does_not_depend_on_the_units_of_a_predictor(seed: int, scale: float, shift: float) -> None:
    predictors, is_fake = observed(50, seed=seed)
    own = np.arange(50)
    there = combined_scores(predictors, is_fake=is_fake, groups=own, seed=seed)
    changed = combined_scores(predictors * [scale, 1.0] + [shift, 0.0], is_fake=is_fake, groups=own, seed=seed)
    assert changed == pytest.approx(there, abs=1e-6)
    mirrored = combined_scores(predictors * [-1.0, 1.0], is_fake=is_fake, groups=own, seed=seed)
    assert mirrored == pytest.approx(there, abs=1e-6)


def test_edges() -> None:
    predictors, is_fake = observed(2 * MIN_CLIPS)
    own = np.arange(2 * MIN_CLIPS)
    assert combined_scores(predictors, is_fake=is_fake, groups=own, seed=1) is not None
    assert combined_scores(predictors[1:], is_fake=is_fake[1:], groups=own[1:], seed=1) is None
    assert combined_scores(predictors, is_fake=is_fake, groups=own // 8, seed=1) is None  # five sources
    constant = combined_scores(np.ones_like(predictors), is_fake=is_fake, groups=own, seed=1)
    assert np.isfinite(constant).all()
    parted = combined_scores(is_fake[:, None] * 1.0, is_fake=is_fake, groups=own, seed=1)
    assert np.isfinite(parted).all() and roc_auc_score(is_fake, parted) == 1.0
    with pytest.raises(ValueError, match="one row"):
        combined_scores(predictors, is_fake=is_fake[1:], groups=own, seed=1)
    with pytest.raises(ValueError, match="finite"):
        combined_scores(predictors * np.nan, is_fake=is_fake, groups=own, seed=1)
    assert crowd_log_odds(np.array([0, 3]), np.array([3, 3])).tolist() == pytest.approx([-np.log(7), np.log(7)])
