"""Clips that a detector did not see, with what it says of them, for looking and listening through."""

from collections.abc import Sequence
from dataclasses import dataclass

from detector.fold_tables import read_table
from detector.ml.splits import EVALUATION
from detector.models import DetectorRun
from studyapp.models import Stimulus
from studyapp.vocab import Label

REAL, FAKE = Label.REAL.value, Label.FAKE.value
Calls = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Outcome:
    """A kind of clip: its name in the address, its words, and the pairs (truth, called) that are of it."""

    name: str
    words: str
    calls: Calls


OUTCOMES = {
    outcome.name: outcome
    for outcome in (
        Outcome("errors", "all errors", frozenset({(REAL, FAKE), (FAKE, REAL)})),
        Outcome("incorrect_positive", "incorrect positives: real, called fake", frozenset({(REAL, FAKE)})),
        Outcome("incorrect_negative", "incorrect negatives: fake, called real", frozenset({(FAKE, REAL)})),
        Outcome("hit", "fake, called fake", frozenset({(FAKE, FAKE)})),
        Outcome("correct_rejection", "real, called real", frozenset({(REAL, REAL)})),
        Outcome("fake", "all fakes", frozenset({(FAKE, REAL), (FAKE, FAKE)})),
        Outcome("real", "all real clips", frozenset({(REAL, REAL), (REAL, FAKE)})),
        Outcome("all", "all clips", frozenset({(t, c) for t in (REAL, FAKE) for c in (REAL, FAKE)})),
    )
}
SINGLE = ("incorrect_positive", "incorrect_negative", "hit", "correct_rejection")
BUCKETS = {(REAL, FAKE): "incorrect positive", (FAKE, REAL): "incorrect negative"}


@dataclass(frozen=True, kw_only=True)
class HeldOutClip:
    """A clip, held out by one fold, under one run of it. confidence: |fake_score - threshold|."""

    stimulus_id: int
    truth: str
    called: str
    category: str
    system: str
    fold: int
    fold_name: str
    run: int
    fake_score: float
    confidence: float

    @property
    def bucket(self) -> str:
        """The kind of error in words; empty where the detector is right."""
        return BUCKETS.get((self.truth, self.called), "")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which clips to show; an empty text or None wants them all."""

    outcome: str = "errors"
    category: str = ""
    system: str = ""
    fold: int | None = None

    def has(self, clip: HeldOutClip) -> bool:
        return (
            (clip.truth, clip.called) in OUTCOMES[self.outcome].calls
            and self.category in ("", clip.category)
            and self.system in ("", clip.system)
            and self.fold in (None, clip.fold)
        )


def gallery_clips(runs: Sequence[DetectorRun], *, threshold: float) -> list[HeldOutClip]:
    """Return what each run says of the clips that its fold held out, the most confident first; ties by stimulus id."""
    clips = [clip for run in runs for clip in _of_run(run, threshold)]
    return sorted(clips, key=lambda clip: (-clip.confidence, clip.stimulus_id, clip.fold))


def _of_run(run: DetectorRun, threshold: float) -> list[HeldOutClip]:
    table = read_table(run.fold)
    scores = table.fake_scores[run.number - 1].tolist()
    truths = [FAKE if fake else REAL for fake in table.is_fake.tolist()]
    return [
        HeldOutClip(
            stimulus_id=table.stimulus_ids[place],
            truth=truths[place],
            called=FAKE if scores[place] >= threshold else REAL,
            category=table.categories[place],
            system=table.generators[place],
            fold=run.fold.number,
            fold_name=run.fold.name,
            run=run.number,
            fake_score=scores[place],
            confidence=abs(scores[place] - threshold),
        )
        for place in (table.assignment == EVALUATION).nonzero()[0].tolist()
    ]


def outcome_counts(clips: Sequence[HeldOutClip]) -> list[tuple[Outcome, int]]:
    """Return how many clips are of each of the four outcomes."""
    return [(OUTCOMES[name], sum((c.truth, c.called) in OUTCOMES[name].calls for c in clips)) for name in SINGLE]


def with_stimuli(clips: Sequence[HeldOutClip]) -> list[tuple[HeldOutClip, Stimulus | None]]:
    """Return each clip with its stimulus, None where that was deleted since."""
    found = Stimulus.objects.in_bulk({clip.stimulus_id for clip in clips})
    return [(clip, found.get(clip.stimulus_id)) for clip in clips]
