"""Whether a score can be read as the chance that a clip is fake."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

N_BINS = 10
LOG_FLOOR = 1e-7  # as Keras and the usual code have it: a confident error costs at most 16.1 nats


@dataclass(frozen=True, kw_only=True)
class Bin:
    """The clips with low <= score < high (the last bin holds 1 too). The two means are None in an empty bin."""

    low: float
    high: float
    n: int
    mean_score: float | None
    share_fake: float | None


def brier(is_fake: NDArray[np.bool_], fake_score: NDArray[np.floating]) -> float:
    """Return the mean squared difference of score and truth (fake 1, real 0), in [0, 1]; 0 is best.

    Raises
    ------
    ValueError
        There is no clip, the shapes differ, or a score lies outside [0, 1].

    References
    ----------
    Brier (1950), Mon. Weather Rev. 78:1-3, for two outcomes, counted once.

    Examples
    --------
    >>> brier(np.array([True, False]), np.array([0.5, 0.0]))
    0.125
    """
    scores = checked_scores(is_fake, fake_score)
    return float(np.mean((scores - is_fake) ** 2))


def reliability(is_fake: NDArray[np.bool_], fake_score: NDArray[np.floating], *, n_bins: int = N_BINS) -> list[Bin]:
    """Return the share of fakes among clips of like score, in `n_bins` bins of equal width, low scores first.

    Raises ValueError as `brier` does, and for less than one bin.

    Examples
    --------
    >>> found = reliability(np.array([True, False, True]), np.array([0.9, 0.8, 0.1]), n_bins=2)
    >>> [(bin_.n, bin_.share_fake) for bin_ in found]
    [(1, 1.0), (2, 0.5)]
    """
    scores = checked_scores(is_fake, fake_score)
    places, edges = bin_places(scores, n_bins=n_bins), bin_edges(n_bins)
    counts = np.bincount(places, minlength=n_bins)
    score_sums = np.bincount(places, weights=scores, minlength=n_bins)
    fake_sums = np.bincount(places, weights=is_fake, minlength=n_bins)
    return [
        Bin(
            low=float(edges[place]),
            high=float(edges[place + 1]),
            n=int(count),
            mean_score=float(score_sums[place] / count) if count else None,
            share_fake=float(fake_sums[place] / count) if count else None,
        )
        for place, count in enumerate(counts)
    ]


def expected_calibration_error(
    is_fake: NDArray[np.bool_], fake_score: NDArray[np.floating], *, n_bins: int = N_BINS
) -> float:
    """Return the mean over clips of |share of fakes - mean score| of the bin that a clip lies in, in [0, 1].

    Raises ValueError as `reliability` does.

    Notes
    -----
    ECE = sum over bins of n_b / n |share_b - score_b|, bins of equal width. It depends on the bins, and is above 0 in
    small samples even for a calibrated detector.

    References
    ----------
    Naeini, Cooper and Hauskrecht (2015), AAAI; the binary form, for the class FAKE.

    Examples
    --------
    >>> expected_calibration_error(np.array([True, False]), np.array([0.75, 0.75]))
    0.25
    """
    scores = checked_scores(is_fake, fake_score)
    gaps = np.bincount(bin_places(scores, n_bins=n_bins), weights=scores - is_fake, minlength=n_bins)
    return float(np.abs(gaps).sum() / scores.size)


def binary_cross_entropy(is_fake: NDArray[np.bool_], fake_score: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the cross-entropy of each clip, (n,), in nats: -ln of the score that its true label was given.

    Scores are kept 1e-7 away from 0 and 1. Raises ValueError as `brier` does.

    Examples
    --------
    >>> binary_cross_entropy(np.array([True, False]), np.array([0.5, 0.0])).round(3).tolist()
    [0.693, 0.0]
    """
    scores = np.clip(checked_scores(is_fake, fake_score), LOG_FLOOR, 1.0 - LOG_FLOOR)
    return np.asarray(-np.log(np.where(is_fake, scores, 1.0 - scores)))


def checked_scores(is_fake: NDArray[np.bool_], fake_score: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the scores as float64; raises ValueError unless there is one in [0, 1] for each of some clips."""
    if is_fake.size == 0 or is_fake.shape != fake_score.shape or is_fake.ndim != 1:
        raise ValueError(f"{is_fake.shape} labels and {fake_score.shape} scores: need one score for each of some clips")
    scores = np.asarray(fake_score, dtype=np.float64)
    outside = ~((scores >= 0.0) & (scores <= 1.0))  # true of NaN too
    if outside.any():
        raise ValueError(f"a score of {scores[outside][0]} lies outside [0, 1]")
    return scores


def bin_edges(n_bins: int) -> NDArray[np.float64]:
    """Return the n_bins + 1 edges of bins of equal width over [0, 1]; raises ValueError for less than one bin."""
    if n_bins < 1:
        raise ValueError(f"{n_bins} bins: need one at least")
    return np.arange(n_bins + 1) / n_bins


def bin_places(scores: NDArray[np.float64], *, n_bins: int) -> NDArray[np.intp]:
    """Return the bin (n,) of each score: held against the edges themselves, so that rounding cannot move a clip."""
    return np.clip(np.searchsorted(bin_edges(n_bins), scores, side="right") - 1, 0, n_bins - 1)
