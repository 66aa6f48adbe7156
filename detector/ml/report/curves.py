"""ROC and calibration of one choice of runs, thinned for a page."""

from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.ml.calibration import brier, expected_calibration_error, reliability
from detector.ml.ranking import roc_curve, tpr_at_fpr

from .held_out import HeldOut

MAX_POINTS = 300


def scores_of(held: HeldOut, rows: list[int]) -> NDArray[np.float64]:
    """Return each entry's (n,) score by one run of its fold; `rows` holds the run's row for each fold."""
    scores: NDArray[np.float64] = held.scores[np.asarray(rows)[held.fold], np.arange(held.n)]
    return scores


def roc(is_fake: NDArray[np.bool_], fake_score: NDArray[np.float64]) -> dict[str, Any] | None:
    """Return at most MAX_POINTS points [false alarm rate, hit rate] from (0, 0) to (1, 1); None with one label only."""
    if is_fake.all() or not is_fake.any():
        return None
    curve = roc_curve(is_fake, fake_score)
    points = thin(np.column_stack([curve.fpr, curve.tpr]), MAX_POINTS)
    return {"points": points.tolist(), "tpr_at_fpr_01": tpr_at_fpr(is_fake, fake_score, fpr=0.01)}


def thin(points: NDArray[np.float64], n_max: int) -> NDArray[np.float64]:
    """Return at most n_max of the points (n, 2) of a rising curve: both ends, and points evenly spread along it.

    Points between two others on a horizontal or vertical stretch say nothing and go first.

    Examples
    --------
    >>> thin(np.array([[0.0, 0.0], [0.0, 0.5], [0.0, 1.0], [1.0, 1.0]]), 300).tolist()
    [[0.0, 0.0], [0.0, 1.0], [1.0, 1.0]]
    """
    steps = np.diff(points, axis=0) != 0  # (n - 1, 2)
    turns = (steps[1:] != steps[:-1]).any(axis=1) | (steps[1:].all(axis=1))
    kept: NDArray[np.float64] = points[np.concatenate([[True], turns, [True]])]
    if len(kept) <= n_max:
        return kept
    along = kept.sum(axis=1)  # rises from 0 to 2
    wanted = np.linspace(along[0], along[-1], n_max)
    thinned: NDArray[np.float64] = kept[np.unique(np.searchsorted(along, wanted).clip(0, len(kept) - 1))]
    return thinned


def calibration(is_fake: NDArray[np.bool_], fake_score: NDArray[np.float64]) -> dict[str, Any]:
    """Return the reliability curve's bins, the Brier score and the expected calibration error."""
    return {
        "bins": [asdict(each) for each in reliability(is_fake, fake_score)],
        "brier": brier(is_fake, fake_score),
        "ece": expected_calibration_error(is_fake, fake_score),
    }
