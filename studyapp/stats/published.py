"""What the numbers printed in section VI of Ouajdi et al. (2024) can and cannot be."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import norm
from scipy.stats import t as student_t


@dataclass(frozen=True, kw_only=True)
class PrintedTest:
    """A test as printed: shares of correct answers, the printed z, and the range that the printed p stands for.

    mean and z were rounded to two digits. p_low and p_high bound the p-value: "p = 0.6" is .55 to .65.
    """

    mean: float
    z: float
    p_low: float
    p_high: float
    n_listeners: int
    n_clips: int


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What the printed z would be, the statistic that follows, and whether the printed p fits it.

    df is None for a normal statistic. needs_z: what z would have been printed, where the reading fixes it by the mean;
    None where any z is possible. The fits allow for the rounding of mean and z.
    """

    code: str
    statistic: float
    df: int | None
    p_greater: float
    p_two_sided: float
    needs_z: float | None
    fits_one_sided: bool
    fits_two_sided: bool


def readings_of_z(printed: PrintedTest) -> list[Reading]:
    """Return the readings of a printed z, each with the p-values that it implies.

    Returns
    -------
    `standard_normal`: z is a normal test statistic. `pooled`: z of all trials, as if independent, with the null
    variance. `over_listeners`: z = (M - .5) / SD over listeners, an effect size; t = z sqrt(listeners).
    `over_clips`: the same over clips.

    Notes
    -----
    A reading fits when some z within .005 of the printed one gives a p-value in the printed range, and, where the
    reading fixes z by the mean, some mean within .005 gives the printed z.

    Source: the arithmetic of the printed numbers alone; no data of the study were published.

    Examples
    --------
    >>> real = PrintedTest(mean=0.71, z=1.34, p_low=0.0, p_high=1e-4, n_listeners=20, n_clips=38)
    >>> [(each.code, each.fits_one_sided) for each in readings_of_z(real)]
    [('standard_normal', False), ('pooled', False), ('over_listeners', True), ('over_clips', True)]
    """
    n_trials = printed.n_listeners * printed.n_clips
    pooled = (printed.mean - 0.5) / math.sqrt(0.25 / n_trials)
    return [
        _reading(printed, "standard_normal", factor=1.0, df=None),
        _reading(printed, "pooled", factor=1.0, df=None, statistic=pooled, spread=0.005 / math.sqrt(0.25 / n_trials)),
        _reading(printed, "over_listeners", factor=math.sqrt(printed.n_listeners), df=printed.n_listeners - 1),
        _reading(printed, "over_clips", factor=math.sqrt(printed.n_clips), df=printed.n_clips - 1),
    ]


@dataclass(frozen=True, kw_only=True)
class Transform:
    """A number that follows from the printed mean alone; `low` and `high` allow for the mean's rounding."""

    code: str
    value: float
    low: float
    high: float
    is_printed: bool  # whether some mean within the rounding gives a number that is printed as z is


def transforms_of_mean(printed: PrintedTest) -> list[Transform]:
    """Return what else a printed z might be that the mean fixes, and whether it is what was printed.

    Returns
    -------
    `mean_z_of_listeners`: (M - .5) / sqrt(.25 / clips), the mean over listeners of their own binomial z;
    `mean_z_of_clips`: the same over clips, each judged by all listeners; `probit`: z(M), the normal quantile; `logit`:
    ln(M / (1 - M)); `cohen_h`: 2 asin(sqrt(M)) - 2 asin(sqrt(.5)).

    Notes
    -----
    A mean over units of probits or logits is not fixed by the mean share; see docs/statistics.md.

    References
    ----------
    Cohen (1988), Statistical Power Analysis, 2nd ed., ch. 6.

    Examples
    --------
    >>> real = PrintedTest(mean=0.71, z=1.34, p_low=0.0, p_high=1e-4, n_listeners=20, n_clips=38)
    >>> [(each.code, round(each.value, 2), each.is_printed) for each in transforms_of_mean(real)][:2]
    [('mean_z_of_listeners', 2.59, False), ('mean_z_of_clips', 1.88, False)]
    """
    made = {
        "mean_z_of_listeners": lambda mean: (mean - 0.5) / math.sqrt(0.25 / printed.n_clips),
        "mean_z_of_clips": lambda mean: (mean - 0.5) / math.sqrt(0.25 / printed.n_listeners),
        "probit": lambda mean: float(norm.ppf(mean)),
        "logit": lambda mean: math.log(mean / (1.0 - mean)),
        "cohen_h": lambda mean: 2.0 * (math.asin(math.sqrt(mean)) - math.asin(math.sqrt(0.5))),
    }
    found = []
    for code, make in made.items():
        low, high = make(printed.mean - 0.005), make(printed.mean + 0.005)
        is_printed = low <= printed.z + 0.005 and high >= printed.z - 0.005
        found.append(Transform(code=code, value=make(printed.mean), low=low, high=high, is_printed=is_printed))
    return found


