"""Areas under ROC curves of several observers on the same clips, with DeLong's covariance."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import norm, rankdata

from studyapp.stats.proportions import Interval, check_open_unit


@dataclass(frozen=True, kw_only=True)
class Areas:
    """Of k observers: `auc` (k,), and `covariance` (k, k), None with fewer than two clips of a class."""

    auc: NDArray[np.float64]
    covariance: NDArray[np.float64] | None
    n_fake: int
    n_real: int


@dataclass(frozen=True, kw_only=True)
class AreaDifference:
    """First AUC minus second. All but `difference` are None where the difference has no variance to be tested with."""

    difference: float
    standard_error: float | None
    z: float | None
    p_two_sided: float | None
    interval: Interval | None


def delong(scores: NDArray[np.float64], *, is_fake: NDArray[np.bool_]) -> Areas:
    """Return each observer's AUC and the covariance of all.

    Parameters
    ----------
    scores
        (k, n_clips), finite, higher for "fake"; ties count half.
    is_fake
        (n_clips,) the truth.

    Raises
    ------
    ValueError
        Shapes that do not fit, a score that is not finite, or a class without clips.

    Notes
    -----
    AUC = P(score of a fake > score of a real) + P(equal) / 2. V10 of a fake is the share of reals below it, V01 of a
    real the share of fakes above it; covariance = cov(V10) / n_fake + cov(V01) / n_real. Computed from midranks. It
    takes clips as drawn at random and each observer (a crowd is one) as fixed.

    References
    ----------
    DeLong, DeLong & Clarke-Pearson (1988), Biometrics 44:837-845; Sun & Xu (2014), IEEE Signal Process. Lett.
    21:1389-1393.

    Examples
    --------
    >>> delong(np.array([[0.9, 0.4, 0.5, 0.1]]), is_fake=np.array([True, True, False, False])).auc.tolist()
    [0.75]
    """
    if scores.ndim != 2 or is_fake.shape != scores.shape[1:]:
        raise ValueError(f"scores {scores.shape} need one column for each of the {is_fake.shape} clips")
    if not np.isfinite(scores).all():
        raise ValueError("every score must be a finite number")
    fake, real = scores[:, is_fake], scores[:, ~is_fake]
    n_fake, n_real = fake.shape[1], real.shape[1]
    if not n_fake or not n_real:
        raise ValueError(f"{n_fake} fakes and {n_real} reals: an AUC needs clips of both classes")
    together = rankdata(np.hstack([fake, real]), axis=1)
    above_real = (together[:, :n_fake] - rankdata(fake, axis=1)) / n_real  # (k, n_fake)
    above_fake = 1.0 - (together[:, n_fake:] - rankdata(real, axis=1)) / n_fake  # (k, n_real)
    covariance = None
    if min(n_fake, n_real) > 1:
        k = len(scores)
        covariance = np.cov(above_real).reshape(k, k) / n_fake + np.cov(above_fake).reshape(k, k) / n_real
    return Areas(auc=above_real.mean(axis=1), covariance=covariance, n_fake=n_fake, n_real=n_real)


def area_interval(areas: Areas, at: int, *, confidence: float = 0.95) -> Interval | None:
    """Return the interval of one AUC, made on the scale of log odds; None where it has no variance or is 0 or 1."""
    check_open_unit("confidence", confidence)
    auc = float(areas.auc[at])
    if areas.covariance is None or not 0.0 < auc < 1.0 or areas.covariance[at, at] <= 0.0:
        return None
    width = float(norm.ppf(0.5 + confidence / 2.0)) * math.sqrt(areas.covariance[at, at]) / (auc * (1.0 - auc))
    middle = math.log(auc / (1.0 - auc))
    return Interval(low=float(expit(middle - width)), high=float(expit(middle + width)), confidence=confidence)


def compare_areas(areas: Areas, first: int = 0, second: int = 1, *, confidence: float = 0.95) -> AreaDifference:
    """Test whether two observers' areas on the same clips differ (DeLong et al. 1988, z of the difference)."""
    check_open_unit("confidence", confidence)
    difference = float(areas.auc[first] - areas.auc[second])
    error = z = p = interval = None
    if areas.covariance is not None:
        contrast = np.zeros(len(areas.auc))
        contrast[first] += 1.0
        contrast[second] -= 1.0
        variance = float(contrast @ areas.covariance @ contrast)
        # Rounding leaves a trace of a variance where both observers rank the clips alike.
        if variance > 1e-14:
            error = math.sqrt(variance)
            z = difference / error
            p = float(2.0 * norm.sf(abs(z)))
            half = float(norm.ppf(0.5 + confidence / 2.0)) * error
            interval = Interval(low=difference - half, high=difference + half, confidence=confidence)
    return AreaDifference(difference=difference, standard_error=error, z=z, p_two_sided=p, interval=interval)
