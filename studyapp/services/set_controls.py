"""Add a matched control to each clip of a set, such as a detector's errors."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F

from studyapp.design.matching import LEVEL_UNIT_DB, Match, MatchClip, match_controls
from studyapp.errors import InvalidAction
from studyapp.models import SetMember, Stimulus, StimulusSet, User
from studyapp.selectors.stimulus_sets import may_change_set
from studyapp.services.set_building import Built, add_clips
from studyapp.vocab import Label

OTHER_LABEL, GOT_RIGHT = "other_label", "got_right"
_FACTS = ("pk", "category", "duration_s", "level_dbfs")


@dataclass(frozen=True, kw_only=True)
class ControlPlan:
    """Controls for the clips of a set, before anything is stored.

    wanted: keys of the clips that want one: those of the set that are no controls themselves, and that have none of
        this kind in the set. n_have: clips that have one already.
    """

    stimulus_set: StimulusSet
    pool: Sequence[StimulusSet]
    kind: str
    machine: str
    wanted: list[int]
    matches: list[Match]
    n_have: int = 0

    @property
    def n_missing(self) -> int:
        return len(self.wanted) - len(self.matches)


def plan_controls(
    *, stimulus_set: StimulusSet, pool: Sequence[StimulusSet], kind: str = OTHER_LABEL, machine: str = ""
) -> ControlPlan:
    """Return the nearest controls of the same category from the sets of the pool; clips in doubt serve for none.

    other_label: a recording for a fake, a fake for a recording. got_right: a clip of the same label that the machine
    (its slug) called what it is. Raises InvalidAction for another kind, or without a machine where it takes one.
    """
    if kind not in (OTHER_LABEL, GOT_RIGHT):
        raise InvalidAction(f"There are no controls of the kind {kind!r}.")
    if kind == GOT_RIGHT and not machine:
        raise InvalidAction("Choose the machine that got the controls right, or controls of the other label.")
    fields = ("detail", "stimulus__sha256", "stimulus__label", *(f"stimulus__{name}" for name in _FACTS))
    members = list(stimulus_set.members.order_by("position", "pk").values_list(*fields))
    have = _matched(stimulus_set, kind)
    held = {sha256 for _, sha256, *_ in members}
    clips = [
        (label, MatchClip(key=key, category=category, duration_s=duration_s, level_dbfs=level_dbfs))
        for detail, _, label, key, category, duration_s, level_dbfs in members
        if "control_of" not in detail and key not in have
    ]
    matches: dict[int, Match] = {}
    for label in Label:
        here = [clip for its_label, clip in clips if its_label == label]
        wanted_label = label if kind == GOT_RIGHT else Label.REAL if label is Label.FAKE else Label.FAKE
        eligible = _eligible(pool, wanted_label, machine if kind == GOT_RIGHT else "", held) if here else []
        found = match_controls(here, eligible)
        matches |= {each.clip.key: each for each in found}
    wanted = [clip.key for _, clip in clips]
    return ControlPlan(
        stimulus_set=stimulus_set,
        pool=pool,
        kind=kind,
        machine=machine if kind == GOT_RIGHT else "",
        wanted=wanted,
        matches=[matches[key] for key in wanted if key in matches],
        n_have=len(have),
    )


def _matched(stimulus_set: StimulusSet, kind: str) -> set[int]:
    """Return the clips of the set that have a control of the kind in it: got_right is one of their own label.

    A control asked for again would come on top of the first.
    """
    rows = stimulus_set.members.values_list("stimulus_id", "stimulus__label", "detail")
    labels = {key: label for key, label, _ in rows}
    return {
        detail["control_of"]
        for _, label, detail in rows
        if detail.get("control_of") in labels and (label == labels[detail["control_of"]]) == (kind == GOT_RIGHT)
    }


def _eligible(pool: Sequence[StimulusSet], label: Label, machine: str, held: set[str]) -> list[MatchClip]:
    """Return the clips of the pool with that label whose sound the set does not hold, each sound once."""
    keys = SetMember.objects.filter(stimulus_set__in=pool).values("stimulus_id")
    found = Stimulus.objects.filter(pk__in=keys, label=label.value, label_in_doubt=False)
    if machine:
        found = found.filter(machine_scores__machine__slug=machine, machine_scores__decision=F("label"))
    seen = set(held)
    eligible = []
    for sha256, key, category, duration_s, level_dbfs in found.order_by("pk").values_list("sha256", *_FACTS):
        if sha256 not in seen:
            seen.add(sha256)
            eligible.append(MatchClip(key=key, category=category, duration_s=duration_s, level_dbfs=level_dbfs))
    return eligible


def add_controls(*, user: User, plan: ControlPlan, into: str) -> Built:
    """Store the plan's set and its controls in the set of that name. Raises InvalidAction as `add_clips` does."""
    if not plan.matches:
        raise InvalidAction("No control was found, so there is nothing to add. Choose other sets to take them from.")
    is_same = into == plan.stimulus_set.slug
    there = None if is_same else StimulusSet.objects.filter(slug=into).first()
    have = _matched(there, plan.kind) if there is not None and may_change_set(user, there) else set()
    controls = {
        match.control.key: {
            "control_of": match.clip.key,
            "level_difference_db": match.level_difference_db,
            "duration_ratio": match.duration_ratio,
            "distance": match.distance,
        }
        for match in plan.matches
        if match.clip.key not in have
    }
    members = plan.stimulus_set.members.order_by("position", "pk")
    own = [] if is_same else list(members.values_list("stimulus_id", flat=True))
    step = {
        "how": "matched_controls",
        "of": plan.stimulus_set.slug,
        "kind": plan.kind,
        "machine": plan.machine,
        "n_wanted": len(plan.wanted),
        "n_matched": len(controls),
        "level_unit_db": LEVEL_UNIT_DB,
    }
    sources = [plan.stimulus_set, *(each for each in plan.pool if each.pk != plan.stimulus_set.pk)]
    details = dict(members.values_list("stimulus_id", "detail"))
    return add_clips(
        user=user, into=into, stimuli=[*own, *controls], sources=sources, step=step, details=details | controls
    )
