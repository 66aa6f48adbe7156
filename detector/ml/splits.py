"""Divide clips into training, validation and evaluation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

import numpy as np
from numpy.typing import NDArray

from detector.ml.config import BadTraining, Protocol
from studyapp.vocab import Split

SPLITS = (Split.TRAIN, Split.VALIDATION, Split.EVALUATION)  # the code of a split is its place here
TRAIN, VALIDATION, EVALUATION = range(3)
UNUSED = -1  # left out of a fold, because it would put one group into two splits
MIN_CLIPS = 10
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


def make_folds(protocol: Protocol, clips: Sequence[ClipFacts], *, split_seed: int) -> list[Fold]:
    """Return the folds of a protocol over clips that are sorted by key.

    Raises
    ------
    BadTraining
        For a protocol that is not there yet, or clips that cannot be divided so that a detector can be trained.
    """
    if protocol is not Protocol.PAPER:
        raise BadTraining(f"The protocol {protocol.value!r} does not exist yet. There is: {Protocol.PAPER.value}.")
    keys = [clip.key for clip in clips]
    if keys != sorted(set(keys)):
        raise BadTraining("the clips must be sorted by their content hash, each sound once")
    _refuse_degenerate(clips)
    fold = Fold(name="", assignment=paper_split(len(clips), seed=split_seed))
    _refuse_one_class_training(clips, fold)
    return [fold]


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


def _refuse_degenerate(clips: Sequence[ClipFacts]) -> None:
    n_fake = sum(clip.is_fake for clip in clips)
    n_real = len(clips) - n_fake
    if not n_fake or not n_real:
        missing = "fake" if not n_fake else "real"
        raise BadTraining(f"All {len(clips)} clips have the same label. Add {missing} clips: a detector needs both.")
    if len(clips) < MIN_CLIPS:
        raise BadTraining(f"{len(clips)} clips are too few to divide in three. Import at least {MIN_CLIPS}.")


def _refuse_one_class_training(clips: Sequence[ClipFacts], fold: Fold) -> None:
    labels = {clips[place].is_fake for place in fold.of(TRAIN)}
    if len(labels) < 2:
        raise BadTraining(
            "By chance the training part has clips of one label only. Add more clips of the rarer label "
            f"({sum(clip.is_fake for clip in clips)} of {len(clips)} are fake)."
        )
