"""Bring the sets, sounds and machines of a bundle here: what is here already and the same is used, else added.

Nothing that is here is ever changed: a set or a machine that differs gets a free name, which the report tells.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import models

from studyapp.models import Machine, MachineScore, SetMember, Stimulus, StimulusSet, User
from studyapp.selectors.stimulus_sets import list_sets
from studyapp.services.bundle_check import CheckedRows
from studyapp.services.bundle_keys import Keys
from studyapp.services.bundle_rows import TAKEN
from studyapp.services.stimulus_set_create import RESERVED

FACTS = tuple(name for name in TAKEN[Stimulus] if name not in ("home_set", "created_at"))
SHOWN = ("title", "caution", "is_stand_in")  # what an analysis says of a set
MACHINE_FACTS = ("title", "description", "threshold", "provenance")
SCORE_FACTS = ("fake_score", "decision", "split")


@dataclass(kw_only=True)
class _Set:
    """A set of the bundle, and the one of its name here. `same`: number in the bundle -> key here of own sounds."""

    row: Any
    there: StimulusSet | None
    own: dict[int, Any] = field(default_factory=dict)
    members: list[Any] = field(default_factory=list)
    same: dict[int, int] = field(default_factory=dict)


def import_sets(*, checked: CheckedRows, keys: Keys, owner: User | None, said: list[str]) -> dict[str, str]:
    """Bring sets and sounds here; return the name here of each set of the bundle. What differs is `said`."""
    sets = _read_sets(checked, owner)
    reused = _reusable(sets, presented=_presented(checked))
    names: dict[str, str] = {}
    new: list[tuple[int, models.Model]] = []
    for each in sets.values():
        slug = each.row.slug
        if each.row.id in reused and each.there is not None:
            keys.know(StimulusSet, each.row.id, each.there.pk)
            for number, key in each.same.items():
                keys.know(Stimulus, number, key)
            said.append(f"The set {slug} is here already with the same sounds; it is used as it is.")
        else:
            slug = _free_name(StimulusSet, each.row.slug, names.values())
            if slug != each.row.slug:
                said.append(f"There is another set named {each.row.slug} here; the bundle's is imported as {slug}.")
            new.append((each.row.id, _set(checked, keys, each, slug, owner)))
        names[each.row.slug] = slug
    keys.insert(StimulusSet, new)
    keys.insert(Stimulus, _stimuli(checked, keys))
    keys.insert(SetMember, _members(checked, keys, reused))
    return names


def _read_sets(checked: CheckedRows, owner: User | None) -> dict[int, _Set]:
    visible = list_sets(owner) if owner else StimulusSet.objects.all()
    sets = {row.id: _Set(row=row, there=visible.filter(slug=row.slug).first()) for _, row in checked.rows(StimulusSet)}
    for _, row in checked.rows(Stimulus):
        if row.home_set in sets:  # else refused with its line when it is inserted
            sets[row.home_set].own[row.id] = row
    for _, row in checked.rows(SetMember):
        if row.stimulus_set in sets:
            sets[row.stimulus_set].members.append(row)
    return sets


def _presented(checked: CheckedRows) -> set[Any]:
    """Return number or name of the sets that the study presents: of these the bundle holds every member."""
    return {checked.study.stimulus_set, practice_set(checked.study.config)}


def practice_set(config: dict[str, Any]) -> str | None:
    """Return the name of the practice set in a configuration as given; None without one."""
    name: str | None = (config.get("practice") or {}).get("stimulus_set")
    return name


def _reusable(sets: dict[int, _Set], *, presented: set[Any]) -> set[int]:
    """Return the numbers of the sets that are here with the same facts and the same sounds in the same order."""
    left = {number for number, each in sets.items() if _is_alike(each)}
    while True:
        same = {number: key for each in left for number, key in sets[each].same.items()}
        dropped = {
            number
            for number in left
            if presented & {number, sets[number].row.slug} and not _has_same_members(sets[number], same)
        }
        if not dropped:
            return left
        left -= dropped


def _is_alike(each: _Set) -> bool:
    """Whether the set of that name here says the same of itself and holds each of the set's own sounds."""
    there = each.there
    if there is None or any(getattr(there, name) != getattr(each.row, name) for name in SHOWN):
        return False
    here = {facts: key for key, *values in there.own_stimuli.values_list("pk", *FACTS) for facts in [tuple(values)]}
    for number, row in each.own.items():
        key = here.get(tuple(getattr(row, name) for name in FACTS))
        if key is None:
            return False
        each.same[number] = key
    return True


