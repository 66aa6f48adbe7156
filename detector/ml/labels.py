"""Labels for a negative control."""

import numpy as np
from numpy.typing import NDArray

from detector.ml.seeds import Stream, seed_of


def permuted(labels: NDArray[np.bool_], *, seed: int) -> NDArray[np.bool_]:
    """Return the labels (n,) dealt anew over all clips: as many of each, and nothing that can be learned.

    One deal for all runs and folds (run 0, which no network has), the same at every call.

    Examples
    --------
    >>> permuted(np.array([True, True, False, False, False]), seed=42).sum()
    np.int64(2)
    """
    return np.random.default_rng(seed_of(seed, 0, Stream.LABELS)).permutation(labels)
