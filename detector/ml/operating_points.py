"""Hits and false alarms as the threshold falls, and the measures of a ranking that follow from these counts alone.

Every function takes counts with any leading axes, so that one clip array and two thousand resamples of it share one
formula. P and N are the counts of fakes and reals, the last column of the two arrays.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Values = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class OperatingPoints:
    """What is called fake at each threshold, from "nothing" to "everything".

    hits: (..., n_points) fakes called fake. false_alarms: (..., n_points) reals called fake. Both begin with 0, never
    fall, and end with all clips of their label, at least one. Clips with equal scores come in together.
    """

    hits: Counts
    false_alarms: Counts

    @property
    def n_fakes(self) -> Counts:
        return self.hits[..., -1]

    @property
    def n_reals(self) -> Counts:
        return self.false_alarms[..., -1]


def area_under_curve(points: OperatingPoints) -> Values:
    """Return the area under the ROC curve, (...): trapezia, so that ties count half.

    Sum of (FP_k - FP_(k-1)) (TP_k + TP_(k-1)) / (2 P N); the sum is one of whole numbers and so exact.
    """
    steps = np.diff(points.false_alarms)
    heights = points.hits[..., 1:] + points.hits[..., :-1]
    twice = np.einsum("...k,...k->...", steps, heights)
    return np.asarray(twice / (2.0 * points.n_fakes * points.n_reals))


def average_precision_of(points: OperatingPoints) -> Values:
    """Return the average precision, (...): the sum of (TP_k - TP_(k-1)) / P times TP_k / (TP_k + FP_k).

    No interpolation, as in scikit-learn.
    """
    hits, called = points.hits[..., 1:], points.hits[..., 1:] + points.false_alarms[..., 1:]
    # A resample may hold none of the clips with the highest scores; such a point has no new hit and adds nothing.
    precision = hits / np.maximum(called, 1)
    return np.asarray(np.einsum("...k,...k->...", np.diff(points.hits), precision) / points.n_fakes)


def equal_error_rate_of(points: OperatingPoints) -> Values:
    """Return the error rate where false alarms and misses are equally frequent, (...).

    The first point with FPR >= FNR and the point before it are joined by a straight line, and the rate is read off
    where this line has FPR = FNR.
    """
    n_fakes, n_reals = points.n_fakes, points.n_reals

    def excess(hits: Counts, false_alarms: Counts) -> Counts:
        return np.asarray(false_alarms * n_fakes + hits * n_reals - n_fakes * n_reals)  # (FPR - FNR) P N, whole numbers

    after = _first(points, lambda hits, false_alarms: excess(hits, false_alarms) >= 0)
    hits_0, false_alarms_0 = _at(points, after - 1)
    hits_1, false_alarms_1 = _at(points, after)
    below, above = excess(hits_0, false_alarms_0), excess(hits_1, false_alarms_1)
    share = -below / (above - below)
    return np.asarray((false_alarms_0 + share * (false_alarms_1 - false_alarms_0)) / n_reals)


def hit_rate_within(points: OperatingPoints, fpr: float) -> Values:
    """Return the highest hit rate of a threshold whose false-alarm rate is not above `fpr`, (...)."""
    # A quotient, not fpr x N: 29 / 100 is the same float as 0.29, but 0.29 x 100 is a little less than 29.
    after = _first(points, lambda _, false_alarms: false_alarms / points.n_reals > fpr)
    hits, _ = _at(points, after - 1)
    return np.asarray(hits / points.n_fakes)


def _at(points: OperatingPoints, places: NDArray[np.intp]) -> tuple[Counts, Counts]:
    """Return hits and false alarms at one place per leading index."""
    index = places[..., np.newaxis]
    return (
        np.take_along_axis(points.hits, index, axis=-1)[..., 0],
        np.take_along_axis(points.false_alarms, index, axis=-1)[..., 0],
    )


def _first(points: OperatingPoints, reached: Callable[[Counts, Counts], NDArray[np.bool_]]) -> NDArray[np.intp]:
    """Return the first place where a claim holds that never turns false again; n_points where it never holds."""
    n_points = points.hits.shape[-1]
    low = np.zeros(points.hits.shape[:-1], dtype=np.intp)
    high = np.full_like(low, n_points)
    for _ in range(n_points.bit_length()):
        middle = np.minimum((low + high) // 2, n_points - 1)
        holds = reached(*_at(points, middle)) & (low < high)
        high = np.where(holds, middle, high)
        low = np.where(holds, low, np.minimum(middle + 1, high))
    return high