def _has_same_members(each: _Set, same: dict[int, int]) -> bool:
    wanted = [same.get(row.stimulus) for row in sorted(each.members, key=lambda row: (row.position, row.id))]
    there: Any = each.there
    return wanted == list(there.members.order_by("position", "pk").values_list("stimulus_id", flat=True))


def _set(checked: CheckedRows, keys: Keys, each: _Set, slug: str, owner: User | None) -> StimulusSet:
    """Return the set to be inserted. What made it elsewhere is told, not taken for something that is here."""
    was = each.row.provenance
    kind = "import" if was.get("kind", "import") == "import" else "bundle"
    origin = {"kind": kind, "layout": "bundle", "source": checked.study.slug, "was": was.get("was", was)}
    values = keys.columns(StimulusSet, each.row, "")
    return StimulusSet(**{**values, "slug": slug, "owner": owner, "provenance": origin})


def _stimuli(checked: CheckedRows, keys: Keys) -> Iterator[tuple[int, models.Model]]:
    for place, row in checked.rows(Stimulus):
        if not keys.knows(Stimulus, row.id):
            path = checked.sounds.original(row, place)
            yield row.id, Stimulus(**keys.columns(Stimulus, row, place), audio_path=path)


def _members(checked: CheckedRows, keys: Keys, reused: set[int]) -> Iterator[tuple[int, models.Model]]:
    for place, row in checked.rows(SetMember):
        if row.stimulus_set not in reused:
            yield row.id, SetMember(**keys.columns(SetMember, row, place))


def import_machines(*, checked: CheckedRows, keys: Keys, said: list[str]) -> None:
    """Bring machines and their scores here; one that said exactly the same here is used as it is."""
    scores: dict[int, list[tuple[str, Any]]] = {}
    for place, row in checked.rows(MachineScore):
        scores.setdefault(row.machine, []).append((place, row))
    new: list[tuple[int, models.Model]] = []
    names: list[str] = []
    reused = set()
    for place, row in checked.rows(Machine):
        there = Machine.objects.filter(slug=row.slug).first()
        if there is not None and _said_the_same(there, row, scores.get(row.id, []), keys):
            keys.know(Machine, row.id, there.pk)
            reused.add(row.id)
            continue
        slug = _free_name(Machine, row.slug, names)
        if slug != row.slug:
            said.append(f"There is another detector named {row.slug} here; the bundle's is imported as {slug}.")
        names.append(slug)
        new.append((row.id, Machine(**{**keys.columns(Machine, row, place), "slug": slug})))
    keys.insert(Machine, new)
    keys.insert(
        MachineScore,
        (
            (row.id, MachineScore(**keys.columns(MachineScore, row, place)))
            for place, row in checked.rows(MachineScore)
            if row.machine not in reused
        ),
    )


def _said_the_same(there: Machine, row: Any, scores: list[tuple[str, Any]], keys: Keys) -> bool:
    if any(getattr(there, name) != getattr(row, name) for name in MACHINE_FACTS):
        return False
    here = {key: tuple(said) for key, *said in there.scores.values_list("stimulus_id", *SCORE_FACTS)}
    return all(
        here.get(keys.of(Stimulus, each.stimulus, f"{place}: stimulus"))
        == tuple(getattr(each, name) for name in SCORE_FACTS)
        for place, each in scores
    )


def _free_name(model: type[Any], slug: str, taken: Any) -> str:
    """Return the name, or the first of name-2, name-3, ... that nothing here has."""
    base = slug[:70]
    used = {*model.objects.filter(slug__startswith=base).values_list("slug", flat=True), *taken, *RESERVED}
    return next(name for name in [slug, *(f"{base}-{n}" for n in range(2, len(used) + 3))] if name not in used)
