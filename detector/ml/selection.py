"""The selection rule of the paper: a detector's most confident errors, per category."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Bucket(StrEnum):
    """The paper's words: a real clip called fake, a fake clip called real."""

    INCORRECT_POSITIVE = "incorrect_positive"
    INCORRECT_NEGATIVE = "incorrect_negative"


@dataclass(frozen=True, kw_only=True)
class ScoredClip:
    """A clip that may be selected. `fake_score` in [0, 1], higher is more fake."""

    stimulus_id: int
    is_fake: bool
    category: str
    fake_score: float


@dataclass(frozen=True, kw_only=True)
class Pick:
    """A selected clip, why, and its rank within category and bucket (1 is the most confident error)."""

    clip: ScoredClip
    bucket: Bucket
    rank: int


def misclassified(clips: Sequence[ScoredClip], *, per_class: int, threshold: float = 0.5) -> list[Pick]:
    """Return, for each category, at most `per_class` errors of each bucket, the most confident first.

    Equal scores are ordered by stimulus id, so that the choice repeats.

    Examples
    --------
    >>> clip = ScoredClip(stimulus_id=1, is_fake=True, category="rain", fake_score=0.1)
    >>> misclassified([clip], per_class=7)[0].bucket.value
    'incorrect_negative'
    """
    picks: list[Pick] = []
    for category in sorted({clip.category for clip in clips}):
        here = [clip for clip in clips if clip.category == category]
        positives = [clip for clip in here if not clip.is_fake and clip.fake_score >= threshold]
        negatives = [clip for clip in here if clip.is_fake and clip.fake_score < threshold]
        positives.sort(key=lambda clip: (-clip.fake_score, clip.stimulus_id))
        negatives.sort(key=lambda clip: (clip.fake_score, clip.stimulus_id))
        for bucket, errors in ((Bucket.INCORRECT_POSITIVE, positives), (Bucket.INCORRECT_NEGATIVE, negatives)):
            picks += [
                Pick(clip=clip, bucket=bucket, rank=rank) for rank, clip in enumerate(errors[:per_class], start=1)
            ]
    return picks
