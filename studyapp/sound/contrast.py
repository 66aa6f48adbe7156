"""Compare a measured fact between real and fake clips: could they be told apart without listening?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

MIN_CLIPS = 5  # of each label, before a difference is called one
TELLING_SHARE = 0.7
BEYOND_CHANCE = 2.58  # standard errors: p < .01, two-sided


@dataclass(frozen=True, kw_only=True)
class Spread:
    """Count, median and quartiles (linear interpolation) of a fact; None without clips."""

    n: int
    median: float | None
    q1: float | None
    q3: float | None


@dataclass(frozen=True, kw_only=True)
class Contrast:
    """A fact in real and in fake clips.

    fake_above: share of (fake, real) pairs in which the fake has the larger value, ties counted half; in [0, 1]. It is
        the area under the ROC curve of the fact as a detector, U / (n_fake n_real) of Mann and Whitney; .5 tells
        nothing. None when either side has no clips.
    """

    real: Spread
    fake: Spread
    fake_above: float | None

    @property
    def is_telling(self) -> bool:
        """Whether the fact alone ranks at least 70 % of pairs right, and chance does not explain it.

        Chance: the normal approximation of the Mann-Whitney test without correction for ties,
        SE = sqrt((n_fake + n_real + 1) / (12 n_fake n_real)), p < .01. Fewer than five clips on a side never suffice.
        """
        n_real, n_fake = self.real.n, self.fake.n
        if self.fake_above is None or min(n_real, n_fake) < MIN_CLIPS:
            return False
        distance = abs(self.fake_above - 0.5)
        error = np.sqrt((n_fake + n_real + 1) / (12 * n_fake * n_real))
        return bool(0.5 + distance >= TELLING_SHARE and distance >= BEYOND_CHANCE * error)

    @property
    def p_value(self) -> float:
        """Two-sided, by the normal approximation of `is_telling`; 1 where a side has no clips."""
        n_real, n_fake = self.real.n, self.fake.n
        if self.fake_above is None:
            return 1.0
        error = np.sqrt((n_fake + n_real + 1) / (12 * n_fake * n_real))
        return float(2 * ndtr(-abs(self.fake_above - 0.5) / error))


def spread(values: Sequence[float]) -> Spread:
    """Return count, median and quartiles.

    >>> spread([1.0, 2.0, 3.0, 4.0]).q1
    1.75
    """
    if not len(values):
        return Spread(n=0, median=None, q1=None, q3=None)
    q1, median, q3 = (float(value) for value in np.quantile(np.asarray(values, dtype=float), [0.25, 0.5, 0.75]))
    return Spread(n=len(values), median=median, q1=q1, q3=q3)


def contrast(real: Sequence[float], fake: Sequence[float]) -> Contrast:
    """Return how a fact differs between the labels.

    >>> contrast([1.0, 2.0], [2.0, 3.0]).fake_above
    0.875
    """
    fake_above = None
    if len(real) and len(fake):
        ordered = np.sort(np.asarray(real, dtype=float))
        below = np.searchsorted(ordered, fake, side="left")
        not_above = np.searchsorted(ordered, fake, side="right")
        fake_above = float(np.mean((below + not_above) / 2) / len(ordered))
    return Contrast(real=spread(real), fake=spread(fake), fake_above=fake_above)
