"""Clips that a run did not see, with what it says of them."""

from collections.abc import Sequence

from detector.fold_tables import read_table
from detector.ml.selection import ScoredClip
from detector.ml.splits import EVALUATION
from detector.models import DetectorRun


def held_out_clips(runs: Sequence[DetectorRun]) -> list[ScoredClip]:
    """Return the clips that a run did not see, each with the score of the fold that held it out."""
    clips: dict[int, ScoredClip] = {}
    for run in runs:
        table = read_table(run.fold)
        for place in (table.assignment == EVALUATION).nonzero()[0].tolist():
            pk = table.stimulus_ids[place]
            is_fake = bool(table.is_fake[place])
            clip = ScoredClip(
                stimulus_id=pk,
                is_fake=is_fake,
                category=table.categories[place],
                fake_score=float(table.fake_scores[run.number - 1, place]),
                source=(table.generators if is_fake else table.source_groups)[place],
                fold=run.fold.number,
            )
            clips.setdefault(pk, clip)  # a clip that several folds held out is judged by the first of them
    return [clips[pk] for pk in sorted(clips)]
