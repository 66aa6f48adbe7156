"""Two detectors, each trained several times with other seeds."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

EXACT_BELOW = 50  # runs of each; the rule of R's wilcox.test


@dataclass(frozen=True, kw_only=True)
class MannWhitney:
    """A Mann-Whitney test of two sets of runs.

    u: pairs of one run of a and one of b in which a is higher, ties counting half.
    p: two-sided. p_least: the smallest exact p that so many runs can give.
    rank_biserial: share of pairs in which a is higher minus share in which b is, in [-1, 1].
    """

    n_a: int
    n_b: int
    u: float
    p: float
    p_least: float
    is_exact: bool
    rank_biserial: float


def mann_whitney(a: Sequence[float], b: Sequence[float]) -> MannWhitney:
    """Test whether runs of one detector tend to score higher than runs of another: seed variability, nothing else.

    All runs are trained and evaluated on the same clips. The test asks what would happen with other seeds; it says
    nothing about new systems, sources or data, and more runs make any difference significant. For those see
    `bootstrap.paired_difference`.

    Parameters
    ----------
    a, b
        One finite number for each run, such as its accuracy.

    Raises
    ------
    ValueError
        A side is empty, or a value is not finite.

    Notes
    -----
    Exact where no two values are equal and both sides have fewer than 50; otherwise normal, with corrections for ties
    and continuity: so R's `wilcox.test`. If all values are equal, p is 1.

    References
    ----------
    Mann and Whitney (1947), Ann. Math. Stat. 18:50-60; Kerby (2014), Compr. Psychol. 3 (rank-biserial correlation).

    Examples
    --------
    >>> found = mann_whitney([0.9, 0.8, 0.7], [0.6, 0.5, 0.4])
    >>> found.u, round(found.p, 6), found.p_least, found.rank_biserial
    (9.0, 0.1, 0.1, 1.0)
    """
    values = np.concatenate((np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)))
    if not len(a) or not len(b) or not np.isfinite(values).all():
        raise ValueError(f"{len(a)} and {len(b)} runs: need finite values of one at least on each side")
    n_different = np.unique(values).size
    is_exact = n_different == values.size and max(len(a), len(b)) < EXACT_BELOW
    found = stats.mannwhitneyu(a, b, alternative="two-sided", method="exact" if is_exact else "asymptotic")
    u = float(found.statistic)
    return MannWhitney(
        n_a=len(a),
        n_b=len(b),
        u=u,
        p=float(found.pvalue) if n_different > 1 else 1.0,  # of equal values the variance of U is 0
        p_least=min(1.0, 2.0 / math.comb(len(a) + len(b), len(a))),
        is_exact=is_exact,
        rank_biserial=rank_biserial(u, n_a=len(a), n_b=len(b)),
    )


def rank_biserial(u: float, *, n_a: int, n_b: int) -> float:
    """Return 2 U / (n_a n_b) - 1, in [-1, 1].

    >>> rank_biserial(6.0, n_a=3, n_b=3)
    0.33333333333333326
    """
    if n_a < 1 or n_b < 1 or not 0.0 <= u <= n_a * n_b:
        raise ValueError(f"U={u!r} of {n_a} and {n_b} values: need 0 <= U <= n_a n_b, and one value on each side")
    return 2.0 * u / (n_a * n_b) - 1.0
