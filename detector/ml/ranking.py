"""How well scores put fakes above reals, at whatever threshold. FAKE is the positive class."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.ml.operating_points import (
    OperatingPoints,
    area_under_curve,
    average_precision_of,
    equal_error_rate_of,
    hit_rate_within,
)


@dataclass(frozen=True, kw_only=True)
class RocCurve:
    """The receiver operating characteristic.

    fpr, tpr: (n_points,) shares of reals and of fakes called fake, from 0 to 1, never falling.
    thresholds: (n_points,) a score at or above it is called fake; falling; the first is infinite: nothing is.
    """

    fpr: NDArray[np.float64]
    tpr: NDArray[np.float64]
    thresholds: NDArray[np.float64]


def roc_curve(is_fake: NDArray[np.bool_], fake_score: NDArray[np.floating]) -> RocCurve:
    """Return the ROC curve of scores (n,) against the truth (n,), one point for each different score.

    Raises
    ------
    ValueError
        One label is missing, a score is NaN, or the shapes differ.

    Examples
    --------
    >>> roc_curve(np.array([True, False, True]), np.array([0.9, 0.4, 0.4])).tpr.tolist()
    [0.0, 0.5, 1.0]
    """
    order, ends = score_groups(fake_score)
    points = _points(is_fake, fake_score)
    return RocCurve(
        fpr=points.false_alarms / points.n_reals,
        tpr=points.hits / points.n_fakes,
        thresholds=np.concatenate(([np.inf], np.asarray(fake_score, dtype=np.float64)[order][ends])),
    )


def roc_auc(is_fake: NDArray[np.bool_], fake_score: NDArray[np.floating]) -> float:
    """Return the chance that a fake scores above a real clip, ties counting half (Mann-Whitney U / (n1 n0)).

    Raises ValueError as `roc_curve` does.

    References
    ----------
    Hanley and McNeil (1982), Radiology 143:29-36.

    Examples
    --------
    >>> roc_auc(np.array([True, False, True, False]), np.array([0.9, 0.1, 0.4, 0.4]))
    0.875
    """
    return float(area_under_curve(_points(is_fake, fake_score)))


def equal_error_rate(is_fake: NDArray[np.bool_], fake_score: NDArray[np.floating]) -> float:
    """Return the error rate at the threshold where fakes are missed as often as reals are called fake.

    Raises ValueError as `roc_curve` does.

    Notes
    -----
    Convention: the operating points (FPR, FNR), one for each different score, are joined by straight lines (no convex
    hull), and the EER is where this line crosses FPR = FNR. Interpolated, it does not jump by 1 / n as the rate at the
    nearest threshold does; clips with equal scores cannot be told apart, and constant scores have an EER of 0.5. Above
    0.5, the scores are worse than chance. With several systems the pooled EER leans to those with many clips.

    References
    ----------
    Martin et al. (1997), Eurospeech: The DET curve in assessment of detection task performance.

    Examples
    --------
    >>> equal_error_rate(np.array([True, True, False, False]), np.array([0.9, 0.3, 0.4, 0.1]))
    0.5
    """
    return float(equal_error_rate_of(_points(is_fake, fake_score)))


def average_precision(is_fake: NDArray[np.bool_], fake_score: NDArray[np.floating]) -> float:
    """Return the mean over fakes of the precision at the score of each, in (0, 1].

    It depends on the share of fakes among the clips, which is also what a detector without any skill reaches.
    Raises ValueError as `roc_curve` does.

    Notes
    -----
    AP = sum over thresholds of (R_k - R_(k-1)) P_k, recall and precision at the k-th highest score; not interpolated.

    Examples
    --------
    >>> average_precision(np.array([True, False, True]), np.array([0.9, 0.5, 0.1]))
    0.8333333333333333
    """
    return float(average_precision_of(_points(is_fake, fake_score)))


def tpr_at_fpr(is_fake: NDArray[np.bool_], fake_score: NDArray[np.floating], *, fpr: float = 0.01) -> float:
    """Return the highest hit rate of a threshold that calls no more than `fpr` of the reals fake.

    Not interpolated: the threshold exists. With fewer than 1 / fpr reals it is the hit rate without any false alarm.

    Raises
    ------
    ValueError
        As `roc_curve`, or `fpr` lies outside [0, 1].

    Examples
    --------
    >>> tpr_at_fpr(np.array([True, True, False]), np.array([0.9, 0.2, 0.3]))
    0.5
    """
    if not 0.0 <= fpr <= 1.0:
        raise ValueError(f"fpr={fpr!r} lies outside [0, 1]")
    return float(hit_rate_within(_points(is_fake, fake_score), fpr))


def score_groups(fake_score: NDArray[np.floating]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the order (n,) of falling scores, and in it the place of the last clip of each different score.

    Raises ValueError where a score is NaN.
    """
    scores = np.asarray(fake_score, dtype=np.float64)
    if np.isnan(scores).any():
        raise ValueError(f"{int(np.isnan(scores).sum())} of {scores.size} scores are NaN")
    order = np.argsort(-scores, kind="stable")
    falls = np.flatnonzero(np.diff(scores[order]))
    return order, np.append(falls, scores.size - 1)


def _points(is_fake: NDArray[np.bool_], fake_score: NDArray[np.floating]) -> OperatingPoints:
    """Return the operating points of one array of clips, (n_points,)."""
    if is_fake.shape != fake_score.shape or is_fake.ndim != 1:
        raise ValueError(f"{is_fake.shape} labels and {fake_score.shape} scores: need one score for each clip")
    if is_fake.all() or not is_fake.any():
        raise ValueError("a ROC curve, and ROC-AUC, EER and AP with it, needs clips of both labels")
    order, ends = score_groups(fake_score)
    hits = np.cumsum(is_fake[order], dtype=np.int64)[ends]
    return OperatingPoints(
        hits=np.concatenate(([0], hits)),
        false_alarms=np.concatenate(([0], ends + 1 - hits)),
    )
