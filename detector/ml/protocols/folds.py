"""The one door to the protocols: clips in, folds out, or words that say why not."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from detector.ml.config import BadTraining, Protocol
from detector.ml.protocols.cross_track import cross_track
from detector.ml.protocols.draft import Draft, settle
from detector.ml.protocols.grouped import grouped
from detector.ml.protocols.leave_one_class_out import leave_one_class_out
from detector.ml.protocols.leave_one_team_out import leave_one_team_out
from detector.ml.protocols.paper import paper
from detector.ml.splits import EVALUATION, SPLITS, TRAIN, VALIDATION, ClipFacts, Fold

MIN_CLIPS = 10
MAKERS: Mapping[Protocol, Callable[[Sequence[ClipFacts], np.random.Generator], list[Draft]]] = {
    Protocol.GROUPED: grouped,
    Protocol.LEAVE_ONE_TEAM_OUT: leave_one_team_out,
    Protocol.LEAVE_ONE_CLASS_OUT: leave_one_class_out,
    Protocol.CROSS_TRACK: cross_track,
}
ADVICE: Mapping[Protocol, str] = {
    Protocol.GROUPED: "Add recordings from more sources and more fakes, so that each split gets some of both labels.",
    Protocol.LEAVE_ONE_TEAM_OUT: "Add recordings from more sources: there must be at least as many as teams.",
    Protocol.LEAVE_ONE_CLASS_OUT: "Each category needs recordings and fakes. Add what is missing, or leave it out.",
    Protocol.CROSS_TRACK: "Add recordings from more sources, and fakes of more teams in each track.",
}


def make_folds(protocol: Protocol, clips: Sequence[ClipFacts], *, split_seed: int) -> list[Fold]:
    """Return the folds of a protocol over clips that are sorted by key.

    Every fold but `paper`'s has both labels to train on and to evaluate, and a clip to validate with; `paper`, which
    divides by chance, has both labels to train on. No group of `group_keys` stands in two splits of a fold, except
    under `paper`, whose facts say how many do.

    Raises
    ------
    BadTraining
        For clips that cannot be divided so that a detector can be trained.
    """
    keys = [clip.key for clip in clips]
    if keys != sorted(set(keys)):
        raise BadTraining("the clips must be sorted by their content hash, each sound once")
    _refuse_degenerate(clips)
    if protocol is Protocol.PAPER:
        drafts = paper(clips, seed=split_seed)
    else:
        drafts = MAKERS[protocol](clips, np.random.default_rng(split_seed))
    folds = [settle(draft, clips, protocol) for draft in drafts]
    is_fake = np.array([clip.is_fake for clip in clips], dtype=bool)
    for fold in folds:
        refuse_one_label(fold, is_fake, protocol)
    return folds


def refuse_one_label(fold: Fold, is_fake: NDArray[np.bool_], protocol: Protocol) -> None:
    """Raise BadTraining where a split of the fold lacks a label that it needs."""
    if protocol is Protocol.PAPER:
        if len(set(is_fake[fold.of(TRAIN)].tolist())) < 2:
            raise BadTraining(
                "By chance the training part has clips of one label only. Add more clips of the rarer label "
                f"({int(is_fake.sum())} of {len(is_fake)} are fake)."
            )
        return
    where = f", fold {fold.name}" if fold.name else ""
    for code in (TRAIN, EVALUATION):
        found = set(is_fake[fold.of(code)].tolist())
        for label, word in ((False, "recording"), (True, "fake")):
            if label not in found:
                raise BadTraining(
                    f"Under {protocol.value}{where}, the {SPLITS[code].value} split has no {word}. {ADVICE[protocol]}"
                )
    if not len(fold.of(VALIDATION)):
        raise BadTraining(f"Under {protocol.value}{where}, no clip is left to validate with. {ADVICE[protocol]}")


def _refuse_degenerate(clips: Sequence[ClipFacts]) -> None:
    n_fake = sum(clip.is_fake for clip in clips)
    n_real = len(clips) - n_fake
    if not n_fake or not n_real:
        missing = "fake" if not n_fake else "real"
        raise BadTraining(f"All {len(clips)} clips have the same label. Add {missing} clips: a detector needs both.")
    if len(clips) < MIN_CLIPS:
        raise BadTraining(f"{len(clips)} clips are too few to divide in three. Import at least {MIN_CLIPS}.")
