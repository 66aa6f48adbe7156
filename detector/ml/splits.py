"""What a division of clips is made of. How clips are divided is in `protocols`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from studyapp.vocab import Split

SPLITS = (Split.TRAIN, Split.VALIDATION, Split.EVALUATION)  # the code of a split is its place here
TRAIN, VALIDATION, EVALUATION = range(3)
UNUSED = -1  # left out of a fold, because it would put one group into two splits
TRAIN_SHARE, VALIDATION_SHARE, EVALUATION_SHARE = 0.7, 0.1, 0.2


@dataclass(frozen=True, kw_only=True)
class ClipFacts:
    """What a protocol may look at. `key` is the SHA-256 of the sound; the rest are the stimulus's own columns."""

    key: str
    is_fake: bool
    category: str = ""
    generator: str = ""
    team: str = ""
    track: str = ""
    source_group: str = ""
    original_split: str = ""


@dataclass(frozen=True, kw_only=True)
class Fold:
    """One division of all clips.

    name: what the fold holds out; empty under `paper`.
    assignment: (n_clips,) int8, the code of each clip's split, or UNUSED.
    facts: what is to be said of the division, ready for JSON: groups in two splits, clips left out and why.
    """

    name: str
    assignment: NDArray[np.int8]
    facts: Mapping[str, object] = field(default_factory=dict)

    def of(self, code: int) -> NDArray[np.intp]:
        """Return the places of the clips of one split, ascending."""
        return np.flatnonzero(self.assignment == code)


def split_word(code: int | None) -> str:
    """Return the name of a split; empty for a clip that the fold did not use, or never met (None)."""
    return "" if code is None or code == UNUSED else SPLITS[code].value
