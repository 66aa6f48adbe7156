"""One proportion: tests against a fixed value, and the interval to print beside it. All assume independent trials."""

import math
from dataclasses import dataclass
from typing import Literal

from scipy import stats

Alternative = Literal["two-sided", "greater", "less"]
Variance = Literal["null", "sample"]


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A confidence interval, both ends included."""

    low: float
    high: float
    confidence: float


@dataclass(frozen=True, kw_only=True)
class ProportionTest:
    """A proportion held against `null`. `proportion`, `z` and `p_value` are None when they are not defined."""

    n_successes: int
    n_trials: int
    null: float
    proportion: float | None
    z: float | None
    p_value: float | None
    alternative: Alternative
    variance: Variance
    is_continuity_corrected: bool


def check_counts(n_successes: int, n_trials: int) -> None:
    """Refuse counts that cannot be: raises ValueError unless 0 <= n_successes <= n_trials."""
    if not 0 <= n_successes <= n_trials:
        raise ValueError(f"{n_successes} successes in {n_trials} trials: need 0 <= successes <= trials")


def check_open_unit(name: str, value: float) -> None:
    """Refuse a probability that is not strictly between 0 and 1: raises ValueError."""
    if not 0.0 < value < 1.0:
        raise ValueError(f"{name}={value!r} is not strictly between 0 and 1")


def normal_p_value(z: float, alternative: Alternative) -> float:
    """Return the p-value of a standard normal statistic."""
    if alternative == "greater":
        return float(stats.norm.sf(z))
    if alternative == "less":
        return float(stats.norm.cdf(z))
    if alternative == "two-sided":
        return float(2.0 * stats.norm.sf(abs(z)))
    raise ValueError(f"alternative {alternative!r} is none of two-sided, greater, less")


def proportion_z_test(
    *,
    n_successes: int,
    n_trials: int,
    null: float = 0.5,
    alternative: Alternative = "two-sided",
    variance: Variance = "null",
    is_continuity_corrected: bool = False,
) -> ProportionTest:
    """Test one proportion against `null` by the normal approximation.

    Parameters
    ----------
    n_successes, n_trials
        Counts of independent trials, 0 <= n_successes <= n_trials.
    null
        The proportion under the null hypothesis, in (0, 1).
    variance
        "null" uses null (1 - null) / n; "sample" (Wald) uses p (1 - p) / n, which is what statsmodels'
        `proportions_ztest` does by default and rejects too often at the edges.
    is_continuity_corrected
        Shrink |p - null| by 1 / (2 n), not below 0.

    Returns
    -------
    ProportionTest
        proportion, z and p_value are None when there is no trial; z and p_value also when the Wald variance is 0.

    Raises
    ------
    ValueError
        Impossible counts, or a null outside (0, 1).

    Notes
    -----
    z = (p - null) / sqrt(null (1 - null) / n).

    References
    ----------
    Fleiss, Levin & Paik (2003), Statistical Methods for Rates and Proportions, 3rd ed., ch. 2.

    Examples
    --------
    >>> round(proportion_z_test(n_successes=60, n_trials=100).z, 6)
    2.0
    """
    check_counts(n_successes, n_trials)
    check_open_unit("null", null)
    z = _z_score(n_successes, n_trials, null, variance, is_continuity_corrected=is_continuity_corrected)
    return ProportionTest(
        n_successes=n_successes,
        n_trials=n_trials,
        null=null,
        proportion=n_successes / n_trials if n_trials else None,
        z=z,
        p_value=None if z is None else normal_p_value(z, alternative),
        alternative=alternative,
        variance=variance,
        is_continuity_corrected=is_continuity_corrected,
    )


def _z_score(
    n_successes: int, n_trials: int, null: float, variance: Variance, *, is_continuity_corrected: bool
) -> float | None:
    """Return (p - null) / its standard error; None when there is no trial or the error is 0."""
    if not n_trials:
        return None
    proportion = n_successes / n_trials
    base = null if variance == "null" else proportion
    standard_error = math.sqrt(base * (1.0 - base) / n_trials)
    if standard_error == 0.0:
        return None
    difference = proportion - null
    if is_continuity_corrected:
        difference = math.copysign(max(abs(difference) - 0.5 / n_trials, 0.0), difference)
    return difference / standard_error


def exact_binomial_p(
    *, n_successes: int, n_trials: int, null: float = 0.5, alternative: Alternative = "two-sided"
) -> float | None:
    """Return the p-value of the exact binomial test, or None when there is no trial.

    Notes
    -----
    Two-sided: the total probability of all outcomes no likelier than the one seen (scipy.stats.binomtest, as R's
    binom.test).

    References
    ----------
    Clopper & Pearson (1934), Biometrika 26:404-413.

    Examples
    --------
    >>> exact_binomial_p(n_successes=6, n_trials=6)
    0.03125
    """
    check_counts(n_successes, n_trials)
    check_open_unit("null", null)
    if not n_trials:
        return None
    return float(stats.binomtest(n_successes, n_trials, null, alternative=alternative).pvalue)


def wilson_interval(*, n_successes: int, n_trials: int, confidence: float = 0.95) -> Interval | None:
    """Return Wilson's score interval of a proportion, without continuity correction; None when there is no trial.

    Notes
    -----
    The set of all null proportions that the z-test with null variance does not reject at 1 - confidence.

    References
    ----------
    Wilson (1927), J. Am. Stat. Assoc. 22:209-212.

    Examples
    --------
    >>> interval = wilson_interval(n_successes=7, n_trials=20)
    >>> round(interval.low, 6), round(interval.high, 6)
    (0.181192, 0.567146)
    """
    check_counts(n_successes, n_trials)
    check_open_unit("confidence", confidence)
    if not n_trials:
        return None
    found = stats.binomtest(n_successes, n_trials).proportion_ci(confidence_level=confidence, method="wilson")
    return Interval(low=float(found.low), high=float(found.high), confidence=confidence)


def clopper_pearson_interval(*, n_successes: int, n_trials: int, confidence: float = 0.95) -> Interval | None:
    """Return the exact interval of a proportion, which covers at least as often as it says; None without trials.

    Notes
    -----
    All null proportions that neither one-sided exact binomial test rejects at (1 - confidence) / 2.

    References
    ----------
    Clopper & Pearson (1934), Biometrika 26:404-413.

    Examples
    --------
    >>> interval = clopper_pearson_interval(n_successes=7, n_trials=20)
    >>> round(interval.low, 6), round(interval.high, 6)
    (0.153909, 0.592189)
    """
    check_counts(n_successes, n_trials)
    check_open_unit("confidence", confidence)
    if not n_trials:
        return None
    found = stats.binomtest(n_successes, n_trials).proportion_ci(confidence_level=confidence, method="exact")
    return Interval(low=float(found.low), high=float(found.high), confidence=confidence)


def jeffreys_interval(*, n_successes: int, n_trials: int, confidence: float = 0.95) -> Interval | None:
    """Return the equal-tailed Bayesian interval with Jeffreys' prior, Beta(1/2, 1/2); None without trials.

    Notes
    -----
    Its low end is 0 at no success and its high end 1 at no failure, as Brown, Cai & DasGupta advise.

    References
    ----------
    Brown, Cai & DasGupta (2001), Stat. Sci. 16:101-133.

    Examples
    --------
    >>> interval = jeffreys_interval(n_successes=7, n_trials=20)
    >>> round(interval.low, 4), round(interval.high, 4)
    (0.1723, 0.5678)
    """
    check_counts(n_successes, n_trials)
    check_open_unit("confidence", confidence)
    if not n_trials:
        return None
    posterior = stats.beta(n_successes + 0.5, n_trials - n_successes + 0.5)
    low = float(posterior.ppf(0.5 - confidence / 2.0)) if n_successes else 0.0
    high = float(posterior.ppf(0.5 + confidence / 2.0)) if n_successes < n_trials else 1.0
    return Interval(low=low, high=high, confidence=confidence)
