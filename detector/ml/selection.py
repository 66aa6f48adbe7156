"""Choose clips by what a detector says of them: its most confident errors, the paper's other buckets, and controls."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from studyapp.errors import InvalidAction


class BadSelection(InvalidAction):
    """Clips cannot be selected as asked."""


class Bucket(StrEnum):
    """Why a clip is selected. The order here is the order in which buckets take their clips."""

    INCORRECT_POSITIVE = "incorrect_positive"
    INCORRECT_NEGATIVE = "incorrect_negative"
    BARELY_CAUGHT = "barely_caught"
    SURELY_CAUGHT = "surely_caught"
    SURE_REALS = "sure_reals"
    CONTROL = "control"


ERRORS = (Bucket.INCORRECT_POSITIVE, Bucket.INCORRECT_NEGATIVE)
MEANINGS: Mapping[Bucket, str] = {
    Bucket.INCORRECT_POSITIVE: "recordings called fake, the highest score first",
    Bucket.INCORRECT_NEGATIVE: "fakes called real, the lowest score first",
    Bucket.BARELY_CAUGHT: "fakes with a score above .48, the lowest first",
    Bucket.SURELY_CAUGHT: "fakes called fake, the highest score first",
    Bucket.SURE_REALS: "recordings called real, the lowest score first",
    Bucket.CONTROL: "clips that the detector got right, each beside an error of the same label and category",
}
CHOICES = tuple(bucket for bucket in Bucket if bucket is not Bucket.CONTROL)  # a control comes with its error
BARELY_CAUGHT_ABOVE = 0.48
LOWEST_FIRST = (Bucket.INCORRECT_NEGATIVE, Bucket.BARELY_CAUGHT, Bucket.SURE_REALS)


@dataclass(frozen=True, kw_only=True)
class ScoredClip:
    """A clip that may be selected.

    fake_score: in [0, 1], higher is more fake.
    source: what the clip came from: the recording of a real clip, the generator of a fake; empty where not known.
    level_dbfs: RMS level, dB re full scale; None where it was not looked up.
    fold: number of the fold that held the clip out and gave the score.
    """

    stimulus_id: int
    is_fake: bool
    category: str
    fake_score: float
    source: str = ""
    level_dbfs: float | None = None
    fold: int = 0


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What to select.

    buckets: of CHOICES, each at most once.
    per_class: clips of a bucket in a category, at most.
    per_source: clips of one source in a category, at most, over all buckets and the controls; None for no cap. A clip
        of no known source counts as a source of its own.
    n_controls: controls for each selected error.
    threshold: `fake_score` at or above it means fake.
    barely_caught_above: scores above it are eligible for BARELY_CAUGHT. The released notebook has .48 while .5 means
        fake, so this bucket can hold a few fakes that were called real.

    Raises
    ------
    BadSelection
        For a number below its least value, no bucket, the bucket of controls, or controls without a bucket of errors.
    """

    buckets: tuple[Bucket, ...] = ERRORS
    per_class: int = 7
    per_source: int | None = None
    n_controls: int = 0
    threshold: float = 0.5
    barely_caught_above: float = BARELY_CAUGHT_ABOVE

    def __post_init__(self) -> None:
        if not self.buckets or Bucket.CONTROL in self.buckets:
            raise BadSelection(f"Choose one or more of the buckets {', '.join(CHOICES)}.")
        if self.per_class < 1:
            raise BadSelection(f"{self.per_class} clips per class: ask for at least 1")
        if self.per_source is not None and self.per_source < 1:
            raise BadSelection(f"{self.per_source} clips per source: ask for at least 1, or leave the cap out")
        if self.n_controls < 0:
            raise BadSelection(f"{self.n_controls} controls: ask for 0 or more")
        if self.n_controls and not set(ERRORS).intersection(self.buckets):
            raise BadSelection(f"Controls are matched to errors: choose {' or '.join(ERRORS)} too, or no controls.")