def implied_interval(printed: PrintedTest, *, confidence: float = 0.95) -> tuple[float, float]:
    """Return the t interval of the mean over listeners, were z the distance of the mean from .5 in their deviations.

    M -+ t(n - 1) |M - .5| / |z| / sqrt(n), at the numbers as printed. Raises ValueError where z is printed as 0.

    >>> real = PrintedTest(mean=0.71, z=1.34, p_low=0.0, p_high=1e-4, n_listeners=20, n_clips=38)
    >>> [round(end, 3) for end in implied_interval(real)]
    [0.637, 0.783]
    """
    if printed.z == 0.0:
        raise ValueError("a z of 0 says nothing of the standard deviation")
    spread = abs((printed.mean - 0.5) / printed.z)
    quantile = float(student_t.ppf(0.5 + confidence / 2.0, printed.n_listeners - 1))
    half = quantile * spread / math.sqrt(printed.n_listeners)
    return printed.mean - half, printed.mean + half


def implied_sd(printed: PrintedTest) -> tuple[float, float]:
    """Return the range of the standard deviation over units, (M - .5) / z, that the rounded M and z allow.

    Raises ValueError when the rounded z may be 0 or the rounded mean .5: then any standard deviation is possible.
    """
    means = (printed.mean - 0.005 - 0.5, printed.mean + 0.005 - 0.5)
    zs = (printed.z - 0.005, printed.z + 0.005)
    if min(zs) <= 0 <= max(zs) or min(means) < 0 < max(means):
        raise ValueError("the printed numbers allow any standard deviation")
    ratios = [abs(mean / z) for mean in means for z in zs]
    return min(ratios), max(ratios)


@dataclass(frozen=True, kw_only=True)
class PrintedShare:
    """A percentage as printed, and its decimals: (34.2, 1), (4, 0)."""

    percent: float
    decimals: int


def integer_solutions(shares: Sequence[PrintedShare], *, totals: range) -> dict[int, list[tuple[int, ...]]]:
    """Return, for each total that has any, the counts that sum to it and round to the printed percentages.

    Parameters
    ----------
    shares
        The printed percentages, in order.
    totals
        The totals to look at, all at least 1.

    Raises
    ------
    ValueError
        A total below 1.

    Examples
    --------
    >>> thirds = [PrintedShare(percent=33, decimals=0), PrintedShare(percent=67, decimals=0)]
    >>> integer_solutions(thirds, totals=range(1, 5))
    {3: [(1, 2)]}
    """
    if len(totals) and min(totals) < 1:
        raise ValueError("totals must be at least 1")
    found = {}
    for total in totals:
        ranges = [_counts(share, total) for share in shares]
        if sum(each.start for each in ranges) <= total <= sum(each.stop - 1 for each in ranges):
            solutions = [counts for counts in itertools.product(*ranges) if sum(counts) == total]
            if solutions:
                found[total] = solutions
    return found


def _reading(
    printed: PrintedTest,
    code: str,
    *,
    factor: float,
    df: int | None,
    statistic: float | None = None,
    spread: float | None = None,
) -> Reading:
    value = printed.z * factor if statistic is None else statistic
    width = 0.005 * factor if spread is None else spread
    # Where the mean fixes the statistic, the printed z must be one that a mean in its range gives.
    is_z = statistic is None or abs(printed.z - value) <= width + 0.005
    greater, two_sided = _p_values(value, df)
    ends = [_p_values(value + step, df) for step in (-width, width)]
    return Reading(
        code=code,
        statistic=value,
        df=df,
        p_greater=greater,
        p_two_sided=two_sided,
        needs_z=statistic,
        fits_one_sided=is_z and _overlaps([end[0] for end in ends], printed),
        fits_two_sided=is_z and _overlaps([end[1] for end in ends], printed),
    )


def _p_values(value: float, df: int | None) -> tuple[float, float]:
    tail = norm.sf if df is None else lambda x: student_t.sf(x, df)
    return float(tail(value)), float(2 * tail(abs(value)))


def _overlaps(ends: list[float], printed: PrintedTest) -> bool:
    return min(ends) <= printed.p_high and max(ends) >= printed.p_low


def _counts(share: PrintedShare, total: int) -> range:
    """Return the counts whose share of the total rounds to the printed one; halves may have been rounded either way."""
    unit = 10**share.decimals
    twice = 2 * round(share.percent * unit)  # whole numbers: a share at the edge must not hang on a rounding error
    low, high = (twice - 1) * total, (twice + 1) * total
    return range(max(0, -(-low // (200 * unit))), high // (200 * unit) + 1)
