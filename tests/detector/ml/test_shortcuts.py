"""The shortcut audit: the model it says it is, fitted to what it may see, and silent where nothing was held out."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize

from detector.ml.ranking import roc_auc
from detector.ml.shortcuts import FEATURES, audit_shortcuts
from detector.ml.splits import EVALUATION, TRAIN, UNUSED, VALIDATION

pytestmark = pytest.mark.once

N_CLIPS = 300


def clips(*, gap: float, seed: int = 4) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.int8]]:
    """Return facts in units that differ by thousands, of which the bandwidth tells fakes by `gap` SDs, and one fold."""
    rng = np.random.default_rng(seed)
    is_fake = rng.random(N_CLIPS) < 0.8
    facts = rng.normal(size=(N_CLIPS, len(FEATURES)))
    facts[:, 3] += gap * is_fake
    fold = rng.choice([TRAIN, TRAIN, VALIDATION, EVALUATION, UNUSED], N_CLIPS).astype(np.int8)
    return facts * [6, 3, 1e-3, 4000, 0.1, 0.2] + [-30, -3, 0, 9000, 0.1, 0.1], is_fake, fold


def test_equals_the_penalised_likelihood_maximised_by_another_program() -> None:
    facts, is_fake, fold = clips(gap=1.0)
    seen = (fold == TRAIN) | (fold == VALIDATION)
    scaled = (facts - facts[seen].mean(0)) / facts[seen].std(0)
    weights = np.where(is_fake, 1 / is_fake[seen].sum(), 1 / (~is_fake[seen]).sum()) * seen.sum() / 2
    signs = np.where(is_fake, 1.0, -1.0)

    def loss(w: NDArray[np.float64]) -> float:
        margins = signs[seen] * (scaled[seen] @ w[1:] + w[0])
        return float(w[1:] @ w[1:] / 2 + (weights[seen] * np.logaddexp(0, -margins)).sum())

    best = minimize(loss, np.zeros(7), method="BFGS", options={"gtol": 1e-7}).x
    found = audit_shortcuts(facts, is_fake, [fold])
    held_out = fold == EVALUATION
    np.testing.assert_allclose(found.coefficients[0], best[1:], atol=2e-3)
    expected = 1 / (1 + np.exp(-(scaled[held_out] @ best[1:] + best[0])))
    np.testing.assert_allclose(found.scores[held_out], expected, atol=1e-3)


def test_finds_a_shortcut_that_is_there_and_none_that_is_not() -> None:
    for gap, low, high in ((3.0, 0.95, 1.0), (0.0, 0.3, 0.7)):
        facts, is_fake, fold = clips(gap=gap)
        found, held_out = audit_shortcuts(facts, is_fake, [fold]), fold == EVALUATION
        assert low <= roc_auc(is_fake[held_out], found.scores[held_out]) <= high
        assert (np.abs(found.coefficients[0, 3]) > 2) == (gap > 0)


def test_units_do_not_matter_and_nothing_is_learned_from_clips_held_out_or_unused() -> None:
    facts, is_fake, fold = clips(gap=1.0)
    found, held_out = audit_shortcuts(facts, is_fake, [fold]), fold == EVALUATION
    scaled = audit_shortcuts(facts * 1000, is_fake, [fold])
    np.testing.assert_allclose(scaled.scores[held_out], found.scores[held_out], rtol=1e-6)
    hidden = (fold == UNUSED) | held_out
    turned = audit_shortcuts(np.where((fold == UNUSED)[:, None], 1e9, facts), is_fake ^ hidden, [fold])
    np.testing.assert_array_equal(turned.scores[held_out], found.scores[held_out])


def test_clips_held_out_twice_have_the_mean_and_those_never_held_out_have_none() -> None:
    facts, is_fake, fold = clips(gap=1.0)
    other = np.where(fold == EVALUATION, EVALUATION, TRAIN).astype(np.int8)
    both = audit_shortcuts(facts, is_fake, [fold, other])
    alone = [audit_shortcuts(facts, is_fake, [one]).scores for one in (fold, other)]
    np.testing.assert_allclose(both.scores, np.mean(alone, axis=0))
    assert both.coefficients.shape == (2, len(FEATURES))
    assert np.isnan(both.scores).tolist() == (fold != EVALUATION).tolist()


def test_a_fact_that_is_the_same_for_all_is_ignored_and_a_fold_may_hold_out_nothing() -> None:
    facts, is_fake, fold = clips(gap=1.0)
    facts[:, 5] = 0.0
    found = audit_shortcuts(facts, is_fake, [np.where(fold == EVALUATION, UNUSED, fold)])
    assert found.coefficients[0, 5] == 0.0
    assert np.isnan(found.scores).all()


def test_refuses_what_cannot_be_fitted() -> None:
    facts, is_fake, fold = clips(gap=1.0)
    with pytest.raises(ValueError, match="1 clips have a fact"):
        audit_shortcuts(np.where(facts == facts[0, 0], -np.inf, facts), is_fake, [fold])
    with pytest.raises(ValueError, match="need one row"):
        audit_shortcuts(facts[1:], is_fake, [fold])
    with pytest.raises(ValueError, match="fold 1 trains on 0 fakes"):
        audit_shortcuts(facts, is_fake, [fold, np.where(is_fake, EVALUATION, TRAIN)])
