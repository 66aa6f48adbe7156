"""Compare real and fake clips of a set in everything but what they are: could they be told apart without listening?"""

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from studyapp.models import Stimulus, StimulusSet
from studyapp.selectors.stimulus_audit_words import (
    Measure,
    category_warnings,
    format_warnings,
    measure_warning,
    telling_words,
)
from studyapp.selectors.stimulus_distributions import Distribution, distribution
from studyapp.sound.contrast import MIN_CLIPS, Contrast, contrast
from studyapp.stats.telling_apart import Telling, telling_apart
from studyapp.vocab import Label

MEASURES = tuple(
    Measure(field=field, name=name, unit=unit, factor=factor, digits=digits, larger=larger)
    for field, name, unit, factor, digits, larger in (
        ("level_dbfs", "level", "dBFS", 1.0, 1, "louder"),
        ("loudness_lufs", "loudness", "LUFS", 1.0, 1, "louder in LUFS"),
        ("peak_dbfs", "peak", "dBFS", 1.0, 1, "higher in peak"),
        ("bandwidth_hz", "bandwidth", "kHz", 0.001, 2, "wider in bandwidth"),
        ("duration_s", "duration", "s", 1.0, 2, "longer"),
        ("leading_silence_s", "silence at the start", "ms", 1000.0, 1, "later in onset"),
        ("longest_zero_run_s", "longest run of zeros", "ms", 1000.0, 1, "longer in their runs of exact zeros"),
        ("dc_offset", "DC offset", "‰ of full scale", 1000.0, 2, "higher in DC offset"),
        ("clipped_fraction", "clipped samples", "%", 100.0, 3, "more often clipped"),
    )
)
PLOTTED = ("level_dbfs", "bandwidth_hz", "duration_s")
FORMATS = (
    ("sample_rate_hz", "sampling rate"),
    ("n_channels", "number of channels"),
    ("container", "file format"),
    ("subtype", "sample encoding"),
)


@dataclass(frozen=True, kw_only=True)
class MeasureRow:
    """One measured fact in real and fake clips, in the unit shown."""

    name: str
    unit: str
    digits: int
    contrast: Contrast


@dataclass(frozen=True, kw_only=True)
class StimulusAudit:
    """What is in a set, and in what real and fake clips differ."""

    measures: list[MeasureRow]
    distributions: list[Distribution]
    categories: list[str]
    warnings: list[str]
    category_warnings: list[str]
    together: str
    n_real: int
    n_fake: int

    @property
    def is_comparable(self) -> bool:
        """Whether there are enough clips of both labels to call a difference one."""
        return min(self.n_real, self.n_fake) >= MIN_CLIPS


def audit_set(stimulus_set: StimulusSet) -> StimulusAudit:
    """Return the comparison of the set's real and fake clips, from the facts measured at import."""
    fields = [measure.field for measure in MEASURES] + [field for field, _ in FORMATS]
    rows = list(
        Stimulus.objects.filter(memberships__stimulus_set=stimulus_set).values_list("label", "category", *fields)
    )
    real = [row for row in rows if row[0] == Label.REAL]
    fake = [row for row in rows if row[0] == Label.FAKE]
    measures = [
        MeasureRow(
            name=measure.name,
            unit=measure.unit,
            digits=measure.digits,
            contrast=contrast(_values(real, index, measure), _values(fake, index, measure)),
        )
        for index, measure in enumerate(MEASURES, start=2)
    ]
    warnings = [
        sentence
        for row, measure in zip(measures, MEASURES, strict=True)
        if (sentence := measure_warning(row.contrast, measure))
    ]
    for index, (_, name) in enumerate(FORMATS, start=2 + len(MEASURES)):
        warnings += format_warnings(name, Counter(row[index] for row in real), Counter(row[index] for row in fake))
    return StimulusAudit(
        measures=measures,
        distributions=_distributions(rows),
        categories=sorted({row[1] for row in rows}),
        warnings=warnings,
        category_warnings=category_warnings(((row[0], row[1], row[2 : 2 + len(MEASURES)]) for row in rows), MEASURES),
        together=telling_words(_together(rows)),
        n_real=len(real),
        n_fake=len(fake),
    )


def _values(rows: list[tuple[Any, ...]], index: int, measure: Measure) -> list[float]:
    return [row[index] * measure.factor for row in rows if row[index] is not None]


def _together(rows: list[tuple[Any, ...]]) -> Telling | None:
    """Return how well all facts tell real from fake; a clip without a loudness counts with its level."""
    level, loudness = (2 + [each.field for each in MEASURES].index(name) for name in ("level_dbfs", "loudness_lufs"))
    n_numbers = 2 + len(MEASURES) + 2  # the sampling rate and the channels are numbers too
    numbers = [
        [
            value if index + 2 != loudness or value is not None else row[level]
            for index, value in enumerate(row[2:n_numbers])
        ]
        for row in rows
    ]
    formats = [row[n_numbers:] for row in rows]
    kinds = sorted({(place, value) for each in formats for place, value in enumerate(each)})
    dummies = [[float(each[place] == value) for place, value in kinds] for each in formats]
    facts = np.array([[*a, *b] for a, b in zip(numbers, dummies, strict=True)], dtype=float)
    fake = np.array([row[0] == Label.FAKE for row in rows])
    return _telling(facts.tobytes(), fake.tobytes()) if len(rows) else None


@lru_cache(maxsize=16)
def _telling(facts: bytes, fake: bytes) -> Telling | None:
    """Return the regression's answer, kept for the content of the last sets looked at."""
    positive = np.frombuffer(fake, dtype=np.bool_)
    return telling_apart(np.frombuffer(facts).reshape(len(positive), -1), positive)


def _distributions(rows: list[tuple[Any, ...]]) -> list[Distribution]:
    if not rows:
        return []
    places = {measure.field: place for place, measure in enumerate(MEASURES)}
    found = []
    for field in PLOTTED:
        measure = MEASURES[places[field]]
        clips = [(row[0], row[1], row[2 + places[field]] * measure.factor) for row in rows]
        found.append(distribution(clips, key=field, name=measure.name, unit=measure.unit, digits=measure.digits))
    return found
