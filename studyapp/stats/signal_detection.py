"""Signal detection of yes/no answers. FAKE is the signal: a hit is a fake called fake."""

import math
from dataclasses import dataclass

from scipy import stats

from studyapp.stats.proportions import Interval, check_open_unit


@dataclass(frozen=True, kw_only=True)
class SignalDetection:
    """Sensitivity and criterion from four counts.

    `hit_rate` and `false_alarm_rate` are the raw rates, None without clips of that class. `d_prime`, `criterion_c` and
    `variance_d_prime` use the log-linear rates and are None unless both classes were judged.
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


def signal_detection(*, n_hits: int, n_misses: int, n_false_alarms: int, n_correct_rejections: int) -> SignalDetection:
    """Compute d' and c with the log-linear correction.

    Parameters
    ----------
    n_hits, n_misses
        Fakes called fake, fakes called real.
    n_false_alarms, n_correct_rejections
        Reals called fake, reals called real.

    Raises
    ------
    ValueError
        A count is negative.

    Notes
    -----
    H = (hits + .5) / (fakes + 1), F = (false alarms + .5) / (reals + 1), always, not only at 0 and 1;
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
        hit_rate = (n_hits + 0.5) / (n_fakes + 1.0)
        false_alarm_rate = (n_false_alarms + 0.5) / (n_reals + 1.0)
        z_hit, z_false_alarm = float(stats.norm.ppf(hit_rate)), float(stats.norm.ppf(false_alarm_rate))
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
    half_width = float(stats.norm.ppf(0.5 + confidence / 2.0)) * math.sqrt(result.variance_d_prime)
    return Interval(low=result.d_prime - half_width, high=result.d_prime + half_width, confidence=confidence)


def _rate_variance(rate: float, z: float, n_trials: int) -> float:
    """Return the variance of z(rate) by the delta method."""
    return rate * (1.0 - rate) / (n_trials * float(stats.norm.pdf(z)) ** 2)
