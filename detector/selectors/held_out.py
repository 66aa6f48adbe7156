"""Clips that a run did not see, with what it says of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from detector.fold_tables import read_table
from detector.ml.selection import Bucket, ScoredClip
from detector.ml.splits import EVALUATION
from detector.models import DetectorRun
from studyapp.models import Stimulus
from studyapp.vocab import Label


@dataclass(frozen=True, kw_only=True)
class ScoreRow:
    """One held-out clip. `bucket` is empty where the detector is right; confidence is |fake_score - threshold|."""

    stimulus: Stimulus
    fake_score: float
    called: str
    bucket: str
    confidence: float


def held_out_clips(runs: Sequence[DetectorRun]) -> list[ScoredClip]:
    """Return the clips that a run did not see, each with the score of the fold that held it out."""
    clips: dict[int, ScoredClip] = {}
    for run in runs:
        table = read_table(run.fold)
        for place in (table.assignment == EVALUATION).nonzero()[0].tolist():
            pk = table.stimulus_ids[place]
            clips[pk] = ScoredClip(
                stimulus_id=pk,
                is_fake=bool(table.is_fake[place]),
                category=table.categories[place],
                fake_score=float(table.fake_scores[run.number - 1, place]),
            )
    return [clips[pk] for pk in sorted(clips)]


def by_confidence(clips: Sequence[ScoredClip], *, threshold: float, errors_only: bool = False) -> list[ScoredClip]:
    """Return the clips, the most confident first; ties by stimulus id."""
    wanted = [clip for clip in clips if not errors_only or bucket_of(clip, threshold)]
    return sorted(wanted, key=lambda clip: (-abs(clip.fake_score - threshold), clip.stimulus_id))


def bucket_of(clip: ScoredClip, threshold: float) -> str:
    """Return the kind of error, or an empty string."""
    called_fake = clip.fake_score >= threshold
    if called_fake == clip.is_fake:
        return ""
    return (Bucket.INCORRECT_POSITIVE if called_fake else Bucket.INCORRECT_NEGATIVE).value


def score_rows(clips: Sequence[ScoredClip], *, threshold: float) -> list[ScoreRow]:
    """Return rows for a page, in the order given. A stimulus that was deleted since is left out."""
    stimuli = Stimulus.objects.in_bulk([clip.stimulus_id for clip in clips])
    return [
        ScoreRow(
            stimulus=stimuli[clip.stimulus_id],
            fake_score=clip.fake_score,
            called=(Label.FAKE if clip.fake_score >= threshold else Label.REAL).value,
            bucket=bucket_of(clip, threshold).replace("_", " "),
            confidence=abs(clip.fake_score - threshold),
        )
        for clip in clips
        if clip.stimulus_id in stimuli
    ]
