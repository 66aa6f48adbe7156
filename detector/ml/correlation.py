"""How two numbers of each system go together, with intervals that tell how few systems there are."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

MIN_PAIRS = 4  # the standard error has n - 3 in it


@dataclass(frozen=True, kw_only=True)
class Coefficient:
    """A correlation in [-1, 1] and its interval.

    r: None below four pairs, or where one side is constant. low, high: None also where r is 1 or -1, since the
    standard error is then not estimated.
    """

    r: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True)
class Correlation:
    """Pearson's and Spearman's correlation of the same n pairs."""

    n: int
    pearson: Coefficient
    spearman: Coefficient

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def correlate(x: Sequence[float], y: Sequence[float], *, level: float = 0.95) -> Correlation:
    """Return the linear and the rank correlation of pairs, with intervals.

    Parameters
    ----------
    x, y
        One finite number each for every system.
    level
        Of the intervals, in (0, 1).

    Raises
    ------
    ValueError
        Different lengths, a value that is not finite, or an impossible level.

    Notes
    -----
    tanh(artanh r -+ z s), with s^2 = 1 / (n - 3) for Pearson's r (Fisher) and (1 + r^2 / 2) / (n - 3) for Spearman's,
    which has average ranks for ties (Bonett and Wright). Both take the systems for independent draws; several systems
    of one team are not, and the true intervals are wider.

    References
    ----------
    Fisher (1921), Metron 1:3-32; Bonett and Wright (2000), Psychometrika 65:23-28.

    Examples
    --------
    >>> found = correlate([1.0, 2.0, 3.0, 4.0, 5.0], [2.0, 1.0, 4.0, 3.0, 5.0])
    >>> round(found.spearman.r, 6), round(found.pearson.low, 3), round(found.pearson.high, 3)
    (0.8, -0.28, 0.986)
    """
    if len(x) != len(y) or not np.isfinite([*x, *y]).all():
        raise ValueError(f"{len(x)} and {len(y)} values: need pairs of finite numbers")
    if not 0.0 < level < 1.0:
        raise ValueError(f"level={level!r} is not strictly between 0 and 1")
    undefined = Coefficient(r=None, low=None, high=None)
    if len(x) < MIN_PAIRS or min(x) == max(x) or min(y) == max(y):
        return Correlation(n=len(x), pearson=undefined, spearman=undefined)
    pearson = _correlation(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64))
    spearman = _correlation(stats.rankdata(x), stats.rankdata(y))
    return Correlation(
        n=len(x),
        pearson=_with_interval(pearson, 1.0, len(x), level),
        spearman=_with_interval(spearman, 1.0 + spearman**2 / 2.0, len(x), level),
    )


def _correlation(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    return float(np.corrcoef(x, y)[0, 1])


def _with_interval(r: float, factor: float, n: int, level: float) -> Coefficient:
    """Return r with the interval whose standard error is sqrt(factor / (n - 3)) on Fisher's scale."""
    if math.isclose(abs(r), 1.0, abs_tol=1e-12):
        return Coefficient(r=r, low=None, high=None)
    half_width = float(stats.norm.ppf(0.5 + level / 2.0)) * math.sqrt(factor / (n - 3))
    return Coefficient(r=r, low=math.tanh(math.atanh(r) - half_width), high=math.tanh(math.atanh(r) + half_width))
