"""Compare real and fake clips of a set in everything but what they are: could they be told apart without listening?"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from studyapp.models import Stimulus, StimulusSet
from studyapp.selectors.stimulus_distributions import Distribution, distribution
from studyapp.sound.contrast import MIN_CLIPS, Contrast, contrast
from studyapp.vocab import Label

# Field, name on the page, unit, factor into that unit, digits, and what a larger value is called.
MEASURES: tuple[tuple[str, str, str, float, int, str], ...] = (
    ("level_dbfs", "level", "dBFS", 1.0, 1, "louder"),
    ("peak_dbfs", "peak", "dBFS", 1.0, 1, "higher in peak"),
    ("bandwidth_hz", "bandwidth", "kHz", 0.001, 2, "wider in bandwidth"),
    ("duration_s", "duration", "s", 1.0, 2, "longer"),
    ("leading_silence_s", "silence at the start", "ms", 1000.0, 1, "later in onset"),
    ("longest_zero_run_s", "longest run of zeros", "ms", 1000.0, 1, "longer in their runs of exact zeros"),
    ("dc_offset", "DC offset", "‰ of full scale", 1000.0, 2, "higher in DC offset"),
    ("clipped_fraction", "clipped samples", "%", 100.0, 3, "more often clipped"),
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
    n_real: int
    n_fake: int

    @property
    def is_comparable(self) -> bool:
        """Whether there are enough clips of both labels to call a difference one."""
        return min(self.n_real, self.n_fake) >= MIN_CLIPS


def audit_set(stimulus_set: StimulusSet) -> StimulusAudit:
    """Return the comparison of the set's real and fake clips, from the facts measured at import."""
    fields = [field for field, *_ in MEASURES] + [field for field, _ in FORMATS]
    rows = list(
        Stimulus.objects.filter(memberships__stimulus_set=stimulus_set).values_list("label", "category", *fields)
    )
    real = [row for row in rows if row[0] == Label.REAL]
    fake = [row for row in rows if row[0] == Label.FAKE]
    measures = [
        MeasureRow(
            name=name,
            unit=unit,
            digits=digits,
            contrast=contrast([row[index] * factor for row in real], [row[index] * factor for row in fake]),
        )
        for index, (_, name, unit, factor, digits, _) in enumerate(MEASURES, start=2)
    ]
    warnings = [
        sentence
        for row, (*_, larger) in zip(measures, MEASURES, strict=True)
        if (sentence := _measure_warning(row.contrast, larger))
    ]
    for index, (_, name) in enumerate(FORMATS, start=2 + len(MEASURES)):
        warnings += _format_warning(name, Counter(row[index] for row in real), Counter(row[index] for row in fake))
    return StimulusAudit(
        measures=measures,
        distributions=_distributions(rows),
        categories=sorted({row[1] for row in rows}),
        warnings=warnings,
        n_real=len(real),
        n_fake=len(fake),
    )


def _measure_warning(found: Contrast, larger: str) -> str:
    if not found.is_telling or found.fake_above is None:
        return ""
    fakes_lead = found.fake_above > 0.5
    share = max(found.fake_above, 1 - found.fake_above)
    who, other = ("fake", "real") if fakes_lead else ("real", "fake")
    return (
        f"{who.capitalize()} clips are {larger}: in {share:.0%} of pairs of a {who} and a {other} clip (chance: 50%)."
    )


def _format_warning(name: str, real: Counter[Any], fake: Counter[Any]) -> list[str]:
    """Return a warning when a value of the file format is commoner in one label by a fifth of its clips or more."""
    n_real, n_fake = real.total(), fake.total()
    if min(n_real, n_fake) < MIN_CLIPS:
        return []
    differing = [value for value in sorted(real | fake) if abs(real[value] / n_real - fake[value] / n_fake) >= 0.2]
    if not differing:
        return []
    parts = ", ".join(
        f"{value} in {real[value]} of {n_real} real and {fake[value]} of {n_fake} fake" for value in differing
    )
    return [
        f"The {name} differs: {parts}. Participants get one format for all, but what a format cut off stays cut off."
    ]


def _distributions(rows: list[tuple[Any, ...]]) -> list[Distribution]:
    if not rows:
        return []
    places = {field: place for place, (field, *_) in enumerate(MEASURES)}
    found = []
    for field in PLOTTED:
        _, name, unit, factor, digits, _ = MEASURES[places[field]]
        clips = ((row[0], row[1], row[2 + places[field]] * factor) for row in rows)
        found.append(distribution(clips, key=field, name=name, unit=unit, digits=digits))
    return found
