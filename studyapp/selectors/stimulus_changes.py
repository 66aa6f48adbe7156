"""What a change of facts would do to stimuli, looked at before it is done."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from studyapp.models import FrozenStimulus, Stimulus, StimulusSet, User
from studyapp.vocab import Label

BATCH = 5000  # keys in one query: SQLite takes some ten thousand values


@dataclass(frozen=True, kw_only=True)
class FactChange:
    """A fact's new value, what it is now as (value, clips), commonest first, and the clips that have it already."""

    name: str
    value: Any
    before: list[tuple[Any, int]]
    n_already: int


@dataclass(frozen=True, kw_only=True)
class ChangeLook:
    """What a change would do. `keys` are the stimuli that the user may change, `n_others` those of other people's sets.

    n_frozen: clips of `keys` that launched versions hold, which keep the label and category of their launch.
    n_real_with_generator: clips of `keys` that would be real and name a generator.
    """

    keys: list[int]
    n_others: int
    n_frozen: int
    studies: list[str]
    changes: list[FactChange]
    n_real_with_generator: int

    @property
    def n(self) -> int:
        return len(self.keys)


def look_at_change(user: User, stimuli: QuerySet[Stimulus], facts: dict[str, Any]) -> ChangeLook:
    """Return what the facts would change in the stimuli; a stimulus belongs to who may change the set it came with."""
    rows = list(stimuli.order_by("pk").values("pk", "home_set", "label", "generator", *(set(facts) - {"label"})))
    changeable = _changeable_sets(user, {row["home_set"] for row in rows})
    mine = [row for row in rows if row["home_set"] in changeable]
    keys = [row["pk"] for row in mine]
    frozen = [pair for some in batches(keys) for pair in _frozen(some)]
    after = [{**row, **facts} for row in mine]
    return ChangeLook(
        keys=keys,
        n_others=len(rows) - len(mine),
        n_frozen=len({key for key, _ in frozen}),
        studies=sorted({study for _, study in frozen}),
        changes=[_fact_change(name, value, mine) for name, value in facts.items()],
        n_real_with_generator=sum(row["label"] == Label.REAL and row["generator"] != "" for row in after),
    )


def may_change_stimulus(user: User, stimulus: Stimulus) -> bool:
    """Whether the user may change the facts of the stimulus."""
    return bool(_changeable_sets(user, [stimulus.home_set_id]))


def batches(keys: list[int]) -> Iterator[list[int]]:
    """Give the keys, as many at a time as one query takes."""
    for start in range(0, len(keys), BATCH):
        yield keys[start : start + BATCH]


def _changeable_sets(user: User, sets: Collection[int]) -> set[int]:
    """Return those of the sets that the user may change (see may_change_set)."""
    found = StimulusSet.objects.filter(pk__in=sets)
    return set((found if user.is_staff else found.filter(owner=user)).values_list("pk", flat=True))


def _frozen(keys: Iterable[int]) -> list[tuple[int, str]]:
    rows = FrozenStimulus.objects.filter(stimulus__in=keys).order_by()
    return list(rows.values_list("stimulus_id", "version__study__title").distinct())


def _fact_change(name: str, value: Any, rows: list[dict[str, Any]]) -> FactChange:
    counted = Counter(row[name] for row in rows)
    return FactChange(name=name, value=value, before=counted.most_common(), n_already=counted[value])
