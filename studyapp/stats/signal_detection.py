"""Signal detection of yes/no answers. FAKE is the signal: a hit is a fake called fake."""

import math
from dataclasses import dataclass
from typing import Literal

from scipy.special import ndtr, ndtri

from studyapp.stats.proportions import Interval, check_open_unit, normal_p_value

Correction = Literal["log-linear", "1/(2N)"]


@dataclass(frozen=True, kw_only=True)
class SignalDetection:
    """Sensitivity and criterion from four counts.

    `hit_rate` and `false_alarm_rate` are the raw rates, None without clips of that class. `d_prime`, `criterion_c` and
    `variance_d_prime` use the corrected rates and are None unless both classes were judged.
    """

    n_hits: int
    n_misses: int
    n_false_alarms: int
    n_correct_rejections: int
    hit_rate: float | None
    false_alarm_rate: float | None
    d_prime: float | None
    criterion_c: float | None
    variance_d_prime: float | None


def signal_detection(
    *,
    n_hits: int,
    n_misses: int,
    n_false_alarms: int,
    n_correct_rejections: int,
    correction: Correction = "log-linear",
) -> SignalDetection:
    """Compute d' and c, with rates kept off 0 and 1.

    Parameters
    ----------
    n_hits, n_misses
        Fakes called fake, fakes called real.
    n_false_alarms, n_correct_rejections
        Reals called fake, reals called real.
    correction
        "log-linear" adds .5 to each count, always; "1/(2N)" replaces a rate of 0 by 1 / (2 N) and of 1 by
        1 - 1 / (2 N), and leaves others as they are.

    Raises
    ------
    ValueError
        A count is negative.

    Notes
    -----
    Log-linear: H = (hits + .5) / (fakes + 1), F = (false alarms + .5) / (reals + 1), always, not only at 0 and 1;
    d' = z(H) - z(F); c = -(z(H) + z(F)) / 2, above 0 when the listener leans to "real". Variance of d'
    (Gourevitch & Galanter), at the corrected rates: H (1 - H) / (fakes phi(z(H))^2) + F (1 - F) / (reals phi(z(F))^2);
    the variance of c is a quarter of it. It counts trials of one observer as independent; pooled over listeners it is
    too small.

    References
    ----------
    Hautus (1995), Behav. Res. Methods Instrum. Comput. 27:46-51; Gourevitch & Galanter (1967), Psychometrika
    32:25-33; Macmillan & Creelman (2005), Detection Theory, 2nd ed.

    Examples
    --------
    >>> result = signal_detection(n_hits=15, n_misses=5, n_false_alarms=5, n_correct_rejections=15)
    >>> round(result.d_prime, 6), abs(round(result.criterion_c, 6))
    (1.274968, 0.0)
    """
    counts = (n_hits, n_misses, n_false_alarms, n_correct_rejections)
    if min(counts) < 0:
        raise ValueError(f"counts {counts} contain a negative number")
    n_fakes, n_reals = n_hits + n_misses, n_false_alarms + n_correct_rejections
    d_prime = criterion_c = variance = None
    if n_fakes and n_reals:
        hit_rate = _corrected(n_hits, n_fakes, correction)
        false_alarm_rate = _corrected(n_false_alarms, n_reals, correction)
        z_hit, z_false_alarm = float(ndtri(hit_rate)), float(ndtri(false_alarm_rate))
        d_prime = z_hit - z_false_alarm
        criterion_c = -(z_hit + z_false_alarm) / 2.0
        variance = _rate_variance(hit_rate, z_hit, n_fakes) + _rate_variance(false_alarm_rate, z_false_alarm, n_reals)
    return SignalDetection(
        n_hits=n_hits,
        n_misses=n_misses,
        n_false_alarms=n_false_alarms,
        n_correct_rejections=n_correct_rejections,
        hit_rate=n_hits / n_fakes if n_fakes else None,
        false_alarm_rate=n_false_alarms / n_reals if n_reals else None,
        d_prime=d_prime,
        criterion_c=criterion_c,
        variance_d_prime=variance,
    )


def d_prime_interval(result: SignalDetection, *, confidence: float = 0.95) -> Interval | None:
    """Return the normal interval of d' from its Gourevitch-Galanter variance; None where d' is not defined."""
    check_open_unit("confidence", confidence)
    if result.d_prime is None or result.variance_d_prime is None:
        return None
    half_width = float(ndtri(0.5 + confidence / 2.0)) * math.sqrt(result.variance_d_prime)
    return Interval(low=result.d_prime - half_width, high=result.d_prime + half_width, confidence=confidence)


@dataclass(frozen=True, kw_only=True)
class DPrimeDifference:
    """First d' minus second, with its normal test against 0."""

    difference: float
    standard_error: float
    z: float
    p_two_sided: float
    interval: Interval


def d_prime_difference(
    first: SignalDetection, second: SignalDetection, *, confidence: float = 0.95
) -> DPrimeDifference | None:
    """Compare two d' from different answers; None where one of them is not defined.

    Notes
    -----
    z = (d1 - d2) / sqrt(var(d1) + var(d2)), the variances Gourevitch and Galanter's. Answers count as independent: for
    two groups pooled over listeners it rejects too often, and `fit_crossed` with a covariate does not.

    References
    ----------
    Gourevitch & Galanter (1967), Psychometrika 32:25-33.

    Examples
    --------
    >>> good = signal_detection(n_hits=40, n_misses=10, n_false_alarms=10, n_correct_rejections=40)
    >>> poor = signal_detection(n_hits=30, n_misses=20, n_false_alarms=20, n_correct_rejections=30)
    >>> found = d_prime_difference(good, poor)
    >>> round(found.difference, 3), round(found.z, 2)
    (1.145, 3.01)
    """
    check_open_unit("confidence", confidence)
    if first.d_prime is None or second.d_prime is None:
        return None
    difference = first.d_prime - second.d_prime
    error = math.sqrt((first.variance_d_prime or 0.0) + (second.variance_d_prime or 0.0))
    half_width = float(ndtri(0.5 + confidence / 2.0)) * error
    return DPrimeDifference(
        difference=difference,
        standard_error=error,
        z=difference / error,
        p_two_sided=normal_p_value(difference / error, "two-sided"),
        interval=Interval(low=difference - half_width, high=difference + half_width, confidence=confidence),
    )


def share_of_pairs(d_prime: float) -> float:
    """Return how often an unbiased observer with this d' picks the fake out of one fake and one real sound.

    Notes
    -----
    Phi(d' / sqrt(2)), of equal-variance normal distributions: the proportion correct in two-alternative forced choice,
    and the area under the ROC. d' 0 gives .5, that is guessing. It grows with d', so that an interval of d' gives one.

    References
    ----------
    Green & Swets (1966), Signal Detection Theory and Psychophysics; Macmillan & Creelman (2005), Detection Theory, 2nd
    ed., ch. 7.

    Examples
    --------
    >>> share_of_pairs(0.0), round(share_of_pairs(1.0), 4)
    (0.5, 0.7602)
    """
    return float(ndtr(d_prime / math.sqrt(2.0)))


def _corrected(count: int, n_trials: int, correction: Correction) -> float:
    if correction == "log-linear":
        return (count + 0.5) / (n_trials + 1.0)
    return min(max(count, 0.5), n_trials - 0.5) / n_trials


def _rate_variance(rate: float, z: float, n_trials: int) -> float:
    """Return the variance of z(rate) by the delta method."""
    density = math.exp(-z * z / 2.0) / math.sqrt(2.0 * math.pi)
    return rate * (1.0 - rate) / (n_trials * density**2)
