"""`grouped`: recordings are divided by source, dev to train and eval to evaluate, generated clips by clip."""

from collections.abc import Sequence

import numpy as np

from detector.ml.protocols.divide import divide
from detector.ml.protocols.draft import Draft
from detector.ml.protocols.groups import members, source_key
from detector.ml.splits import EVALUATION, EVALUATION_SHARE, TRAIN_SHARE, VALIDATION_SHARE, ClipFacts

SHARES = (TRAIN_SHARE, VALIDATION_SHARE, EVALUATION_SHARE)
DEV_SHARES = (7 / 8, 1 / 8)
DEV, EVAL = "dev", "eval"


def grouped(clips: Sequence[ClipFacts], rng: np.random.Generator) -> list[Draft]:
    """Return the one fold.

    A source with a recording of the corpus's own eval split is evaluated, one of the dev split trains or (an eighth)
    validates; others, and fakes without a source, are divided 70/10/20, balanced over categories and generators.
    """
    sources = members(clips, source_key)
    by_split: dict[str, dict[str, list[ClipFacts]]] = {DEV: {}, EVAL: {}, "": {}}
    for key, group in sources.items():
        splits = {clip.original_split for clip in group if not clip.is_fake}
        by_split[EVAL if EVAL in splits else DEV if DEV in splits else ""][key] = group
    loose = {clip.key: [clip] for clip in clips if not source_key(clip)}
    codes = {
        **dict.fromkeys(by_split[EVAL], EVALUATION),
        **divide(by_split[DEV], DEV_SHARES, rng),  # the places of the shares are the codes of train and validation
        **divide(by_split[""], SHARES, rng),
    }
    fakes = divide(loose, SHARES, rng)
    return [Draft(name="", own=[fakes.get(clip.key) for clip in clips], sources=codes)]
