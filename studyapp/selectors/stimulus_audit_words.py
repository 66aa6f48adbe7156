"""What an audit found, in words, each with what can be done about it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from studyapp.sound.contrast import MIN_CLIPS, Contrast, contrast
from studyapp.stats.multiple import holm
from studyapp.stats.telling_apart import Telling
from studyapp.vocab import Label

# Field -> what to do where it differs.
ADVICE = {
    "level_dbfs": "Align the levels at the launch (sound.align: rms).",
    "loudness_lufs": "Align the loudness at the launch (sound.align: lufs).",
    "peak_dbfs": "Align the levels at the launch (sound.align); where peaks differ after that, choose matched clips.",
    "bandwidth_hz": "Filter all clips to the narrower band before the import, or choose matched clips.",
    "duration_s": "Trim the clips to one duration before the import, or add matched controls.",
    "leading_silence_s": "Trim the silence at the start of all clips before the import.",
    "longest_zero_run_s": "Trim digital silence before the import; aligned copies are dithered, which fills zeros.",
    "dc_offset": "Take the mean off all clips before the import.",
    "clipped_fraction": "Leave clipped clips out, or choose matched clips; what is clipped cannot be mended.",
}
FORMAT_ADVICE = "What a format cut off stays cut off: export all clips in one format, and resample to the lowest rate."
ALPHA = 0.05
CATEGORY_SHARE = 0.75


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A measured fact: its field, name, unit, factor into that unit, digits, and what a larger value is called."""

    field: str
    name: str
    unit: str
    factor: float
    digits: int
    larger: str


def measure_warning(found: Contrast, measure: Measure) -> str:
    """Return a sentence and what to do, where the fact alone tells; else nothing."""
    if not found.is_telling:
        return ""
    return f"{_who(found, measure)} (chance: 50%). {ADVICE[measure.field]}"


def _who(found: Contrast, measure: Measure) -> str:
    above = found.fake_above or 0.0
    who, other = ("fake", "real") if above > 0.5 else ("real", "fake")
    return (
        f"{who.capitalize()} clips are {measure.larger}: in {max(above, 1 - above):.0%} of pairs of a {who} and a "
        f"{other} clip"
    )


def format_warnings(name: str, real: Counter[Any], fake: Counter[Any]) -> list[str]:
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
    return [f"The {name} differs: {parts}. Participants get one format for all. {FORMAT_ADVICE}"]


def category_warnings(
    clips: Iterable[tuple[str, str, Sequence[float | None]]], measures: Sequence[Measure]
) -> list[str]:
    """Return where a fact tells within one category, which can hide in the whole set.

    clips: label, category, and the value of each measure in its order. A category is compared where it has enough clips
    of both labels; Holm's correction is over all facts of all categories.
    """
    values: dict[tuple[str, int], dict[str, list[float]]] = {}
    for label, category, facts in clips:
        for place, value in enumerate(facts):
            if value is not None:
                of = values.setdefault((category, place), {Label.REAL: [], Label.FAKE: []})
                of[label].append(value)
    compared = {
        key: contrast(found[Label.REAL], found[Label.FAKE])
        for key, found in sorted(values.items())
        if min(len(found[Label.REAL]), len(found[Label.FAKE])) >= MIN_CLIPS
    }
    adjusted = holm([each.p_value for each in compared.values()])
    return [
        f"In {category.replace('_', ' ')}: {_who(found, measures[place])}. {ADVICE[measures[place].field]}"
        for ((category, place), found), p in zip(compared.items(), adjusted, strict=True)
        if p < ALPHA and abs((found.fake_above or 0.5) - 0.5) >= CATEGORY_SHARE - 0.5
    ]


def telling_words(found: Telling | None) -> str:
    """Return in words how well all facts together tell real from fake; nothing where it cannot be said."""
    if found is None:
        return ""
    said = (
        f"Without listening, from all these facts together, a machine ranks {found.auc:.0%} of pairs of a fake and a "
        f"real clip right (95% interval {found.low:.0%} to {found.high:.0%}; chance: 50%)."
    )
    if not found.is_telling:
        return said + " That is no better than chance: nothing here gives the answer away."
    if found.auc < 0.7:
        return said + " That is a little better than chance: see which facts differ."
    return said + " Listeners who answer well may do so by these facts alone: level them out, or match the clips."
