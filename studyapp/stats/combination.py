"""What listeners and a machine reach together: a cross-validated logistic regression of the truth on both."""

import numpy as np
from numpy.typing import NDArray

from studyapp.stats.telling_apart import fit_logistic

Array = NDArray[np.float64]
MIN_CLIPS = 20  # of each class: below, ten folds leave too few clips to weigh two observers by
N_FOLDS = 10
PENALTY = 1.0


def crowd_log_odds(n_fake: NDArray[np.int_], n: NDArray[np.int_]) -> Array:
    """Return the log odds of "fake" among the answers to each clip, half an answer added on both sides.

    n_fake, n: (n_clips,) answers "fake" and all answers. Haldane (1956), Ann. Hum. Genet. 20:309-311.

    >>> crowd_log_odds(np.array([2, 4]), np.array([4, 4])).round(4).tolist()
    [0.0, 2.1972]
    """
    return np.asarray(np.log((n_fake + 0.5) / (n - n_fake + 0.5)))


def combined_scores(
    predictors: Array, *, is_fake: NDArray[np.bool_], groups: NDArray[np.intp], seed: int
) -> Array | None:
    """Return for each clip the log odds of "fake" by weights that were fitted without it.

    Parameters
    ----------
    predictors
        (n_clips, n_predictors), finite, such as the crowd's log odds and the machine's score.
    is_fake
        (n_clips,) the truth.
    groups
        (n_clips,) codes: clips of one group are held out together, such as those cut from one recording.
    seed
        Of the folds.

    Returns
    -------
    ndarray or None
        None with fewer than twenty clips, or clips of fewer than ten groups, of either class.

    Raises
    ------
    ValueError
        Lengths that differ, or a predictor that is not finite.

    Notes
    -----
    Ten folds of groups, dealt so that each has about as many fakes. For each, predictors are brought to mean 0 and
    standard deviation 1 of the other folds, and the weights minimise log loss + |weights|^2 / 2 (scikit-learn's
    LogisticRegression(C=1)), which keeps them finite where the classes come apart. Each fold's log odds come from
    weights of their own, so that an AUC over all of them is a little lower than one model's would be.

    References
    ----------
    Hastie, Tibshirani & Friedman (2009), The Elements of Statistical Learning, 2nd ed., 4.4 and 7.10.
    """
    if not len(predictors) == len(is_fake) == len(groups):
        raise ValueError("predictors, truth and groups need one row for each clip")
    if not np.isfinite(predictors).all():
        raise ValueError("every predictor must be finite")
    classes = (is_fake, ~is_fake)
    if min(int(each.sum()) for each in classes) < MIN_CLIPS:
        return None
    if min(len(np.unique(groups[each])) for each in classes) < N_FOLDS:
        return None
    folds = _folds(is_fake, groups, seed)
    scores = np.empty(len(predictors))
    for fold in range(N_FOLDS):
        held = folds == fold
        mean, spread = predictors[~held].mean(axis=0), predictors[~held].std(axis=0)
        scaled = (predictors - mean) / np.where(spread > 0, spread, 1.0)
        weights = fit_logistic(scaled[~held], is_fake[~held], penalty=PENALTY)
        scores[held] = scaled[held] @ weights[:-1] + weights[-1]
    return scores


def _folds(is_fake: NDArray[np.bool_], groups: NDArray[np.intp], seed: int) -> NDArray[np.intp]:
    """Return (n_clips,) folds: groups in random order, those of fakes first, are dealt one after another."""
    _, codes = np.unique(groups, return_inverse=True)
    n = np.bincount(codes)
    share_fake = np.bincount(codes, weights=is_fake.astype(float)) / n
    order = np.random.default_rng(seed).permutation(len(n))
    order = order[np.argsort(-share_fake[order], kind="stable")]
    fold_of_group = np.empty(len(n), dtype=np.intp)
    fold_of_group[order] = np.arange(len(n)) % N_FOLDS
    return np.asarray(fold_of_group[codes])
