"""McNemar's test: do two observers of the same clips differ in how many they get right."""

from dataclasses import dataclass

from scipy import stats


@dataclass(frozen=True, kw_only=True)
class McNemar:
    """`only_first` clips were right for the first observer alone, `only_second` for the second alone.

    `statistic` and `p_asymptotic` are None without such clips; both exact p-values are 1 then.
    """

    only_first: int
    only_second: int
    p_exact: float
    p_mid: float
    statistic: float | None
    p_asymptotic: float | None


def mcnemar(*, only_first: int, only_second: int) -> McNemar:
    """Compare the two kinds of discordant clips.

    Raises
    ------
    ValueError
        A count is negative.

    Notes
    -----
    p_exact: two-sided binomial of the smaller count among all discordant clips at 1/2, 2 P(X <= k), at most 1. p_mid:
    p_exact less P(X = k), the mid-p of Fagerland et al., less conservative; 1 where both counts are the same.
    statistic: (b - c)^2 / (b + c) on 1 degree of freedom, not corrected for continuity.

    References
    ----------
    McNemar (1947), Psychometrika 12:153-157; Fagerland, Lydersen & Laake (2013), BMC Med. Res. Methodol. 13:91.

    Examples
    --------
    >>> found = mcnemar(only_first=5, only_second=12)
    >>> round(found.p_exact, 7), round(found.statistic, 6)
    (0.1434631, 2.882353)
    """
    if min(only_first, only_second) < 0:
        raise ValueError(f"counts {only_first} and {only_second} must not be negative")
    n, smaller = only_first + only_second, min(only_first, only_second)
    if n == 0:
        return McNemar(only_first=0, only_second=0, p_exact=1.0, p_mid=1.0, statistic=None, p_asymptotic=None)
    exact = min(1.0, 2.0 * float(stats.binom.cdf(smaller, n, 0.5)))
    mid = 1.0 if only_first == only_second else exact - float(stats.binom.pmf(smaller, n, 0.5))
    statistic = (only_first - only_second) ** 2 / n
    return McNemar(
        only_first=only_first,
        only_second=only_second,
        p_exact=exact,
        p_mid=mid,
        statistic=statistic,
        p_asymptotic=float(stats.chi2.sf(statistic, 1)),
    )
