"""The measures of `summary` over many resamples at once, where a resample says how often each cluster was drawn.

A resample of clusters is the same clips with whole-number weights, so that nothing is copied or sorted anew: rankings
follow from cumulative weights along the order of the scores, all else from sums per cluster.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from detector.ml.calibration import N_BINS, bin_places, checked_scores
from detector.ml.operating_points import (
    OperatingPoints,
    area_under_curve,
    average_precision_of,
    equal_error_rate_of,
    hit_rate_within,
)
from detector.ml.ranking import score_groups

Values = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class ScoredClusters:
    """The scores of one run, prepared for resampling.

    cluster, is_fake: (n_clips,) by falling score; clusters are codes from 0, and none holds both labels.
    ends: (n_scores,) the place, in this order, of the last clip of each different score.
    The rest are sums per cluster, (n_clusters,): clips of each label, right answers of each label, squared errors; and
    gaps (n_clusters, N_BINS), score minus truth in each bin of the calibration error.
    """

    cluster: NDArray[np.intp]
    is_fake: NDArray[np.bool_]
    ends: NDArray[np.intp]
    fakes: Values
    reals: Values
    hits: Values
    rejections: Values
    squares: Values
    gaps: Values


def prepare(
    is_fake: NDArray[np.bool_], fake_score: NDArray[np.floating], cluster: NDArray[np.intp], *, threshold: float
) -> ScoredClusters:
    """Return scores (n_clips,) in [0, 1] ready for resampling; raises ValueError as `calibration.brier` does."""
    scores = checked_scores(is_fake, fake_score)
    order, ends = score_groups(scores)
    correct = (fake_score >= threshold) == is_fake
    n_clusters = int(cluster.max()) + 1
    cells = cluster * N_BINS + bin_places(scores, n_bins=N_BINS)

    def sums(values: NDArray[np.bool_] | Values) -> Values:
        return _sums(cluster, values, n_clusters)

    return ScoredClusters(
        cluster=cluster[order],
        is_fake=is_fake[order],
        ends=ends,
        fakes=sums(is_fake),
        reals=sums(~is_fake),
        hits=sums(correct & is_fake),
        rejections=sums(correct & ~is_fake),
        squares=sums((scores - is_fake) ** 2),
        gaps=_sums(cells, scores - is_fake, n_clusters * N_BINS).reshape(-1, N_BINS),
    )


def _sums(codes: NDArray[np.intp], values: NDArray[np.bool_] | Values, n_codes: int) -> Values:
    return np.asarray(np.bincount(codes, weights=values, minlength=n_codes), dtype=np.float64)


@dataclass(frozen=True)
class Resamples:
    """Scores and how often each cluster was drawn: drawn (n_resamples, n_clusters)."""

    scored: ScoredClusters
    drawn: NDArray[np.int64]

    def total(self, sums: Values) -> Values:
        """Return a sum over clips, each as often as drawn, from its sums per cluster."""
        return np.asarray(self.drawn.astype(np.float64) @ sums)

    @cached_property
    def n_clips(self) -> Values:
        return self.total(self.scored.fakes + self.scored.reals)

    @cached_property
    def points(self) -> OperatingPoints:
        """The operating points of each resample, (n_resamples, 1 + n_scores)."""
        weights = np.take(self.drawn, self.scored.cluster, axis=1)  # (R, n_clips)
        called = _running(weights, self.scored.ends)
        hits = _running(weights * self.scored.is_fake, self.scored.ends)
        return OperatingPoints(hits=hits, false_alarms=called - hits)


def _running(weights: NDArray[np.int64], ends: NDArray[np.intp]) -> NDArray[np.int64]:
    """Return the sums (R, 1 + n_scores) of weights (R, n_clips) up to each end, after a 0 for no clip at all."""
    sums = np.zeros((weights.shape[0], weights.shape[1] + 1), dtype=np.int64)
    np.cumsum(weights, axis=1, out=sums[:, 1:])
    return sums if ends.size == weights.shape[1] else np.take(sums, np.append(0, ends + 1), axis=1)


def _accuracy(of: Resamples) -> Values:
    return of.total(of.scored.hits + of.scored.rejections) / of.n_clips


def _balanced_accuracy(of: Resamples) -> Values:
    hit_rate = of.total(of.scored.hits) / of.total(of.scored.fakes)
    return (hit_rate + of.total(of.scored.rejections) / of.total(of.scored.reals)) / 2


def _calibration_error(of: Resamples) -> Values:
    return np.asarray(np.abs(of.total(of.scored.gaps)).sum(axis=1) / of.n_clips)


# Name, as in summary.MEASURES -> values (n_resamples,).
RESAMPLED_MEASURES: Mapping[str, Callable[[Resamples], Values]] = {
    "accuracy": _accuracy,
    "balanced_accuracy": _balanced_accuracy,
    "roc_auc": lambda of: area_under_curve(of.points),
    "eer": lambda of: equal_error_rate_of(of.points),
    "average_precision": lambda of: average_precision_of(of.points),
    "tpr_at_fpr_01": lambda of: hit_rate_within(of.points, 0.01),
    "brier": lambda of: of.total(of.scored.squares) / of.n_clips,
    "ece": _calibration_error,
}
