"""Change facts of many stimuli at once. Versions that were launched keep the facts of their launch."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from studyapp.errors import ChangeRefused
from studyapp.models import Stimulus, StimulusSet, User
from studyapp.selectors.stimulus_changes import batches, look_at_change
from studyapp.services.audit import record_audit
from studyapp.vocab import Label

FACTS = frozenset({"label", "category", "generator", "source_group", "label_in_doubt"})


def change_stimuli(
    *, user: User, stimulus_set: StimulusSet, stimuli: QuerySet[Stimulus], facts: dict[str, Any], n_expected: int
) -> int:
    """Give the facts to those of the set's stimuli that the user may change, and return how many these are.

    Raises ChangeRefused where there is none, where they are no longer `n_expected`, or where a real clip would name
    a generator; then nothing is changed.
    """
    _check(facts)
    with transaction.atomic():
        look = look_at_change(user, stimuli.select_for_update(), facts)
        if not look.keys:
            raise ChangeRefused("None of these clips can be changed by you: they came with somebody else's set.")
        if look.n != n_expected:
            raise ChangeRefused(f"These were {n_expected} clips and are {look.n} now. Look at the change again.")
        if look.n_real_with_generator:
            raise ChangeRefused(real_with_generator(look.n_real_with_generator))
        before = {name: _keys_by_value(look.keys, name) for name in facts}
        for keys in batches(look.keys):
            Stimulus.objects.filter(pk__in=keys).update(**facts)
        record_audit(
            actor=user,
            action="change_stimuli",
            object_type="stimulus_set",
            object_id=stimulus_set.slug,
            detail={"facts": facts, "n": look.n, "n_left_alone": look.n_others, "before": before},
        )
    return look.n


def real_with_generator(n: int) -> str:
    """Say what to do about real clips that would name a generator."""
    return f"{n} of these clips would be real and name a generator, which no recording has: empty the generator too."


def _check(facts: dict[str, Any]) -> None:
    unknown = sorted(set(facts) - FACTS)
    if unknown or not facts:
        raise ChangeRefused(f"Nothing to change: known facts are {', '.join(sorted(FACTS))}.")
    if "label" in facts and facts["label"] not in list(Label):
        raise ChangeRefused(f"A label is real or fake, not {facts['label']!r}.")
    if facts.get("category", "-") == "":
        raise ChangeRefused("A clip needs a category.")


def _keys_by_value(keys: Iterable[int], name: str) -> dict[str, list[int]]:
    """Return the stimuli by what the fact is now, so that the audit log can tell what it was."""
    found: dict[str, list[int]] = {}
    for some in batches(list(keys)):
        for key, value in Stimulus.objects.filter(pk__in=some).order_by("pk").values_list("pk", name):
            found.setdefault(str(value), []).append(key)
    return found
