"""`paper`: the released code's random split, which keeps no group together."""

from collections.abc import Sequence
from math import ceil

import numpy as np
from numpy.typing import NDArray

from detector.ml.protocols.draft import Draft
from detector.ml.splits import (
    EVALUATION,
    EVALUATION_SHARE,
    TRAIN,
    TRAIN_SHARE,
    VALIDATION,
    VALIDATION_SHARE,
    ClipFacts,
)


def paper(clips: Sequence[ClipFacts], *, seed: int) -> list[Draft]:
    """Return the one fold."""
    return [Draft(name="", own=paper_split(len(clips), seed=seed).tolist())]


def paper_split(n_clips: int, *, seed: int) -> NDArray[np.int8]:
    """Return the released code's random split, as codes of SPLITS.

    Scikit-learn's `train_test_split` twice, each time from a fresh generator: a tenth for validation, then
    0.2 / (0.7 + 0.2) of the rest for evaluation, both rounded up. In floating point that sum is a little below 0.9,
    which is why 30,750 clips give 6,151 and not 6,150. Neither stratified nor grouped.

    Examples
    --------
    >>> [int((paper_split(30750, seed=42) == code).sum()) for code in range(3)]
    [21524, 3075, 6151]
    """
    assignment = np.full(n_clips, TRAIN, dtype=np.int8)
    rest, validation = _take(np.arange(n_clips), VALIDATION_SHARE, seed)
    _, evaluation = _take(rest, EVALUATION_SHARE / (TRAIN_SHARE + EVALUATION_SHARE), seed)
    assignment[validation] = VALIDATION
    assignment[evaluation] = EVALUATION
    return assignment


def _take(places: NDArray[np.intp], share: float, seed: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    # The legacy generator is what scikit-learn draws from; its stream is frozen by NumPy's compatibility policy.
    order = np.random.RandomState(seed).permutation(len(places))
    n_taken = ceil(share * len(places))
    return places[order[n_taken:]], places[order[:n_taken]]
