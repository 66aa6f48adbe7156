"""The bootstrap interval of error consistency, from how often each of two observers was right."""

import numpy as np
from numpy.typing import NDArray

from studyapp.stats.proportions import Interval, check_open_unit

MIN_EACH = 5  # clips that an observer gets right, and wrong: below, draws of clips lack one kind too often
N_DRAWS = 5000


def consistency_interval(
    *, both_right: int, only_first: int, only_second: int, both_wrong: int, seed: int, confidence: float = 0.95
) -> Interval | None:
    """Return the percentile interval of error consistency over clips drawn again.

    Parameters
    ----------
    both_right, only_first, only_second, both_wrong
        Numbers of clips by who was right.

    Returns
    -------
    Interval or None
        None where an observer is right, or wrong, on fewer than five clips.

    Raises
    ------
    ValueError
        A count is negative, or `confidence` lies outside (0, 1).

    Notes
    -----
    Drawing n of n clips with replacement is drawing the four counts from a multinomial distribution with their shares;
    kappa as in `studyapp.stats.agreement.error_consistency`. Draws in which an observer is always right or always wrong
    have no kappa and are left out; leaving out many would make an interval of draws chosen for what they hold. With
    five clips right and five wrong of each observer they are fewer than one in fifty (2 exp(-5)). The listeners behind
    a majority count as fixed.

    References
    ----------
    Geirhos, Meding & Wichmann (2020), NeurIPS 33; Klein et al. (2025), arXiv:2507.06645; Efron & Tibshirani (1993), An
    Introduction to the Bootstrap.

    Examples
    --------
    >>> found = consistency_interval(both_right=20, only_first=5, only_second=5, both_wrong=10, seed=1)
    >>> found.low < 20 / 30 * 0.7 < found.high
    True
    """
    check_open_unit("confidence", confidence)
    counts = np.array([both_right, only_first, only_second, both_wrong])
    if counts.min() < 0:
        raise ValueError(f"counts {counts.tolist()} must not be negative")
    n, first, second = int(counts.sum()), both_right + only_first, both_right + only_second
    if min(first, n - first, second, n - second) < MIN_EACH:
        return None
    drawn = np.random.default_rng(seed).multinomial(n, counts / n, size=N_DRAWS) / n
    kappas = _kappas(drawn)
    kappas = kappas[np.isfinite(kappas)]
    low, high = np.quantile(kappas, [0.5 - confidence / 2.0, 0.5 + confidence / 2.0])
    return Interval(low=float(low), high=float(high), confidence=confidence)


def _kappas(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (n_draws,) kappas of (n_draws, 4) shares; NaN where an observer is always right or always wrong."""
    both_right, only_first, only_second, both_wrong = shares.T
    first, second = both_right + only_first, both_right + only_second
    expected = first * second + (1.0 - first) * (1.0 - second)
    varies = (first > 0) & (first < 1) & (second > 0) & (second < 1)
    kappas = np.full(len(shares), np.nan)
    np.divide(both_right + both_wrong - expected, 1.0 - expected, out=kappas, where=varies)
    return kappas
