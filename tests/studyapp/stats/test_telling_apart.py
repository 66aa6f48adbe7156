"""Facts together: scikit-learn's weights, chance where there is nothing, and one kind in the midst of the other."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import PredefinedSplit, cross_val_predict

from studyapp.stats.telling_apart import _auc, _folds, _hanley_mcneil, fit_logistic, telling_apart

pytestmark = pytest.mark.once

RNG = np.random.default_rng(3)
KINDS = np.arange(200) % 2 == 0


def test_the_weights_are_scikit_learns():
    facts = RNG.standard_normal((200, 4)) + np.outer(KINDS, [1.0, 0.5, 0, 0])
    theirs = LogisticRegression(C=1.0, tol=1e-10, max_iter=1000).fit(facts, KINDS)
    np.testing.assert_allclose(
        fit_logistic(facts, KINDS, penalty=1.0), [*theirs.coef_[0], theirs.intercept_[0]], atol=1e-5
    )


def test_the_area_is_scikit_learns_with_ties_too():
    scores = RNG.integers(0, 5, 200).astype(float)
    assert _auc(scores[KINDS], scores[~KINDS]) == pytest.approx(roc_auc_score(KINDS, scores))


def test_the_standard_error_by_hand():
    """AUC .8, 10 and 20: Q1 = 2/3, Q2 = 1.28/1.8; SE^2 = (.16 + 9 (.026667) + 19 (.071111)) / 200."""
    by_hand = np.sqrt((0.16 + 9 * 0.0266667 + 19 * 0.0711111) / 200)
    assert _hanley_mcneil(0.8, 10, 20) == pytest.approx(by_hand, abs=1e-6)


def test_the_area_is_scikit_learns_cross_validation_in_the_same_folds():
    facts = np.round(RNG.standard_normal((200, 3)) + np.outer(KINDS, [0.6, 0, 0]), 1)  # rounded: with ties
    features = 2 * (pd.DataFrame(facts).rank().to_numpy() - 1) / 199 - 1
    folds = PredefinedSplit(_folds(KINDS, 9))
    model = LogisticRegression(C=1.0, tol=1e-10, max_iter=1000)
    scores = cross_val_predict(model, np.hstack([features, features**2]), KINDS, cv=folds, method="decision_function")
    found = telling_apart(facts, KINDS, seed=9)
    assert found.auc == pytest.approx(roc_auc_score(KINDS, scores), abs=5e-4)  # a pair may change places
    assert folds.get_n_splits() == 5
    assert all(KINDS[held].sum() == 20 == (~KINDS[held]).sum() for _, held in folds.split())


def test_a_fact_that_tells_is_found_and_noise_is_not():
    noise = RNG.standard_normal((200, 3))
    nothing = telling_apart(noise, KINDS)
    assert 0.35 < nothing.auc < 0.65
    assert telling_apart(noise + np.outer(KINDS, [3.0, 0, 0]), KINDS).is_telling


def test_one_kind_in_the_midst_of_the_other_is_found():
    facts = RNG.uniform(1, 10, (200, 1))
    facts[KINDS] = 4.0
    assert telling_apart(facts, KINDS).auc > 0.95


def test_the_edges():
    assert telling_apart(np.zeros((19, 2)), np.arange(19) < 9) is None
    same = telling_apart(np.ones((40, 2)), np.arange(40) < 20)
    assert same.auc == pytest.approx(0.5, abs=0.05) and not same.is_telling
    apart = telling_apart(np.arange(40.0)[:, None], np.arange(40) < 20)
    assert apart.auc > 0.99 and apart.high == 1.0


def test_the_seed_and_nothing_else_draws_the_folds():
    facts = RNG.standard_normal((200, 3))
    assert telling_apart(facts, KINDS, seed=5) == telling_apart(facts, KINDS, seed=5)