@dataclass(frozen=True, kw_only=True)
class Pick:
    """A selected clip and why.

    rank: within category and bucket; 1 is the first by the bucket's order (of controls: by that of their errors).
    control_of: of a control, the stimulus id of its error.
    level_difference_db: of a control, its level minus that of its error, dB.
    """

    clip: ScoredClip
    bucket: Bucket
    rank: int
    control_of: int | None = None
    level_difference_db: float | None = None


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What a rule selected.

    picks: by category, then bucket, then rank; no clip twice.
    n_found: for each bucket of the rule, the clips that belong to it before any cap.
    n_controls_missing: controls that were asked for and could not be found.
    """

    picks: list[Pick]
    n_found: dict[Bucket, int]
    n_controls_missing: int

    def n_taken(self, bucket: Bucket) -> int:
        """Return how many clips of the bucket were selected."""
        return sum(pick.bucket is bucket for pick in self.picks)


@dataclass(kw_only=True)
class _Basket:
    """What was taken of a category, and of each of its sources."""

    per_source: int | None
    ids: set[int] = field(default_factory=set)
    sources: Counter[tuple[bool, str]] = field(default_factory=Counter)

    def takes(self, clip: ScoredClip) -> bool:
        if clip.stimulus_id in self.ids:
            return False
        if self.per_source is None or not clip.source:
            return True
        return self.sources[clip.is_fake, clip.source] < self.per_source

    def add(self, clip: ScoredClip) -> None:
        self.ids.add(clip.stimulus_id)
        self.sources[clip.is_fake, clip.source] += 1


def select(clips: Sequence[ScoredClip], rule: Rule) -> Choice:
    """Return the clips that the rule selects, whatever order they come in.

    Each category is filled by itself: its buckets in the order of `Bucket`, each from its most telling clip on, then
    the controls. A clip that a bucket took is gone for the next one. Equal scores are ordered by stimulus id.

    Raises
    ------
    BadSelection
        Where controls are wanted and a clip has no level.

    Notes
    -----
    The buckets are those of the released notebook (`select_sounds` of audioFoleyDeepFake 82e84b2), with caught and sure
    held to the threshold. Controls go round: every error of the category takes its first control, in the order in
    which the errors were taken, before any takes its second. A control is the free clip of the same label, called
    right, whose level is nearest; then the lower stimulus id. There is no chance in it.

    Examples
    --------
    >>> clip = ScoredClip(stimulus_id=1, is_fake=True, category="rain", fake_score=0.1)
    >>> select([clip], Rule()).picks[0].bucket.value
    'incorrect_negative'
    """
    if rule.n_controls and any(clip.level_dbfs is None for clip in clips):
        raise BadSelection("Controls are matched by level, and some clips have none.")
    buckets = [bucket for bucket in CHOICES if bucket in rule.buckets]
    picks: list[Pick] = []
    for category in sorted({clip.category for clip in clips}):
        here = [clip for clip in clips if clip.category == category]
        basket = _Basket(per_source=rule.per_source)
        taken = [pick for bucket in buckets for pick in _fill(here, bucket, rule, basket)]
        picks += taken + _controls(here, [pick for pick in taken if pick.bucket in ERRORS], rule, basket)
    n_errors = sum(pick.bucket in ERRORS for pick in picks)
    n_controls = sum(pick.bucket is Bucket.CONTROL for pick in picks)
    return Choice(
        picks=picks,
        n_found={bucket: sum(_belongs(clip, bucket, rule) for clip in clips) for bucket in buckets},
        n_controls_missing=n_errors * rule.n_controls - n_controls,
    )


def _belongs(clip: ScoredClip, bucket: Bucket, rule: Rule) -> bool:
    called_fake = clip.fake_score >= rule.threshold
    if bucket is Bucket.BARELY_CAUGHT:
        return clip.is_fake and clip.fake_score > rule.barely_caught_above
    if bucket is Bucket.INCORRECT_POSITIVE:
        return called_fake and not clip.is_fake
    if bucket is Bucket.INCORRECT_NEGATIVE:
        return clip.is_fake and not called_fake
    if bucket is Bucket.SURELY_CAUGHT:
        return clip.is_fake and called_fake
    return not clip.is_fake and not called_fake


def _fill(here: Sequence[ScoredClip], bucket: Bucket, rule: Rule, basket: _Basket) -> list[Pick]:
    sign = 1 if bucket in LOWEST_FIRST else -1
    eligible = [clip for clip in here if _belongs(clip, bucket, rule)]
    eligible.sort(key=lambda clip: (sign * clip.fake_score, clip.stimulus_id))
    picks: list[Pick] = []
    for clip in eligible:
        if len(picks) == rule.per_class:
            break
        if basket.takes(clip):
            basket.add(clip)
            picks.append(Pick(clip=clip, bucket=bucket, rank=len(picks) + 1))
    return picks


def _controls(here: Sequence[ScoredClip], errors: Sequence[Pick], rule: Rule, basket: _Basket) -> list[Pick]:
    correct = [clip for clip in here if (clip.fake_score >= rule.threshold) == clip.is_fake]
    found: list[tuple[int, ScoredClip, float]] = []  # place of the error, control, difference of level
    for _ in range(rule.n_controls):
        for place, error in enumerate(errors):
            differences = [
                (_level(clip) - _level(error.clip), clip)
                for clip in correct
                if clip.is_fake == error.clip.is_fake and basket.takes(clip)
            ]
            if differences:
                difference, control = min(differences, key=lambda each: (abs(each[0]), each[1].stimulus_id))
                basket.add(control)
                found.append((place, control, difference))
    found.sort(key=lambda each: each[0])  # stable: an error's controls stay in the order in which it took them
    return [
        Pick(
            clip=control,
            bucket=Bucket.CONTROL,
            rank=rank,
            control_of=errors[place].clip.stimulus_id,
            level_difference_db=difference,
        )
        for rank, (place, control, difference) in enumerate(found, start=1)
    ]


def _level(clip: ScoredClip) -> float:
    if clip.level_dbfs is None:
        raise BadSelection(f"Clip {clip.stimulus_id} has no level, which controls are matched by.")
    return clip.level_dbfs
