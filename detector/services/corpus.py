"""The clips of a set as a detector sees them: each sound once, in order of content hash."""

import hashlib
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from detector.ml.config import BadTraining
from detector.ml.splits import ClipFacts
from studyapp.models import Stimulus, StimulusSet
from studyapp.vocab import Label


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """Different sounds of a set; every list has the same order."""

    facts: list[ClipFacts]
    stimulus_ids: list[int]

    @property
    def shas(self) -> list[str]:
        return [fact.key for fact in self.facts]

    @property
    def is_fake(self) -> NDArray[np.bool_]:
        return np.array([fact.is_fake for fact in self.facts], dtype=bool)

    def relabelled(self, is_fake: NDArray[np.bool_]) -> "Corpus":
        """Return the same clips under other labels (n_clips,)."""
        facts = [replace(fact, is_fake=fake) for fact, fake in zip(self.facts, is_fake.tolist(), strict=True)]
        return replace(self, facts=facts)

    @property
    def sha256(self) -> str:
        """SHA-256 (hex) over all that can decide a split: it changes when clips, labels or groups do."""
        return hashlib.sha256("\n".join(repr(fact) for fact in self.facts).encode()).hexdigest()


def clips_by_content(stimulus_set: StimulusSet) -> dict[str, list[Stimulus]]:
    """Return content hash -> the set's stimuli with that sound, at least one; sorted by hash, then key."""
    clips: dict[str, list[Stimulus]] = {}
    for stimulus in Stimulus.objects.filter(memberships__stimulus_set=stimulus_set).order_by("sha256", "pk"):
        clips.setdefault(stimulus.sha256, []).append(stimulus)
    return clips


def read_corpus(stimulus_set: StimulusSet) -> Corpus:
    """Return the clips of a set. Raises BadTraining when one sound has both labels."""
    clips = clips_by_content(stimulus_set)
    for first, *others in clips.values():
        for other in others:
            if other.label != first.label:
                raise BadTraining(f"The same sound is labelled real and fake: {other.name}. Correct one of them.")
    chosen = [first for first, *_ in clips.values()]
    return Corpus(facts=[_facts(stimulus) for stimulus in chosen], stimulus_ids=[stimulus.pk for stimulus in chosen])


def _facts(stimulus: Stimulus) -> ClipFacts:
    return ClipFacts(
        key=stimulus.sha256,
        is_fake=stimulus.label == Label.FAKE.value,
        category=stimulus.category,
        generator=stimulus.generator,
        team=stimulus.team,
        track=stimulus.track,
        source_group=stimulus.source_group,
        original_split=stimulus.original_split,
    )
