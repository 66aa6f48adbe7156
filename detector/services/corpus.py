"""The clips of a set as a detector sees them: each sound once, in order of content hash."""

import hashlib
from dataclasses import dataclass

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

    @property
    def sha256(self) -> str:
        """SHA-256 (hex) over all that can decide a split: it changes when clips, labels or groups do."""
        return hashlib.sha256("\n".join(repr(fact) for fact in self.facts).encode()).hexdigest()


def read_corpus(stimulus_set: StimulusSet) -> Corpus:
    """Return the clips of a set. Raises BadTraining when one sound has both labels."""
    facts: list[ClipFacts] = []
    ids: list[int] = []
    for stimulus in Stimulus.objects.filter(memberships__stimulus_set=stimulus_set).order_by("sha256", "pk"):
        fact = _facts(stimulus)
        if facts and facts[-1].key == fact.key:
            if facts[-1].is_fake != fact.is_fake:
                raise BadTraining(f"The same sound is labelled real and fake: {stimulus.name}. Correct one of them.")
            continue
        facts.append(fact)
        ids.append(stimulus.pk)
    return Corpus(facts=facts, stimulus_ids=ids)


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
