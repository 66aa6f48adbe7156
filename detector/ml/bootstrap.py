"""Intervals and paired differences by resampling clusters of clips: systems or teams among fakes, sources among reals.

Clips of one generator, or cut from one recording, resemble each other; resampling single clips would take them for so
many independent findings, and its intervals would be too narrow.

A resample draws as many clusters as there are, with replacement, among fakes and among reals separately, and takes all
clips of each; all runs see the same resample, and the statistic is the mean over runs. The ends of an interval are the
quantiles (1 - level) / 2 and (1 + level) / 2 of the resamples, linearly interpolated. With few clusters (below some
twenty) percentile intervals are too narrow, though less so than those that resample clips.

Efron and Tibshirani (1993), An Introduction to the Bootstrap, ch. 13; Field and Welsh (2007), J. R. Stat. Soc. B
69:369-390 (the cluster bootstrap).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.ml.summary import MEASURES
from detector.ml.weighted import RESAMPLED_MEASURES, Resamples, prepare

N_RESAMPLES = 2000
LEVEL = 0.95
CELLS = 2**16  # clips x resamples at a time: half a MB for each array, which stays in the cache and in the heap


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A measure, averaged over runs, and its percentile interval.

    estimate: of the clips as they are; None where a measure needs both labels and one is missing.
    low, high: None also where a label that is there has fewer than two clusters, since nothing then tells how much
    clusters differ. They speak of other systems and sources of the same kind, with the same trained runs.
    """

    estimate: float | None
    low: float | None
    high: float | None
    level: float
    n_resamples: int
    n_clusters_fake: int
    n_clusters_real: int


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Measure of a minus measure of b on the same clips, each averaged over its runs; None as in `Interval`."""

    estimate: float | None
    low: float | None
    high: float | None
    p: float | None
    level: float
    n_resamples: int
    n_clusters_fake: int
    n_clusters_real: int


def bootstrap_measures(
    is_fake: NDArray[np.bool_],
    scores: NDArray[np.floating],
    clusters: NDArray[np.integer],
    *,
    threshold: float,
    measures: Sequence[str] = tuple(MEASURES),
    n_resamples: int = N_RESAMPLES,
    level: float = LEVEL,
    rng: np.random.Generator,
    on_part: Callable[[], None] = lambda: None,
) -> dict[str, Interval]:
    """Return the mean over runs of each measure, with its cluster-bootstrap interval.

    Parameters
    ----------
    is_fake
        (n_clips,) truth.
    scores
        (n_runs, n_clips) fake_score in [0, 1] of every run.
    clusters
        (n_clips,) any whole numbers; clips with the same number and the same label are drawn together.
    threshold, level
        A score at or above the threshold means fake; the level is the interval's, in (0, 1).
    measures
        Names in `summary.MEASURES`.
    on_part
        Called after each run of each handful of resamples; it stops the work by raising.

    Raises
    ------
    ValueError
        Shapes do not fit, there is no clip or no run, a score lies outside [0, 1], a measure is unknown, or `level`
        or `n_resamples` cannot be.

    Examples
    --------
    >>> found = bootstrap_measures(np.array([True, True, False, False]), np.array([[0.9, 0.4, 0.2, 0.1]]),
    ...     np.array([0, 1, 2, 3]), threshold=0.5, measures=["accuracy"], rng=np.random.default_rng(1))
    >>> found["accuracy"].estimate, found["accuracy"].low, found["accuracy"].high
    (0.75, 0.5, 1.0)
    """
    _check(is_fake, scores, clusters, measures, n_resamples=n_resamples, level=level)
    codes, n_fake, n_real = _cluster_codes(is_fake, clusters)
    estimates = {name: _estimate(name, is_fake, scores, threshold) for name in measures}
    defined = [name for name in measures if estimates[name] is not None] if _can_resample(n_fake, n_real) else []
    draws = _resampled(is_fake, scores, codes, n_fake, threshold, defined, n_resamples, rng, on_part)
    ends = {name: _percentiles(draws[name].mean(axis=0), level) for name in defined}
    return {
        name: Interval(
            estimate=estimates[name],
            low=ends[name][0] if name in ends else None,
            high=ends[name][1] if name in ends else None,
            level=level,
            n_resamples=n_resamples,
            n_clusters_fake=n_fake,
            n_clusters_real=n_real,
        )
        for name in measures
    }


def paired_difference(
    is_fake: NDArray[np.bool_],
    scores_a: NDArray[np.floating],
    scores_b: NDArray[np.floating],
    clusters: NDArray[np.integer],
    *,
    measure: str,
    threshold: float,
    n_resamples: int = N_RESAMPLES,
    level: float = LEVEL,
    rng: np.random.Generator,
    on_part: Callable[[], None] = lambda: None,
) -> Difference:
    """Return how much better or worse detector a does than b on the same clips, with interval and p-value.

    Parameters and errors as in `bootstrap_measures`; scores_a (n_runs_a, n_clips) and scores_b (n_runs_b, n_clips) may
    have different numbers of runs.

    Notes
    -----
    Both detectors see the same resample of clusters. p is two-sided: twice the smaller of the shares of resamples with
    a difference <= 0 and >= 0, each counted as (1 + count) / (1 + n_resamples), at most 1, so that it is never 0. This
    inverts the percentile interval (Davison and Hinkley 1997, Bootstrap Methods and their Application, sections 4.4 and
    5.4), and shares its weakness with few clusters. It tells whether the difference holds for other systems and
    sources; `comparison.mann_whitney` asks whether it holds for other seeds.

    Examples
    --------
    >>> truth, numbers = np.array([True, True, False, False]), np.array([0, 1, 2, 3])
    >>> good, bad = np.array([[0.9, 0.8, 0.2, 0.1]]), np.array([[0.1, 0.2, 0.8, 0.9]])
    >>> found = paired_difference(truth, good, bad, numbers, measure="roc_auc", threshold=0.5,
    ...     n_resamples=199, rng=np.random.default_rng(1))
    >>> found.estimate, found.low, found.p
    (1.0, 1.0, 0.01)
    """
    for scores in (scores_a, scores_b):
        _check(is_fake, scores, clusters, [measure], n_resamples=n_resamples, level=level)
    codes, n_fake, n_real = _cluster_codes(is_fake, clusters)
    mean_a, mean_b = (_estimate(measure, is_fake, scores, threshold) for scores in (scores_a, scores_b))
    estimate = None if mean_a is None or mean_b is None else mean_a - mean_b
    low = high = p = None
    if estimate is not None and _can_resample(n_fake, n_real):
        # One stack of runs, so that a and b are given the same resamples.
        stacked = np.concatenate((np.asarray(scores_a, dtype=np.float64), np.asarray(scores_b, dtype=np.float64)))
        draws = _resampled(is_fake, stacked, codes, n_fake, threshold, [measure], n_resamples, rng, on_part)[measure]
        differences = draws[: len(scores_a)].mean(axis=0) - draws[len(scores_a) :].mean(axis=0)
        low, high = _percentiles(differences, level)
        p = _two_sided_p(differences)
    return Difference(
        estimate=estimate,
        low=low,
        high=high,
        p=p,
        level=level,
        n_resamples=n_resamples,
        n_clusters_fake=n_fake,
        n_clusters_real=n_real,
    )


def holm(ps: Sequence[float]) -> list[float]:
    """Return Holm's adjusted p-values, in the order given; the family-wise error rate then holds for all of them.

    The i-th smallest of m is multiplied by m - i + 1, kept at least as large as the one before it, and at most 1.
    Raises ValueError where a p-value lies outside [0, 1].

    References
    ----------
    Holm (1979), Scand. J. Stat. 6:65-70.

    Examples
    --------
    >>> holm([0.04, 0.01, 0.03])
    [0.06, 0.03, 0.06]
    """
    if not all(0.0 <= p <= 1.0 for p in ps):
        raise ValueError(f"p-values {list(ps)} do not all lie in [0, 1]")
    adjusted, largest = [0.0] * len(ps), 0.0
    for rank, place in enumerate(sorted(range(len(ps)), key=ps.__getitem__)):
        largest = max(largest, min(1.0, (len(ps) - rank) * ps[place]))
        adjusted[place] = largest
    return adjusted


def _check(
    is_fake: NDArray[np.bool_],
    scores: NDArray[np.floating],
    clusters: NDArray[np.integer],
    measures: Sequence[str],
    *,
    n_resamples: int,
    level: float,
) -> None:
    if scores.ndim != 2 or not scores.size or scores.shape[1:] != is_fake.shape or clusters.shape != is_fake.shape:
        raise ValueError(
            f"scores {scores.shape}, labels {is_fake.shape}, clusters {clusters.shape}: need scores (n_runs, n_clips) "
            "and a label and a cluster for each of some clips"
        )
    unknown = sorted(set(measures) - set(MEASURES))
    if unknown:
        raise ValueError(f"no measure is called {unknown}; there are {sorted(MEASURES)}")
    if n_resamples < 1 or not 0.0 < level < 1.0:
        raise ValueError(f"n_resamples={n_resamples!r}, level={level!r}: need one at least, and a level in (0, 1)")


def _cluster_codes(is_fake: NDArray[np.bool_], clusters: NDArray[np.integer]) -> tuple[NDArray[np.intp], int, int]:
    """Return codes (n_clips,) from 0, those of fakes first, and how many clusters of fakes and of reals there are."""
    codes = np.empty(is_fake.size, dtype=np.intp)
    found = [np.unique(clusters[wanted], return_inverse=True) for wanted in (is_fake, ~is_fake)]
    n_fake, n_real = (numbers.size for numbers, _ in found)
    codes[is_fake], codes[~is_fake] = found[0][1], found[1][1] + n_fake
    return codes, n_fake, n_real


def _can_resample(n_fake: int, n_real: int) -> bool:
    """Return whether each label that is there has two clusters or more."""
    return n_fake != 1 and n_real != 1


def _estimate(name: str, is_fake: NDArray[np.bool_], scores: NDArray[np.floating], threshold: float) -> float | None:
    """Return the mean over runs of a measure; whether it is defined depends on the labels alone."""
    values = [MEASURES[name](is_fake, run, threshold) for run in scores]
    return float(np.mean([value for value in values if value is not None])) if values[0] is not None else None


def _resampled(
    is_fake: NDArray[np.bool_],
    scores: NDArray[np.floating],
    codes: NDArray[np.intp],
    n_fake: int,
    threshold: float,
    names: Sequence[str],
    n_resamples: int,
    rng: np.random.Generator,
    on_part: Callable[[], None],
) -> dict[str, NDArray[np.float64]]:
    """Return each measure of each run in each resample, name -> (n_runs, n_resamples)."""
    values = {name: np.empty((len(scores), n_resamples)) for name in names}
    if not names:
        return values
    runs = [prepare(is_fake, run, codes, threshold=threshold) for run in scores]
    at_a_time = max(1, CELLS // is_fake.size)
    start = 0
    for drawn in _draws(rng, n_fake, int(codes.max()) + 1 - n_fake, n_resamples, at_a_time):
        stop = start + len(drawn)
        for place, run in enumerate(runs):
            resamples = Resamples(run, drawn)
            for name in names:
                values[name][place, start:stop] = RESAMPLED_MEASURES[name](resamples)
            on_part()
        start = stop
    return values


def _draws(
    rng: np.random.Generator, n_fake: int, n_real: int, n_resamples: int, at_a_time: int
) -> Iterator[NDArray[np.int64]]:
    """Give how often each cluster is drawn, (up to `at_a_time`, n_fake + n_real), fakes first.

    Fakes and reals draw from streams of their own, so that the resamples do not depend on `at_a_time`.
    """
    of_fakes, of_reals = rng.spawn(2)
    for start in range(0, n_resamples, at_a_time):
        n = min(at_a_time, n_resamples - start)
        yield np.hstack([_times_drawn(of_fakes, n_fake, n), _times_drawn(of_reals, n_real, n)])


def _times_drawn(rng: np.random.Generator, n_clusters: int, n_resamples: int) -> NDArray[np.int64]:
    """Return how often each of some clusters comes up in as many draws with replacement, (n_resamples, n_clusters)."""
    if n_clusters == 0:
        return np.zeros((n_resamples, 0), dtype=np.int64)
    picks = rng.integers(n_clusters, size=(n_resamples, n_clusters))
    cells = picks + n_clusters * np.arange(n_resamples)[:, np.newaxis]
    return np.bincount(cells.ravel(), minlength=cells.size).reshape(n_resamples, n_clusters)


def _percentiles(values: NDArray[np.float64], level: float) -> tuple[float, float]:
    low, high = np.quantile(values, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    return float(low), float(high)


def _two_sided_p(differences: NDArray[np.float64]) -> float:
    smaller = min(int((differences <= 0.0).sum()), int((differences >= 0.0).sum()))
    return min(1.0, 2.0 * (1 + smaller) / (1 + differences.size))
