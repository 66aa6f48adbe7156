"""Sison and Glaz' simultaneous intervals of multinomial proportions."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import pdtr
from scipy.stats import poisson

from studyapp.stats.proportions import Interval, check_open_unit

Array = NDArray[np.float64]


def sison_glaz_intervals(counts: Sequence[int], *, confidence: float = 0.95) -> list[Interval]:
    """Return intervals that hold for all categories at once, narrower than Goodman's for large shares.

    Parameters
    ----------
    counts
        How often each category was seen; a judgement falls in exactly one.

    Returns
    -------
    list[Interval]
        One for each category, clipped to [0, 1]; empty without judgements. For shares near 0 the low end is 0, and
        Goodman's interval is the better one.

    Raises
    ------
    ValueError
        A count is negative.

    Notes
    -----
    [p - c / n, p + (c + 2 g) / n], c the largest whole number for which all counts stay within c of those seen with
    probability at most `confidence`, and g by linear interpolation. The probability is Levin's product of Poisson
    intervals, with the sum of truncated Poisson variables by an Edgeworth expansion. Assumes
    independent judgements, ten or more: below, the expansion is rough.

    References
    ----------
    Sison & Glaz (1995), J. Am. Stat. Assoc. 90:366-369; Levin (1981), Ann. Stat. 9:1123-1126; May & Johnson (2000),
    J. Stat. Softw. 5(6).

    Examples
    --------
    >>> first = sison_glaz_intervals([219, 206, 83, 64, 44, 26])[0]
    >>> round(first.low, 3), round(first.high, 3)
    (0.302, 0.383)
    """
    check_open_unit("confidence", confidence)
    if min(counts, default=0) < 0:
        raise ValueError(f"counts {list(counts)} contain a negative number")
    seen = np.asarray(counts, dtype=float)
    n = float(seen.sum())
    if n == 0.0:
        return []
    c, before, after = 0, _probability(seen, 0), _probability(seen, 1)
    while after <= confidence and c < n:
        c, before, after = c + 1, after, _probability(seen, c + 2)
    g = (confidence - before) / (after - before) if after > before else 1.0
    return [
        Interval(low=max(share - c / n, 0.0), high=min(share + (c + 2.0 * g) / n, 1.0), confidence=confidence)
        for share in (float(value) for value in seen / n)
    ]


def _probability(seen: Array, c: int) -> float:
    """Return P(all counts lie within c of those seen), the seen shares being the true ones."""
    if c == 0:  # nothing can move, and the expansion has no variance to work with; statsmodels counts it as 0 too
        return 0.0
    n = float(seen.sum())
    low, high = np.maximum(seen - c, 0.0), np.minimum(seen + c, n)
    inside = _between(low, high, seen)
    m1, m2, m3, m4 = (  # factorial moments of the truncated Poisson
        seen**r * (1.0 - (_between(low - r, low - 1.0, seen) * -1.0 + _between(high - r + 1.0, high, seen)) / inside)
        for r in (1, 2, 3, 4)
    )
    second = m2 + m1 - m1**2
    third = m3 + m2 * (3.0 - 3.0 * m1) + (m1 - 3.0 * m1**2 + 2.0 * m1**3)
    fourth = m4 + m3 * (6.0 - 4.0 * m1) + m2 * (7.0 - 12.0 * m1 + 6.0 * m1**2)
    fourth += m1 - 4.0 * m1**2 + 6.0 * m1**3 - 3.0 * m1**4
    variance = float(second.sum())
    if variance <= 0.0:  # one category alone: its count cannot move
        return 1.0
    skew = float(third.sum()) / variance**1.5
    excess = float((fourth - 3.0 * second**2).sum()) / variance**2
    z: float = (n - float(m1.sum())) / math.sqrt(variance)
    correction = 1.0 + (z**3 - 3.0 * z) * skew / 6.0 + (z**4 - 6.0 * z**2 + 3.0) * excess / 24.0
    correction += (z**6 - 15.0 * z**4 + 45.0 * z**2 - 15.0) * skew**2 / 72.0
    density = math.exp(-z * z / 2.0) / math.sqrt(2.0 * math.pi * variance) * correction
    return float(inside.prod() * density / poisson.pmf(n, n))


def _between(low: Array, high: Array, mean: Array) -> Array:
    """Return Poisson probabilities of [low, high]."""
    return _up_to(high, mean) - _up_to(low - 1.0, mean)


def _up_to(k: Array, mean: Array) -> Array:
    """Return Poisson probabilities of at most k; the function below scipy.stats' own, which costs ten times as much."""
    return np.where(k < 0.0, 0.0, pdtr(np.maximum(k, 0.0), mean))
