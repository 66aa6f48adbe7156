"""Compare a measured fact between real and fake clips: could they be told apart without listening?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

MIN_CLIPS = 5  # of each label, before a difference is called one
TELLING_SHARE = 0.7


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
        """Whether the fact alone ranks at least 70 % of pairs right, with five clips or more on each side."""
        if self.fake_above is None or min(self.real.n, self.fake.n) < MIN_CLIPS:
            return False
        return max(self.fake_above, 1 - self.fake_above) >= TELLING_SHARE


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
