"""Variance components of a crossed design: listeners by clips, each answer 0 or 1, any answer may be missing."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr
from scipy.stats import multivariate_normal

Answers = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Components:
    """Of one class of clips: the mean of the answers, and the variances about it on the probability scale.

    `residual` holds the binomial variance of an answer and the interaction of listener and clip, which a design
    without repeats cannot tell apart.
    """

    mean: float
    listener: float
    clip: float
    residual: float


@dataclass(frozen=True, kw_only=True)
class ContrastComponents:
    """Of fake against real clips: both classes, and the variance between listeners of their own true difference."""

    fake: Components
    real: Components
    difference: float

    @property
    def mean(self) -> float:
        """Return P("fake" | fake) - P("fake" | real)."""
        return self.fake.mean - self.real.mean

    def with_means(self, *, fake: float, real: float) -> "ContrastComponents":
        """Return these variances about other means: what would be found if the effect were that."""
        return replace(self, fake=replace(self.fake, mean=fake), real=replace(self.real, mean=real))


@dataclass(frozen=True, kw_only=True)
class LatentSpread:
    """What differs between listeners and between clips on the latent (probit) scale, as standard deviations.

    listener_sd moves a listener's criterion, sensitivity_sd their d', clip_sd a clip's place.
    """

    listener_sd: float = 0.36
    sensitivity_sd: float = 0.3
    clip_sd: float = 0.45


def latent_contrast(*, d_prime: float, criterion_c: float, spread: LatentSpread) -> ContrastComponents:
    """Return the components that an equal-variance signal-detection model has on the probability scale.

    Parameters
    ----------
    d_prime, criterion_c
        Of the listener and clips in the middle; positive c leans to "real".
    spread
        Standard deviations on the latent scale, none negative.

    Notes
    -----
    An answer "fake" to a clip of class k has the latent mean mu_k = +-d'/2 - c, and l + s_k t / 2 + u + e, with
    l ~ N(0, listener_sd^2), t ~ N(0, sensitivity_sd^2), u ~ N(0, clip_sd^2), e ~ N(0, 1), s_k = +-1. With T the square
    root of the total variance, P = Phi(mu_k / T), and the covariance of two answers that share an effect of variance v
    is Phi2(h, h'; v / (T T')) - Phi(h) Phi(h') (Pearson 1901; the same identity that DeCarlo 1998 builds on).

    Raises
    ------
    ValueError
        When a number is not finite or a standard deviation is negative.

    Examples
    --------
    >>> found = latent_contrast(d_prime=1.0, criterion_c=0.0, spread=LatentSpread(listener_sd=0, sensitivity_sd=0,
    ...                                                                           clip_sd=0))
    >>> round(found.fake.mean, 4), round(found.fake.listener, 6), round(found.mean, 4)
    (0.6915, 0.0, 0.3829)
    """
    numbers = [d_prime, criterion_c, spread.listener_sd, spread.sensitivity_sd, spread.clip_sd]
    if not np.all(np.isfinite(numbers)):
        raise ValueError("d', c and the standard deviations must be finite numbers")
    if min(numbers[2:]) < 0:
        raise ValueError("a standard deviation must not be negative")
    of_listener = spread.listener_sd**2 + spread.sensitivity_sd**2 / 4
    total = 1.0 + of_listener + spread.clip_sd**2
    h_fake, h_real = (d_prime / 2 - criterion_c) / total**0.5, (-d_prime / 2 - criterion_c) / total**0.5
    both = (spread.listener_sd**2 - spread.sensitivity_sd**2 / 4) / total
    classes = {}
    for name, h in (("fake", h_fake), ("real", h_real)):
        p = float(ndtr(h))
        listener = _covariance(h, h, of_listener / total)
        clip = _covariance(h, h, spread.clip_sd**2 / total)
        classes[name] = Components(mean=p, listener=listener, clip=clip, residual=p * (1 - p) - listener - clip)
    difference = classes["fake"].listener + classes["real"].listener - 2 * _covariance(h_fake, h_real, both)
    return ContrastComponents(fake=classes["fake"], real=classes["real"], difference=max(difference, 0.0))


def _covariance(a: float, b: float, correlation: float) -> float:
    """Return Phi2(a, b; r) - Phi(a) Phi(b)."""
    if correlation == 0.0:
        return 0.0
    joint = multivariate_normal.cdf([a, b], mean=[0, 0], cov=[[1, correlation], [correlation, 1]])
    return float(joint) - float(ndtr(a)) * float(ndtr(b))


def estimate_components(answers: Answers) -> Components:
    """Estimate the components of one class from answers.

    Parameters
    ----------
    answers
        (n_listeners, n_clips), 0 or 1, NaN where a listener did not hear a clip.

    Returns
    -------
    Components
        Unbiased, so that a variance can come out negative: who uses it takes 0 then, and says so.

    Raises
    ------
    ValueError
        With fewer than two listeners or clips that share anything: nothing can be told apart then.

    Notes
    -----
    Half the squared difference of two answers is averaged over pairs that share the listener (expecting s_C^2 + s_E^2),
    the clip (s_L^2 + s_E^2), or neither (all three). On a complete design this equals the two-way analysis of
    variance, (MS_L - MS_E) / J and (MS_C - MS_E) / I; with answers missing it stays unbiased, and calling 1 what was 0
    changes nothing (Koch 1968, Technometrics 10:551-558).

    Examples
    --------
    >>> found = estimate_components(np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 0.0], [1.0, 1.0, 1.0]]))
    >>> round(found.listener, 4), round(found.clip, 4), round(found.residual, 4)
    (0.0556, 0.0556, 0.1667)
    """
    there = ~np.isnan(answers)
    values = np.where(there, answers, 0.0)
    by_listener = _half_squares(values, there, axis=1)
    by_clip = _half_squares(values, there, axis=0)
    everything = _half_squares(values.reshape(1, -1), there.reshape(1, -1), axis=1)
    neither = (everything[0] - by_listener[0] - by_clip[0], everything[1] - by_listener[1] - by_clip[1])
    if not (by_listener[1] > 0 and by_clip[1] > 0 and neither[1] > 0):
        raise ValueError("the components need at least two listeners who each heard at least two clips in common")
    same_listener, same_clip, apart = (total / pairs for total, pairs in (by_listener, by_clip, neither))
    return Components(
        mean=float(values.sum() / there.sum()),
        listener=apart - same_listener,
        clip=apart - same_clip,
        residual=same_listener + same_clip - apart,
    )


def _half_squares(values: Answers, there: NDArray[np.bool_], *, axis: int) -> tuple[float, float]:
    """Return the sum of half squared differences over ordered pairs along the axis, and the number of these pairs."""
    n = there.sum(axis=axis).astype(float)
    total = (n * (values**2).sum(axis=axis) - values.sum(axis=axis) ** 2).sum()
    return float(total), float((n * (n - 1)).sum())


def estimate_contrast(fake: Answers, real: Answers) -> ContrastComponents:
    """Estimate the components of both classes and of the listeners' differences.

    Parameters
    ----------
    fake, real
        (n_listeners, n_clips) of each class, 1 for "fake"; the same listeners in the same rows.

    Raises
    ------
    ValueError
        As `estimate_components`, and when the rows differ in number.
    """
    if len(fake) != len(real):
        raise ValueError(f"{len(fake)} and {len(real)} listeners; the rows of both classes are the same listeners")
    of_fake, of_real = estimate_components(fake), estimate_components(real)
    sum_fake, sum_real = np.nansum(fake, axis=1), np.nansum(real, axis=1)
    n_fake, n_real = np.sum(~np.isnan(fake), axis=1).astype(float), np.sum(~np.isnan(real), axis=1).astype(float)
    weight = n_fake * n_real
    pairs = weight.sum() ** 2 - weight @ weight
    if pairs <= 0:
        raise ValueError("fewer than two listeners heard clips of both classes")
    # Of two listeners, half the product of their differences in both classes, over all pairs of their clips.
    same = (sum_fake * sum_real).sum() * weight.sum() - (sum_fake * sum_real) @ weight
    other = (sum_fake @ n_real) * (n_fake @ sum_real) - (sum_fake * n_real) @ (n_fake * sum_real)
    covariance = float((same - other) / pairs)
    return ContrastComponents(
        fake=of_fake, real=of_real, difference=of_fake.listener + of_real.listener - 2 * covariance
    )
