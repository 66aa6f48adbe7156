"""Build a stimulus set of clips from others, step by step; the set says how."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from studyapp.errors import InvalidAction
from studyapp.models import SetMember, Stimulus, StimulusSet, User
from studyapp.selectors.stimulus_sets import may_change_set
from studyapp.services.audit import record_audit

BUILT = "built"


@dataclass(frozen=True, kw_only=True)
class Built:
    """A set after a step. n_same: clips left out because the set holds the same sound."""

    stimulus_set: StimulusSet
    n_added: int
    n_same: int


def add_clips(
    *,
    user: User,
    into: str,
    title: str = "",
    stimuli: Sequence[int],
    sources: Sequence[StimulusSet],
    step: dict[str, Any],
    details: Mapping[int, dict[str, Any]] | None = None,
) -> Built:
    """Add clips of the sources to the set of that name, made when it is new; a sound that it holds is left out.

    `step` says how they were chosen and is kept in the set's provenance, `details` why each is there.

    Raises InvalidAction without clips, for a wrong name, for a set that was not built here or is somebody else's, and
    where synthetic stand-ins would mix with real clips.
    """
    if not stimuli:
        raise InvalidAction("No clip is chosen, so there is nothing to add. Tick clips, or change the filter.")
    if len({source.is_stand_in for source in sources}) != 1:
        raise InvalidAction("Synthetic stand-ins never mix with real clips. Choose sets of one kind.")
    try:
        with transaction.atomic():
            built = _add(_ready(user, into, title, sources), stimuli, sources, step, details or {})
            record_audit(
                actor=user,
                action="build_set",
                object_type="stimulus_set",
                object_id=into,
                detail={"how": step["how"], "n_added": built.n_added, "n_same": built.n_same},
            )
    except IntegrityError:
        raise InvalidAction("Somebody else changed this set at the same time. Try again.") from None
    return built


def _ready(user: User, into: str, title: str, sources: Sequence[StimulusSet]) -> StimulusSet:
    found = StimulusSet.objects.select_for_update().filter(slug=into).first()
    if found is None:
        if not re.fullmatch(r"[-a-zA-Z0-9_]{1,80}", into):
            raise InvalidAction(f"The name {into!r} must be 1 to 80 letters, digits, hyphens or underscores.")
        return StimulusSet.objects.create(
            slug=into,
            title=title,
            owner=user,
            is_stand_in=sources[0].is_stand_in,
            provenance={"kind": BUILT, "steps": []},
        )
    if found.provenance.get("kind") != BUILT or not may_change_set(user, found):
        # The same words for both, so that nobody learns of somebody else's set more than that the name is taken.
        raise InvalidAction(f"The name {into} is taken by a set that you cannot add to. Choose another name.")
    if found.is_stand_in != sources[0].is_stand_in:
        raise InvalidAction("Synthetic stand-ins never mix with real clips. Build another set of them.")
    return found


def _add(
    built: StimulusSet,
    stimuli: Sequence[int],
    sources: Sequence[StimulusSet],
    step: dict[str, Any],
    details: Mapping[int, dict[str, Any]],
) -> Built:
    held = set(built.members.values_list("stimulus__sha256", flat=True))
    hashes = dict(Stimulus.objects.filter(pk__in=stimuli).values_list("pk", "sha256"))
    new: list[int] = []
    for key in stimuli:
        if key in hashes and hashes[key] not in held:
            held.add(hashes[key])
            new.append(key)
    # Not how many there are: clips may have been taken out, and two would share a place.
    last = built.members.aggregate(last=Max("position"))["last"]
    position = 0 if last is None else last + 1
    SetMember.objects.bulk_create(
        SetMember(stimulus_set=built, stimulus_id=key, position=position + index, detail=details.get(key, {}))
        for index, key in enumerate(new)
    )
    n_same = len(stimuli) - len(new)
    kept = {
        **step,
        "sets": [source.slug for source in sources],
        "n_added": len(new),
        "n_same": n_same,
        "at": timezone.now().isoformat(),
    }
    built.provenance = {**built.provenance, "steps": [*built.provenance.get("steps", []), kept]}
    built.caution = "\n".join(dict.fromkeys([*built.caution.splitlines(), *_inherited(built, sources)]))
    built.save(update_fields=["provenance", "caution"])
    return Built(stimulus_set=built, n_added=len(new), n_same=n_same)


def _inherited(built: StimulusSet, sources: Sequence[StimulusSet]) -> list[str]:
    """Return the sources' cautions, line by line, as words about the source: it counts other clips."""
    return [
        f"Of the set {source.slug}, from which clips are: {line}"
        for source in sources
        for line in source.caution.splitlines()
        if line and source.pk != built.pk
    ]


def remove_clips(*, user: User, stimulus_set: StimulusSet, stimuli: Sequence[int]) -> int:
    """Take clips out of a set that was built here; return how many. The sounds stay in the sets they came from.

    Raises InvalidAction for another set, or without clips.
    """
    with transaction.atomic():
        locked = StimulusSet.objects.select_for_update().get(pk=stimulus_set.pk)
        if locked.provenance.get("kind") != BUILT or not may_change_set(user, locked):
            raise InvalidAction("Clips can only be taken out of a set that you built of others.")
        n, _ = locked.members.filter(stimulus__in=stimuli).delete()
        if not n:
            raise InvalidAction("No clip of this set is chosen, so there is nothing to take out.")
        step = {"how": "removed", "n_removed": n, "at": timezone.now().isoformat()}
        locked.provenance = {**locked.provenance, "steps": [*locked.provenance.get("steps", []), step]}
        locked.save(update_fields=["provenance"])
        record_audit(
            actor=user,
            action="remove_clips",
            object_type="stimulus_set",
            object_id=locked.slug,
            detail={"stimuli": sorted(stimuli), "n": n},
        )
    return n
