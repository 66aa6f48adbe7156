"""A fold in the making: what each clip's own facts ask for, and where each recording goes."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from detector.ml.config import Protocol
from detector.ml.protocols.groups import KeyOf, group_keys, source_key, team_key
from detector.ml.splits import EVALUATION, TRAIN, UNUSED, ClipFacts, Fold

RECORDING_ELSEWHERE = "its recording is in another split"
Wish = int | str | None


@dataclass(frozen=True, kw_only=True)
class Draft:
    """One fold before clips that would put a group into two splits are left out.

    name: what it holds out. own: for each clip the split that its team, category or track asks for, or a reason to
    leave it out, or None where they ask for nothing. sources: the split of each source key.
    """

    name: str
    own: Sequence[Wish]
    sources: Mapping[str, int] = field(default_factory=dict)


def settle(draft: Draft, clips: Sequence[ClipFacts], protocol: Protocol) -> Fold:
    """Return the fold: a clip is used where its own split and its recording's agree.

    This alone keeps groups together: every key has one split, and a clip that would carry it into another is left out.
    """
    assignment = np.full(len(clips), UNUSED, dtype=np.int8)
    reasons: Counter[str] = Counter()
    for place, (clip, own) in enumerate(zip(clips, draft.own, strict=True)):
        source = draft.sources.get(source_key(clip))
        if isinstance(own, str):
            reasons[own] += 1
        elif own is not None and source is not None and own != source:
            reasons[RECORDING_ELSEWHERE] += 1
        elif (code := source if own is None else own) is not None:
            assignment[place] = code
    facts = {
        "held_out": draft.name,
        "kept_together": sorted(_kinds(protocol)),
        "groups": {"source": n_split(clips, assignment, source_key), "team": n_split(clips, assignment, team_key)},
        "n_unused": int((assignment == UNUSED).sum()),
        "unused": dict(sorted(reasons.items())),
        "generators": _missing_generators(clips, assignment),
    }
    return Fold(name=draft.name, assignment=assignment, facts=facts)


def n_split(clips: Sequence[ClipFacts], assignment: Sequence[int] | np.ndarray, key_of: KeyOf) -> dict[str, int]:
    """Return how many groups there are, and how many of them stand in two splits or more."""
    splits: defaultdict[str, set[int]] = defaultdict(set)
    for clip, code in zip(clips, assignment, strict=True):
        if key := key_of(clip):
            splits[key].add(int(code))
    return {"n": len(splits), "n_split": sum(len(codes - {UNUSED}) > 1 for codes in splits.values())}


def _missing_generators(clips: Sequence[ClipFacts], assignment: NDArray[np.int8]) -> dict[str, object]:
    """Return how many generators there are, and those of which no clip is trained on, and none evaluated."""
    found: defaultdict[str, set[int]] = defaultdict(set)
    for clip, code in zip(clips, assignment.tolist(), strict=True):
        if clip.is_fake and clip.generator:
            found[clip.generator].add(code)

    def without(code: int) -> list[str]:
        return sorted(name for name, codes in found.items() if code not in codes)

    return {"n": len(found), "not_trained": without(TRAIN), "not_evaluated": without(EVALUATION)}


def _kinds(protocol: Protocol) -> set[str]:
    """Return the words of the groups that the protocol keeps together."""
    if protocol is Protocol.PAPER:
        return set()
    whole = ClipFacts(key="-", is_fake=True, category="-", generator="-", team="-", track="-", source_group="-")
    return {key.partition(":")[0] for key in group_keys(protocol, whole)}
