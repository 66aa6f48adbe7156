"""Power of a study with listeners crossed with clips, for a result that holds for other listeners and other clips."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.stats import nct, norm
from scipy.stats import t as student

from studyapp.stats.crossed_components import Components, ContrastComponents

Side = Literal["two", "one"]
MAX_LISTENERS = 100_000
ENDLESS = 10**9  # listeners, for practical purposes


@dataclass(frozen=True, kw_only=True)
class Design:
    """Listeners, the clips of each class, and how many of them each listener hears (None: all), by class."""

    n_listeners: int
    n_fake: int
    n_real: int
    heard_fake: int | None = None
    heard_real: int | None = None

    def heard(self, which: Literal["fake", "real"]) -> int:
        """Return the clips of the class that a listener hears."""
        asked, there = (self.heard_fake, self.n_fake) if which == "fake" else (self.heard_real, self.n_real)
        return there if asked is None else min(asked, there)


@dataclass(frozen=True, kw_only=True)
class Power:
    """The test's power, and what it follows from: standard error of the mean (or difference) and degrees of freedom."""

    power: float
    standard_error: float
    df: float


@dataclass(frozen=True, kw_only=True)
class _Part:
    """A part of the squared standard error, and the degrees of freedom with which a study would estimate it."""

    variance: float
    df: float


def class_power(
    components: Components,
    *,
    effect: float,
    n_listeners: int,
    n_clips: int,
    heard: int | None = None,
    alpha: float = 0.05,
    side: Side = "two",
) -> Power:
    """Return the power of the two-way quasi-t on the mean of one class.

    Parameters
    ----------
    components
        On the probability scale; negative variances count as 0.
    effect
        True mean minus the mean under the null hypothesis, such as .10 for .60 against .50.
    heard
        Clips of the class that each listener hears, None for all `n_clips`.
    alpha, side
        Level, and whether both directions are tested.

    Raises
    ------
    ValueError
        When a number is out of range.

    Notes
    -----
    SE^2 = (MS_L + MS_C - MS_E) / (I J) in its expectation, s_L^2 / I + s_C^2 / J + s_E^2 / (I m), with m the clips
    that each of the I listeners hears of J; degrees of freedom by Satterthwaite from the three mean squares; power
    from the noncentral t with noncentrality effect / SE. Complete designs: Clark (1973) J. Verb. Learn. Verb. Behav.
    12:335-359; Westfall, Kenny & Judd (2014) J. Exp. Psychol. Gen. 143:2020-2045.

    Examples
    --------
    >>> of_fakes = Components(mean=0.6, listener=0.0190, clip=0.025, residual=0.21)
    >>> round(class_power(of_fakes, effect=0.12, n_listeners=20, n_clips=43).power, 2)
    0.79
    """
    _check(n_listeners, n_clips, heard, alpha)
    m = n_clips if heard is None else min(heard, n_clips)
    parts, se2 = _class_parts(components, n_listeners, n_clips, m)
    return _power(effect, se2, parts, alpha, side)


def contrast_power(
    components: ContrastComponents,
    design: Design,
    *,
    effect: float | None = None,
    alpha: float = 0.05,
    side: Side = "two",
) -> Power:
    """Return the power to find that "fake" is said more often of fakes than of reals: that d' is not 0.

    Parameters
    ----------
    components
        On the probability scale; negative variances count as 0.
    effect
        True difference of the two proportions minus the margin that is tested against; None for the components' own
        difference against 0.

    Raises
    ------
    ValueError
        When a number is out of range.

    Notes
    -----
    Clips are nested in their class and crossed with listeners: SE^2 = s_D^2 / I + s_C1^2 / J1 + s_C0^2 / J0 +
    s_E1^2 / (I m1) + s_E0^2 / (I m0), with s_D^2 the variance between listeners of their own difference (the design
    "stimuli within condition" of Westfall, Kenny & Judd 2014). Satterthwaite df as in `class_power`.
    """
    _check(design.n_listeners, min(design.n_fake, design.n_real), None, alpha)
    listeners = design.n_listeners
    residual = {
        "fake": max(components.fake.residual, 0.0) / (listeners * design.heard("fake")),
        "real": max(components.real.residual, 0.0) / (listeners * design.heard("real")),
    }
    of_listeners = max(components.difference, 0.0) / listeners + residual["fake"] + residual["real"]
    of_fake = max(components.fake.clip, 0.0) / design.n_fake + residual["fake"]
    of_real = max(components.real.clip, 0.0) / design.n_real + residual["real"]
    parts = [
        _Part(variance=of_listeners, df=listeners - 1),
        _Part(variance=of_fake, df=design.n_fake - 1),
        _Part(variance=of_real, df=design.n_real - 1),
        _Part(variance=residual["fake"], df=(listeners - 1) * (design.n_fake - 1)),
        _Part(variance=residual["real"], df=(listeners - 1) * (design.n_real - 1)),
    ]
    se2 = of_listeners + of_fake + of_real - residual["fake"] - residual["real"]
    return _power(components.mean if effect is None else effect, se2, parts, alpha, side)


