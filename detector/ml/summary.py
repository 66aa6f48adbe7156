"""The measures that a report gives of every set of scored clips."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from detector.ml.calibration import brier, expected_calibration_error
from detector.ml.metrics import evaluate
from detector.ml.ranking import average_precision, equal_error_rate, roc_auc, tpr_at_fpr

Truth = NDArray[np.bool_]
Scores = NDArray[np.floating]
Measure = Callable[[Truth, Scores, float], float | None]


def _of_ranking(measure: Callable[[Truth, Scores], float]) -> Measure:
    """Return a measure that needs both labels and no threshold; None where one label is missing."""

    def value(is_fake: Truth, fake_score: Scores, _threshold: float) -> float | None:
        return measure(is_fake, fake_score) if is_fake.any() and not is_fake.all() else None

    return value


def _accuracy(is_fake: Truth, fake_score: Scores, threshold: float) -> float:
    return evaluate(is_fake, fake_score, threshold=threshold).accuracy


def _balanced_accuracy(is_fake: Truth, fake_score: Scores, threshold: float) -> float | None:
    return evaluate(is_fake, fake_score, threshold=threshold).balanced_accuracy


# Name -> value of truth (n,), scores (n,) and threshold: a fraction, or None where it needs the label that is missing.
MEASURES: Mapping[str, Measure] = {
    "accuracy": _accuracy,
    "balanced_accuracy": _balanced_accuracy,
    "roc_auc": _of_ranking(roc_auc),
    "eer": _of_ranking(equal_error_rate),
    "average_precision": _of_ranking(average_precision),
    "tpr_at_fpr_01": _of_ranking(tpr_at_fpr),
    "brier": lambda is_fake, fake_score, _: brier(is_fake, fake_score),
    "ece": lambda is_fake, fake_score, _: expected_calibration_error(is_fake, fake_score),
}


def all_measures(is_fake: Truth, fake_score: Scores, threshold: float) -> dict[str, float | None]:
    """Return every measure of scores (n,) in [0, 1] against the truth (n,).

    Accuracy, Brier and ECE exist for one label alone; the others are None then.

    Raises
    ------
    ValueError
        There is no clip, the shapes differ, or a score lies outside [0, 1].

    Examples
    --------
    >>> found = all_measures(np.array([True, True]), np.array([0.9, 0.4]), 0.5)
    >>> found["accuracy"], found["roc_auc"]
    (0.5, None)
    """
    return {name: measure(is_fake, fake_score, threshold) for name, measure in MEASURES.items()}
