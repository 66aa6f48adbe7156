"""Means of what may not be known."""

from collections.abc import Sequence

import numpy as np


def mean_known(values: Sequence[float | None]) -> float | None:
    """Return the mean; None where there is no value, or one is not known.

    Examples
    --------
    >>> mean_known([0.5, 1.0]), mean_known([0.5, None]), mean_known([])
    (0.75, None, None)
    """
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known and len(known) == len(values) else None