def power_ceiling(power_of: Callable[[int], float]) -> float:
    """Return the power with ever more listeners and the same clips: what is left is the clips' own variance.

    `power_of` gives the power for a number of listeners.

    Examples
    --------
    >>> of_fakes = Components(mean=0.6, listener=0.019, clip=0.025, residual=0.21)
    >>> round(power_ceiling(lambda n: class_power(of_fakes, effect=0.1, n_listeners=n, n_clips=7).power), 2)
    0.29
    """
    return power_of(ENDLESS)


def listeners_needed(power_of: Callable[[int], float], *, wanted: float) -> int | None:
    """Return the fewest listeners that reach the power, or None where no number up to 100,000 does.

    `power_of` gives the power for a number of listeners, and grows with it.
    """
    low, high = 2, 2
    while power_of(high) < wanted:
        if high == MAX_LISTENERS:
            return None
        low, high = high, min(2 * high, MAX_LISTENERS)
    while low < high:
        middle = (low + high) // 2
        if power_of(middle) >= wanted:
            high = middle
        else:
            low = middle + 1
    return low


def _class_parts(components: Components, listeners: int, clips: int, heard: int) -> tuple[list[_Part], float]:
    residual = max(components.residual, 0.0) / (listeners * heard)
    of_listeners = max(components.listener, 0.0) / listeners + residual  # MS_L / (I J)
    of_clips = max(components.clip, 0.0) / clips + residual  # MS_C / (I J)
    parts = [
        _Part(variance=of_listeners, df=listeners - 1),
        _Part(variance=of_clips, df=clips - 1),
        _Part(variance=residual, df=(listeners - 1) * (clips - 1)),
    ]
    return parts, of_listeners + of_clips - residual


def _power(effect: float, se2: float, parts: list[_Part], alpha: float, side: Side) -> Power:
    if not np.isfinite(effect):
        raise ValueError(f"the effect {effect!r} is not a finite number")
    spread = sum(part.variance**2 / part.df for part in parts)
    df = se2**2 / spread if spread > 0 else np.inf
    if se2 <= 0:
        return Power(power=1.0 if effect else alpha, standard_error=0.0, df=float(df))
    return Power(power=_tail(effect / se2**0.5, df, alpha, side), standard_error=se2**0.5, df=float(df))


def _tail(noncentrality: float, df: float, alpha: float, side: Side) -> float:
    """Return the probability that |t| (or t) passes its limit; scipy's nct gives NaN far out, where it is 0 or 1."""
    limit = float(student.isf(alpha / 2 if side == "two" else alpha, df))
    with np.errstate(all="ignore"):
        above = float(nct.sf(limit, df, noncentrality))
        below = float(nct.cdf(-limit, df, noncentrality)) if side == "two" else 0.0
    above = float(norm.sf(limit - noncentrality)) if np.isnan(above) else above
    below = float(norm.cdf(-limit - noncentrality)) if np.isnan(below) else below
    return min(1.0, max(0.0, above + below))


def _check(n_listeners: int, n_clips: int, heard: int | None, alpha: float) -> None:
    if n_listeners < 2 or n_clips < 2 or (heard is not None and heard < 1):
        raise ValueError("at least two listeners, two clips of a class, and one clip for each listener are needed")
    if not 0.0 < alpha < 1.0:
        raise ValueError(f"alpha {alpha!r} is not between 0 and 1")
