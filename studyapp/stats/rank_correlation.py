"""Spearman's rank correlation over clips, with a bootstrap interval and what noise in the shares lets it reach."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from studyapp.stats.proportions import Interval, check_open_unit

Array = NDArray[np.float64]
MIN_CLIPS = 4  # below, a bootstrap sample of clips is all ties too often


@dataclass(frozen=True, kw_only=True)
class RankCorrelation:
    """`rho` is None with fewer than three clips or where one side does not vary; the interval with fewer than four.

    `p_two_sided` is None where rho is. `n_used` counts the draws in which both sides varied.
    """

    n_clips: int
    rho: float | None
    p_two_sided: float | None
    interval: Interval | None
    n_used: int
    seed: int


def rank_correlation(
    first: Array, second: Array, *, seed: int, n_draws: int = 5000, confidence: float = 0.95
) -> RankCorrelation:
    """Correlate two numbers of each clip, such as the share of listeners who say fake and a detector's score.

    Use it within one class: over both, the clips' selection alone makes a correlation.

    Parameters
    ----------
    first, second
        (n_clips,), finite.

    Raises
    ------
    ValueError
        Lengths that differ, a number that is not finite, or a confidence outside (0, 1).

    Notes
    -----
    Pearson's correlation of midranks. p: Student's t on n - 2 (scipy.stats.spearmanr). Interval: percentiles over
    `n_draws` draws of clips with replacement, ranked again in each draw. The listeners count as fixed.

    References
    ----------
    Spearman (1904), Am. J. Psychol. 15:72-101; Efron & Tibshirani (1993), An Introduction to the Bootstrap.

    Examples
    --------
    >>> round(rank_correlation(np.array([1.0, 2, 3, 4, 5]), np.array([2.0, 1, 4, 3, 5]), seed=1).rho, 6)
    0.8
    """
    check_open_unit("confidence", confidence)
    if len(first) != len(second):
        raise ValueError(f"{len(first)} and {len(second)} numbers; each clip has one of both")
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        raise ValueError("every number must be finite")
    n = len(first)
    if n < 3 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return RankCorrelation(n_clips=n, rho=None, p_two_sided=None, interval=None, n_used=0, seed=seed)
    found = spearmanr(first, second)
    interval, n_used = None, 0
    if n >= MIN_CLIPS:
        drawn = np.random.default_rng(seed).integers(0, n, (n_draws, n))
        rhos = _correlations(_midranks(first, drawn), _midranks(second, drawn))
        rhos = rhos[np.isfinite(rhos)]
        n_used = len(rhos)
        low, high = np.quantile(rhos, [0.5 - confidence / 2.0, 0.5 + confidence / 2.0])
        interval = Interval(low=float(low), high=float(high), confidence=confidence)
    return RankCorrelation(
        n_clips=n,
        rho=float(found.statistic),
        p_two_sided=float(found.pvalue),
        interval=interval,
        n_used=n_used,
        seed=seed,
    )


def noise_ceiling(reliability: float | None) -> float | None:
    """Return the largest correlation that shares with this reliability can have with anything: its square root.

    None without reliability, or where it is 0 or less: the shares are noise then, and a correlation says nothing.

    References
    ----------
    Spearman (1904), Am. J. Psychol. 15:72-101; Nunnally & Bernstein (1994), Psychometric Theory, 3rd ed., ch. 6.

    >>> noise_ceiling(0.81), noise_ceiling(-0.1)
    (0.9, None)
    """
    return math.sqrt(reliability) if reliability is not None and reliability > 0.0 else None


def _midranks(values: Array, drawn: NDArray[np.intp]) -> Array:
    """Return (n_draws, n_clips) midranks of the values drawn: counted, since sorting each draw takes much longer."""
    distinct, codes = np.unique(values, return_inverse=True)
    places = codes[drawn] + len(distinct) * np.arange(len(drawn))[:, np.newaxis]
    counts = np.bincount(places.ravel(), minlength=len(drawn) * len(distinct)).reshape(len(drawn), len(distinct))
    return np.asarray((counts.cumsum(axis=1) - (counts - 1) / 2.0).ravel()[places])


def _correlations(first: Array, second: Array) -> Array:
    """Return (n_draws,) correlations of rows; NaN where a row does not vary."""
    a, b = first - first.mean(axis=1, keepdims=True), second - second.mean(axis=1, keepdims=True)
    scale = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    found = np.full(len(a), np.nan)
    np.divide((a * b).sum(axis=1), scale, out=found, where=scale > 0)
    return found
