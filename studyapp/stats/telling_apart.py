"""How well measured facts together tell two kinds of sounds apart: a cross-validated logistic regression. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import rankdata

MIN_CLIPS = 10  # of each kind
N_FOLDS = 5
PENALTY = 1.0
MAX_STEPS = 25
Z_95 = 1.959963984540054


@dataclass(frozen=True, kw_only=True)
class Telling:
    """The area under the ROC curve of scores for clips that the regression did not see, and its 95 % interval.

    auc: share of (positive, negative) pairs in which the positive one has the larger score; .5 is chance. It can fall
        below .5 where there is nothing to learn.
    """

    auc: float
    low: float
    high: float
    n_positive: int
    n_negative: int

    @property
    def is_telling(self) -> bool:
        """Whether the interval lies above chance."""
        return self.low > 0.5


def telling_apart(facts: NDArray[np.float64], positive: NDArray[np.bool_], *, seed: int = 1) -> Telling | None:
    """Return how well the facts tell the positive clips; None with fewer than ten clips of either kind.

    facts: (n_clips, n_facts), finite. positive: (n_clips,).

    Notes
    -----
    Each fact becomes its rank among all clips, scaled to [-1, 1], and the square of that rank, so that one kind lying
    in the middle of the other is seen too; what is the same in all clips is left out. Ridge-penalised (C = 1) logistic
    regression by Newton's method, five stratified folds drawn from the seed, one AUC over the pooled held-out scores.
    The interval is that of Hanley and McNeil; it takes the held-out scores as independent.

    References
    ----------
    J. A. Hanley, B. J. McNeil, "The meaning and use of the area under a receiver operating characteristic (ROC) curve",
    Radiology 143 (1982) 29-36.
    """
    n_positive, n_negative = int(positive.sum()), int((~positive).sum())
    if min(n_positive, n_negative) < MIN_CLIPS:
        return None
    features = _features(facts)
    folds = _folds(positive, seed)
    scores = np.empty(len(positive))
    for fold in range(N_FOLDS):
        held = folds == fold
        weights = fit_logistic(features[~held], positive[~held], penalty=PENALTY)
        scores[held] = _with_one(features[held]) @ weights
    auc = _auc(scores[positive], scores[~positive])
    error = _hanley_mcneil(auc, n_positive, n_negative)
    return Telling(
        auc=auc,
        low=max(0.0, auc - Z_95 * error),
        high=min(1.0, auc + Z_95 * error),
        n_positive=n_positive,
        n_negative=n_negative,
    )


def fit_logistic(features: NDArray[np.float64], positive: NDArray[np.bool_], *, penalty: float) -> NDArray[np.float64]:
    """Return (n_features + 1,) weights, the intercept last, that minimise the log loss + penalty / 2 * |weights|^2.

    The intercept is not penalised. With penalty 1 these are scikit-learn's LogisticRegression(C=1).
    """
    design = _with_one(features)
    ridge = np.diag([penalty] * features.shape[1] + [0.0])
    weights = np.zeros(design.shape[1])
    for _ in range(MAX_STEPS):
        chance = expit(design @ weights)
        gradient = design.T @ (chance - positive) + ridge @ weights
        curvature = (design * (chance * (1 - chance))[:, np.newaxis]).T @ design + ridge
        step = np.linalg.solve(curvature + 1e-9 * np.eye(len(weights)), gradient)
        weights -= step
        if np.abs(step).max() < 1e-8:
            break
    return weights


def _with_one(features: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.column_stack([features, np.ones(len(features))])


def _features(facts: NDArray[np.float64]) -> NDArray[np.float64]:
    differing = facts[:, np.ptp(facts, axis=0) > 0]
    ranks = (rankdata(differing, axis=0) - 1) / (len(facts) - 1) * 2 - 1 if differing.size else differing
    return np.column_stack([ranks, np.square(ranks)])


def _folds(positive: NDArray[np.bool_], seed: int) -> NDArray[np.intp]:
    rng = np.random.default_rng(seed)
    folds = np.empty(len(positive), dtype=np.intp)
    for kind in (positive, ~positive):
        folds[kind] = rng.permutation(np.arange(kind.sum()) % N_FOLDS)
    return folds


def _auc(positive: NDArray[np.float64], negative: NDArray[np.float64]) -> float:
    ranks = rankdata(np.concatenate([positive, negative]))[: len(positive)]
    return float((ranks.sum() - len(positive) * (len(positive) + 1) / 2) / (len(positive) * len(negative)))


def _hanley_mcneil(auc: float, n_positive: int, n_negative: int) -> float:
    q1, q2 = auc / (2 - auc), 2 * auc * auc / (1 + auc)
    variance = auc * (1 - auc) + (n_positive - 1) * (q1 - auc * auc) + (n_negative - 1) * (q2 - auc * auc)
    return float(np.sqrt(max(variance, 0.0) / (n_positive * n_negative)))
