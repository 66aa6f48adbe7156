"""Which stimuli of a set are meant: by facts, flags, tags and words in the name."""

import json
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast

from studyapp.models import ClipNote, Stimulus, StimulusSet, User

QUIET_DBFS = -60.0
# What the flags of a clip mean, as conditions of the database and as claims about a row: see flags_of.
CLIPPED = Q(clipped_fraction__gt=0)
SILENT = Q(level_dbfs__lt=QUIET_DBFS) | Q(leading_silence_s__gte=F("duration_s") / 2) | Q(
    longest_zero_run_s__gte=F("duration_s") / 2
)  # fmt: skip
IN_DOUBT = Q(label_in_doubt=True)
FLAGS = {"clipped": CLIPPED, "silent": SILENT, "in doubt": IN_DOUBT, "not in doubt": ~IN_DOUBT}
# A clip taken by these is known before it is heard: fakes have no source, and their bandwidth is often another.
TELLING = ("label", "generator", "source", "q", "bandwidth_from", "bandwidth_to")


@dataclass(frozen=True, kw_only=True)
class StimulusFilter:
    """What the clips have in common; an empty field asks for nothing. `q` is part of the name."""

    label: str = ""
    category: str = ""
    generator: str = ""
    source: str = ""
    tag: str = ""
    flag: str = ""
    q: str = ""  # bandwidths are in kHz, as the table shows them
    duration_from: float | None = None
    duration_to: float | None = None
    level_from: float | None = None
    level_to: float | None = None
    bandwidth_from: float | None = None
    bandwidth_to: float | None = None

    @property
    def asked(self) -> dict[str, Any]:
        """The fields that ask for something."""
        return {name: value for name, value in asdict(self).items() if value not in ("", None)}

    @property
    def words(self) -> str:
        """The filter in words, empty for all clips."""
        return ", ".join(f"{NAMES[name]} {value}" for name, value in self.asked.items())

    @property
    def tells_the_label(self) -> bool:
        return any(name in self.asked for name in TELLING)


NAMES = {
    "label": "label",
    "category": "category",
    "generator": "generator",
    "source": "source with",
    "tag": "tag",
    "flag": "flag",
    "q": "name with",
    "duration_from": "duration from",
    "duration_to": "duration to",
    "level_from": "level from",
    "level_to": "level to",
    "bandwidth_from": "bandwidth from, kHz,",
    "bandwidth_to": "bandwidth to, kHz,",
}


def filter_stimuli(stimulus_set: StimulusSet, chosen: StimulusFilter) -> QuerySet[Stimulus]:
    """Return the set's stimuli that the filter holds, in the set's order."""
    stimuli = Stimulus.objects.filter(memberships__stimulus_set=stimulus_set)
    asked = chosen.asked
    exact = {name: asked[name] for name in ("label", "category", "generator") if name in asked}
    ranges = {
        lookup: asked[name]
        for name, lookup in (
            ("duration_from", "duration_s__gte"),
            ("duration_to", "duration_s__lte"),
            ("level_from", "level_dbfs__gte"),
            ("level_to", "level_dbfs__lte"),
        )
        if name in asked
    }
    stimuli = stimuli.filter(**exact, **ranges)
    if chosen.bandwidth_from is not None:
        stimuli = stimuli.filter(bandwidth_hz__gte=1000 * chosen.bandwidth_from)
    if chosen.bandwidth_to is not None:
        stimuli = stimuli.filter(bandwidth_hz__lte=1000 * chosen.bandwidth_to)
    if chosen.source:
        stimuli = stimuli.filter(source_group__icontains=chosen.source)
    if chosen.q:
        stimuli = stimuli.filter(name__icontains=chosen.q)
    if chosen.flag:
        stimuli = stimuli.filter(FLAGS[chosen.flag])
    if chosen.tag:
        stimuli = stimuli.filter(Exists(_tagged(chosen.tag)))
    return stimuli.order_by("memberships__position", "pk")


def flags_of(stimulus: Stimulus) -> list[str]:
    """Return the flags of a clip, in words."""
    silent = stimulus.level_dbfs < QUIET_DBFS or (
        max(stimulus.leading_silence_s, stimulus.longest_zero_run_s) >= stimulus.duration_s / 2
    )
    claims = {"clipped": stimulus.clipped_fraction > 0, "silent": silent, "in doubt": stimulus.label_in_doubt}
    return [flag for flag, holds in claims.items() if holds]


def list_generators(stimulus_set: StimulusSet) -> list[str]:
    """Return the generators of the set's fakes, by name."""
    stimuli = Stimulus.objects.filter(memberships__stimulus_set=stimulus_set).exclude(generator="")
    return list(stimuli.order_by("generator").values_list("generator", flat=True).distinct())


def count_tags(stimulus_set: StimulusSet, *, author: User | None = None) -> list[tuple[str, int]]:
    """Return (tag, clips and experimenters that it stands at) of the set's notes, the most frequent first."""
    notes = ClipNote.objects.filter(stimulus__memberships__stimulus_set=stimulus_set).exclude(tags=[])
    if author is not None:
        notes = notes.filter(author=author)
    counted = Counter(tag for tags in notes.values_list("tags", flat=True) for tag in tags)
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))


def tags_of(stimuli: list[Stimulus]) -> dict[int, list[tuple[str, int]]]:
    """Return, by key of the stimulus, its tags and how many experimenters gave each. One query."""
    found: dict[int, Counter[str]] = {}
    for key, tags in ClipNote.objects.filter(stimulus__in=stimuli).order_by("pk").values_list("stimulus", "tags"):
        found.setdefault(key, Counter()).update(tags)
    return {key: list(counted.items()) for key, counted in found.items()}


def _tagged(tag: str) -> QuerySet[ClipNote]:
    """Return the notes of the outer stimulus with the tag. As text: SQLite cannot look into JSON lists.

    SQLite keeps letters beyond ASCII escaped, PostgreSQL as they are. No tag holds a quotation mark.
    """
    notes = ClipNote.objects.filter(stimulus=OuterRef("pk")).annotate(tags_text=Cast("tags", TextField()))
    return notes.filter(
        Q(tags_text__contains=json.dumps(tag)) | Q(tags_text__contains=json.dumps(tag, ensure_ascii=False))
    )
