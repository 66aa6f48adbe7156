"""`leave-one-class-out`: each sound class, both labels, is evaluated by detectors that never met such a sound."""

from collections.abc import Sequence

import numpy as np

from detector.ml.config import BadTraining
from detector.ml.protocols.draft import Draft
from detector.ml.protocols.groups import members, source_key
from detector.ml.splits import EVALUATION, TRAIN, VALIDATION, ClipFacts

MIN_CATEGORIES = 3
PRECEDENCE = (EVALUATION, VALIDATION, TRAIN)


def leave_one_class_out(clips: Sequence[ClipFacts], rng: np.random.Generator) -> list[Draft]:
    """Return a fold for each category: it is evaluated, the next one in a random circle validates, the others train.

    A recording with clips in several categories goes to the first of evaluation, validation and training that one of
    them is in; its clips elsewhere are left out of that fold.
    """
    n_unknown = sum(not clip.category for clip in clips)
    if n_unknown:
        raise BadTraining(
            f"{n_unknown} clips have no category, which leave-one-class-out divides by. "
            "Import them with a manifest that fills in this column."
        )
    categories = sorted({clip.category for clip in clips})
    if len(categories) < MIN_CATEGORIES:
        raise BadTraining(
            f"The clips are of {len(categories)} {'category' if len(categories) == 1 else 'categories'}. "
            f"leave-one-class-out needs at least {MIN_CATEGORIES}: one to evaluate, one to validate, one to train on. "
            "Use another protocol."
        )
    circle = [categories[place] for place in rng.permutation(len(categories))]
    after = dict(zip(circle, circle[1:] + circle[:1], strict=True))
    sources = members(clips, source_key)
    drafts = []
    for held in categories:
        codes = dict.fromkeys(categories, TRAIN) | {after[held]: VALIDATION, held: EVALUATION}
        drafts.append(
            Draft(
                name=held,
                own=[codes[clip.category] for clip in clips],
                sources={
                    key: min((codes[clip.category] for clip in group), key=PRECEDENCE.index)
                    for key, group in sources.items()
                },
            )
        )
    return drafts
