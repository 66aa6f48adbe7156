"""Find the clips that a new set may be built of: by what they are, what was measured, heard and said of them."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet

from studyapp.models import ClipNote, Machine, SetMember, Stimulus, StimulusSet, User
from studyapp.selectors.stimulus_sets import list_sets

# Name in the filter -> lookup of the stimulus.
LOOKUPS = {
    "label": "label",
    "category": "category",
    "generator": "generator",
    "name": "name__icontains",
    "duration_from": "duration_s__gte",
    "duration_to": "duration_s__lte",
    "level_from": "level_dbfs__gte",
    "level_to": "level_dbfs__lte",
}


def candidates(sets: Iterable[StimulusSet], given: dict[str, Any]) -> QuerySet[Stimulus]:
    """Return the clips of the sets that the filter holds, each once, by category, label and name."""
    held = SetMember.objects.filter(stimulus_set__in=list(sets)).values("stimulus_id")
    found = Stimulus.objects.filter(pk__in=held)
    found = found.filter(**{LOOKUPS[name]: value for name, value in given.items() if name in LOOKUPS and value != ""})
    if given.get("without_doubt"):
        found = found.filter(label_in_doubt=False)
    if given.get("tag"):
        found = found.filter(pk__in=_tagged(given["tag"]))
    if given.get("machine"):
        found = found.filter(**_judged(given))
    return found.order_by("category", "label", "name", "pk")


def _judged(given: dict[str, Any]) -> dict[str, Any]:
    """Return one filter of all that is asked of the machine, so that it is asked of one and the same score."""
    lookups: dict[str, Any] = {"machine_scores__machine__slug": given["machine"]}
    for name, lookup in (("score_from", "gte"), ("score_to", "lte")):
        if given.get(name) is not None:
            lookups[f"machine_scores__fake_score__{lookup}"] = given[name]
    return lookups


def _tagged(tag: str) -> list[int]:
    """Return the clips that any experimenter gave the tag; SQLite cannot look into a JSON list."""
    notes = ClipNote.objects.exclude(tags=[]).values_list("stimulus_id", "tags")
    return [stimulus for stimulus, tags in notes if tag in tags]


def choices_in(sets: Sequence[StimulusSet]) -> dict[str, list[str]]:
    """Return what can be chosen of the clips of the sets: category, generator, tag, machine (names). Four queries."""
    held = SetMember.objects.filter(stimulus_set__in=sets).values("stimulus_id")
    clips = Stimulus.objects.filter(pk__in=held).order_by()
    notes = ClipNote.objects.filter(stimulus__in=held).exclude(tags=[]).values_list("tags", flat=True)
    return {
        "category": sorted(clips.values_list("category", flat=True).distinct()),
        "generator": sorted(clips.exclude(generator="").values_list("generator", flat=True).distinct()),
        "tag": sorted({tag for tags in notes for tag in tags}),
        "machine": list(
            Machine.objects.filter(scores__stimulus__in=held).distinct().order_by("slug").values_list("slug", flat=True)
        ),
    }


def set_names(sets: Sequence[StimulusSet], stimuli: Sequence[Stimulus]) -> dict[int, str]:
    """Return for each of the clips one of the sets that holds it: its sound is served under that set's name."""
    members = SetMember.objects.filter(stimulus_set__in=sets, stimulus__in=stimuli)
    return dict(members.values_list("stimulus_id", "stimulus_set__slug"))


def built_sets(user: User) -> QuerySet[StimulusSet]:
    """Return the sets built here that the user may add to."""
    mine = list_sets(user).filter(provenance__kind="built")
    return mine if user.is_staff else mine.filter(owner=user)
