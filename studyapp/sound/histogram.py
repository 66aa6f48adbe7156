"""Count a measured fact in bins that a reader can name: the same for all groups that are compared."""

from collections.abc import Sequence
from math import ceil, floor, log10

import numpy as np
from numpy.typing import NDArray

MAX_BINS = 30


def round_edges(values: Sequence[float], *, max_bins: int = MAX_BINS) -> NDArray[np.float64]:
    """Return the edges of at most `max_bins` bins of one width over all values: 1, 2 or 5 times a power of ten.

    Edges are multiples of the width. Equal values get one bin around them, a thousandth of the value wide or more.

    Raises
    ------
    ValueError
        Without values, for one that is not finite, and for fewer than three bins.

    Examples
    --------
    >>> round_edges([0.2, 1.1, 3.9], max_bins=10).tolist()
    [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0]
    """
    given = np.asarray(values, dtype=float)
    if not given.size or not np.isfinite(given).all():
        raise ValueError("a histogram needs finite values, at least one")
    if max_bins < 3:
        raise ValueError(f"{max_bins} bins are too few: edges at round numbers need at least 3")
    low, high = float(given.min()), float(given.max())
    # Values that differ by rounding alone are equal: bins narrower than this would not be told apart.
    narrowest = max(abs(low), abs(high), 1e-6) / 1000
    width = max((high - low) / max_bins, narrowest)
    steps = (step * 10.0 ** (floor(log10(width)) + shift) for shift in range(3) for step in (1, 2, 5))
    for step in steps:
        first, last = floor(low / step), ceil(high / step)
        # Division rounds: an outer value may lie a hair beyond its edge.
        first -= first * step > low
        last += last * step < high or first == last
        if step >= width and last - first <= max_bins:
            return np.arange(first, last + 1, dtype=np.float64) * step
    raise ValueError(f"no {max_bins} bins hold values from {low} to {high}")


def histogram(values: Sequence[float], edges: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the count of values in each bin; a bin has its lower edge, the last its upper edge too.

    >>> histogram([0.0, 0.5, 0.9, 1.0], np.array([0.0, 0.5, 1.0])).tolist()
    [1, 3]
    """
    return np.histogram(np.asarray(values, dtype=float), bins=edges)[0]
