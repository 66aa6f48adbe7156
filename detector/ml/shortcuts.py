"""What a detector could achieve without listening: from level, peak, DC, bandwidth, zero runs and silence alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.ml.splits import EVALUATION, TRAIN, VALIDATION

FEATURES = ("level_dbfs", "peak_dbfs", "dc_offset", "bandwidth_hz", "longest_zero_run_s", "leading_silence_s")
MAX_ITERATIONS = 1000


@dataclass(frozen=True, kw_only=True)
class Shortcuts:
    """The audit's scores and what they rest on.

    scores: (n_clips,) fake_score, the mean over the folds that held a clip out; NaN where none did.
    coefficients: (n_folds, n_features) log-odds of FAKE for one SD of a feature.
    """

    scores: NDArray[np.float64]
    coefficients: NDArray[np.float64]


def audit_shortcuts(
    facts: NDArray[np.floating], is_fake: NDArray[np.bool_], folds: Sequence[NDArray[np.integer]]
) -> Shortcuts:
    """Score clips by a logistic model of their audit facts, under the folds of the detector itself.

    Parameters
    ----------
    facts
        (n_clips, n_features), finite; for a report the columns are FEATURES.
    is_fake
        (n_clips,) truth.
    folds
        For each fold its assignment (n_clips,), codes of `splits.SPLITS` or UNUSED.

    Raises
    ------
    ValueError
        Shapes do not fit, a fact is not finite, or a fold trains on one label only.

    Notes
    -----
    In each fold the model is fitted to training and validation clips, as nothing is chosen on the validation clips,
    and scores the evaluation clips. Features have mean 0 and SD 1 over the clips it is fitted to; classes weigh the
    same; penalty |w|^2 / 2 at C = 1; scikit-learn's lbfgs, which draws nothing at random. A high score says that the
    set can be told apart by such facts, not that a detector uses them.

    Examples
    --------
    >>> audit_shortcuts(np.array([[0.0], [1.0], [0.0], [1.0]]), np.array([False, True, False, True]),
    ...     [np.array([0, 0, 2, 2])]).scores.round(2).tolist()
    [nan, nan, 0.34, 0.66]
    """
    _check(facts, is_fake, folds)
    sums, times = np.zeros(is_fake.size), np.zeros(is_fake.size)
    coefficients = np.empty((len(folds), facts.shape[1]))
    for place, fold in enumerate(folds):
        scores, coefficients[place] = _fold_scores(np.asarray(facts, dtype=np.float64), is_fake, fold)
        sums[fold == EVALUATION] += scores
        times[fold == EVALUATION] += 1
    means = np.divide(sums, times, out=np.full(is_fake.size, np.nan), where=times > 0)
    return Shortcuts(scores=means, coefficients=coefficients)


def _fold_scores(
    facts: NDArray[np.float64], is_fake: NDArray[np.bool_], fold: NDArray[np.integer]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the scores of the evaluation clips of one fold, and the coefficients (n_features,)."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    fitted, held_out = (fold == TRAIN) | (fold == VALIDATION), fold == EVALUATION
    regression = LogisticRegression(C=1.0, class_weight="balanced", solver="lbfgs", max_iter=MAX_ITERATIONS)
    model = make_pipeline(StandardScaler(), regression).fit(facts[fitted], is_fake[fitted])
    scores = model.predict_proba(facts[held_out])[:, 1] if held_out.any() else np.empty(0)
    return scores, regression.coef_[0]


def _check(facts: NDArray[np.floating], is_fake: NDArray[np.bool_], folds: Sequence[NDArray[np.integer]]) -> None:
    if facts.ndim != 2 or len(facts) != is_fake.size or any(fold.shape != is_fake.shape for fold in folds):
        raise ValueError(
            f"facts {facts.shape}, labels {is_fake.shape}, folds {[fold.shape for fold in folds]}: need one row for "
            "each clip, and each fold to assign every clip"
        )
    if not np.isfinite(facts).all():
        raise ValueError(f"{int((~np.isfinite(facts)).any(axis=1).sum())} clips have a fact that is NaN or infinite")
    for place, fold in enumerate(folds):
        n_fakes = int(is_fake[(fold == TRAIN) | (fold == VALIDATION)].sum())
        n_fitted = int(((fold == TRAIN) | (fold == VALIDATION)).sum())
        if n_fakes in (0, n_fitted):
            raise ValueError(
                f"fold {place} trains on {n_fakes} fakes and {n_fitted - n_fakes} reals: need some of both"
            )
