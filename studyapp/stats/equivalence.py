"""Evidence for no difference: two one-sided tests against a margin, and Bayes factors."""

import math
from dataclasses import dataclass

from scipy import stats
from scipy.integrate import quad
from scipy.special import betaln

from studyapp.stats.proportions import check_counts, check_open_unit


@dataclass(frozen=True, kw_only=True)
class Equivalence:
    """Two one-sided tests: `p_value` is the larger of the two; below alpha, the value lies between the margins."""

    low: float
    high: float
    p_above_low: float
    p_below_high: float
    p_value: float


def tost_proportion(*, n_successes: int, n_trials: int, low: float = 0.4, high: float = 0.6) -> Equivalence | None:
    """Test by exact binomials whether a proportion of independent trials lies between the margins; None without trials.

    Raises
    ------
    ValueError
        Impossible counts, or margins that are not 0 < low < high < 1.

    Notes
    -----
    p_above_low = P(X >= k | low), p_below_high = P(X <= k | high). Independent trials are assumed: over listeners and
    clips use `tost_mean` with the quasi-t's standard error and degrees of freedom.

    References
    ----------
    Schuirmann (1987), J. Pharmacokinet. Biopharm. 15:657-680; Wellek (2010), Testing Statistical Hypotheses of
    Equivalence and Noninferiority, 2nd ed.

    Examples
    --------
    >>> round(tost_proportion(n_successes=100, n_trials=200).p_value, 4)
    0.0026
    """
    check_counts(n_successes, n_trials)
    if not 0.0 < low < high < 1.0:
        raise ValueError(f"margins {low} and {high}: need 0 < low < high < 1")
    if not n_trials:
        return None
    above = float(stats.binom.sf(n_successes - 1, n_trials, low))
    below = float(stats.binom.cdf(n_successes, n_trials, high))
    return Equivalence(low=low, high=high, p_above_low=above, p_below_high=below, p_value=max(above, below))


def tost_mean(*, mean: float, standard_error: float, df: float, low: float, high: float) -> Equivalence:
    """Test by t whether a mean (or difference of means) lies between the margins.

    Parameters
    ----------
    mean, standard_error, df
        As `summarize_mean` or `quasi_t` give them.

    Raises
    ------
    ValueError
        A standard error or degrees of freedom that are not positive, or low >= high.

    References
    ----------
    Schuirmann (1987), J. Pharmacokinet. Biopharm. 15:657-680.

    Examples
    --------
    >>> round(tost_mean(mean=0.5, standard_error=0.04, df=25, low=0.4, high=0.6).p_value, 4)
    0.0097
    """
    if not (standard_error > 0.0 and df > 0.0 and low < high):
        raise ValueError("equivalence needs a positive standard error, positive degrees of freedom, and low < high")
    above = float(stats.t.sf((mean - low) / standard_error, df))
    below = float(stats.t.cdf((mean - high) / standard_error, df))
    return Equivalence(low=low, high=high, p_above_low=above, p_below_high=below, p_value=max(above, below))


def bayes_factor_t(*, t: float, n_units: int, scale: float = 0.707) -> float:
    """Return BF10 of the one-sample JZS t-test, two-sided: above 1 for a difference, below 1 for none.

    Parameters
    ----------
    t
        Student's t over n_units values.
    scale
        Of the Cauchy prior on the effect size; .707 is the usual "medium" one, rounded as pingouin rounds it.

    Raises
    ------
    ValueError
        Fewer than two units, a t that is not finite, or a scale that is not positive.

    Notes
    -----
    The integral over g in Rouder et al., eq. 1, with Cauchy scale r: g ~ inverse gamma(1/2, r^2 / 2). Computed over
    log g, with the integrand divided by the likelihood of the null.

    References
    ----------
    Rouder, Speckman, Sun, Morey & Iverson (2009), Psychon. Bull. Rev. 16:225-237.

    Examples
    --------
    >>> round(bayes_factor_t(t=2.0, n_units=20), 6)
    1.205864
    """
    if n_units < 2 or not math.isfinite(t) or not scale > 0.0:
        raise ValueError("the Bayes factor needs two units or more, a finite t and a positive scale")
    v = n_units - 1.0
    null = -(v + 1.0) / 2.0 * math.log1p(t * t / v)

    def log_integrand(log_g: float) -> float:
        g = math.exp(log_g)
        shrink = 1.0 + n_units * g
        likelihood = -0.5 * math.log(shrink) - (v + 1.0) / 2.0 * math.log1p(t * t / (shrink * v))
        prior = math.log(scale) - 0.5 * math.log(2.0 * math.pi) - 1.5 * log_g - scale**2 / (2.0 * g)
        return likelihood + prior + log_g - null

    peak = max(log_integrand(x / 4.0) for x in range(-40, 161))
    area = sum(
        quad(lambda x: math.exp(log_integrand(x) - peak), low, low + 5.0, epsabs=0.0, epsrel=1e-11)[0]
        for low in range(-10, 60, 5)
    )
    log_factor = peak + math.log(area)
    return math.exp(log_factor) if log_factor < 709.0 else math.inf


def bayes_factor_binomial(
    *, n_successes: int, n_trials: int, null: float = 0.5, prior: tuple[float, float] = (1.0, 1.0)
) -> float:
    """Return BF10 of a proportion with a beta prior against `null`; 1 without trials.

    Raises
    ------
    ValueError
        Impossible counts, a null outside (0, 1), or a prior that is not positive.

    Notes
    -----
    B(k + a, n - k + b) / B(a, b) / (null^k (1 - null)^(n - k)); independent trials. Infinite where it is above 1e308.

    References
    ----------
    Jeffreys (1961), Theory of Probability, 3rd ed., ch. 5.

    Examples
    --------
    >>> round(bayes_factor_binomial(n_successes=60, n_trials=100), 6)
    0.91305
    """
    check_counts(n_successes, n_trials)
    check_open_unit("null", null)
    a, b = prior
    if not (a > 0.0 and b > 0.0):
        raise ValueError(f"prior {prior}: both numbers must be positive")
    failures = n_trials - n_successes
    log_factor = float(betaln(n_successes + a, failures + b) - betaln(a, b))
    log_factor -= n_successes * math.log(null) + failures * math.log1p(-null)
    return math.exp(log_factor) if log_factor < 709.0 else math.inf
