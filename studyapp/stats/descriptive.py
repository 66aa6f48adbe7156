"""Means of one number per unit (listener or clip), with what is undefined given as None, never as NaN."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy import stats

from studyapp.stats.proportions import Interval, check_open_unit


@dataclass(frozen=True, kw_only=True)
class MeanSummary:
    """The mean of one number per unit, and Student's t of it against `null`.

    `sd` (n - 1 in the denominator) and what follows from it are None below two units; `t` and the p-values are None
    also when all units have the same value, since their spread is then not estimated.
    """

    n_units: int
    mean: float | None
    sd: float | None
    standard_error: float | None
    interval: Interval | None
    null: float
    t: float | None
    df: int | None
    p_two_sided: float | None
    p_greater: float | None


def mean_of(values: Sequence[float]) -> float | None:
    """Return the mean, or None of nothing.

    >>> mean_of([0.25, 0.75])
    0.5
    """
    return math.fsum(values) / len(values) if values else None


def sd_of(values: Sequence[float]) -> float | None:
    """Return the standard deviation with n - 1 in the denominator, or None below two values.

    Equal values have exactly 0, whatever rounding does to their mean.

    >>> sd_of([0.1, 0.1, 0.1]), sd_of([1.0])
    (0.0, None)
    """
    if len(values) < 2:
        return None
    if min(values) == max(values):
        return 0.0
    mean = math.fsum(values) / len(values)
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))


def summarize_mean(values: Sequence[float], *, null: float = 0.0, confidence: float = 0.95) -> MeanSummary:
    """Summarise one number per unit: mean, SD, t interval, one-sample t-test against `null`.

    Parameters
    ----------
    values
        One finite number per unit.
    null
        Mean under the null hypothesis.

    Raises
    ------
    ValueError
        A value is NaN or infinite, or `confidence` lies outside (0, 1).

    Notes
    -----
    t = (mean - null) / (sd / sqrt(n)) on n - 1 degrees of freedom (Student 1908, Biometrika 6:1-25). Generalises to
    other units of the same kind and to nothing else: over listeners, the clips count as fixed.

    Examples
    --------
    >>> summary = summarize_mean([1.0, 2.0, 3.0])
    >>> summary.mean, summary.sd, summary.df, round(summary.t, 6)
    (2.0, 1.0, 2, 3.464102)
    """
    check_open_unit("confidence", confidence)
    if not all(math.isfinite(value) for value in values):
        raise ValueError("every value must be a finite number")
    n_units = len(values)
    mean, sd = mean_of(values), sd_of(values)
    standard_error = interval = t = p_two_sided = p_greater = None
    if mean is not None and sd is not None:
        standard_error = sd / math.sqrt(n_units)
        # A spread of 0 among a few units says nothing about the spread of the population: no interval, no test.
        if standard_error > 0.0:
            half_width = float(stats.t.ppf(0.5 + confidence / 2.0, n_units - 1)) * standard_error
            interval = Interval(low=mean - half_width, high=mean + half_width, confidence=confidence)
            t = (mean - null) / standard_error
            p_two_sided = float(2.0 * stats.t.sf(abs(t), n_units - 1))
            p_greater = float(stats.t.sf(t, n_units - 1))
    return MeanSummary(
        n_units=n_units,
        mean=mean,
        sd=sd,
        standard_error=standard_error,
        interval=interval,
        null=null,
        t=t,
        df=n_units - 1 if n_units > 1 else None,
        p_two_sided=p_two_sided,
        p_greater=p_greater,
    )
