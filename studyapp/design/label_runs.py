"""Orders in which no label runs too long, whole or category by category: whether one exists, and how to draw it. Pure.

A run may cross the border between two categories, so what one category may begin with depends on how the one before it
ended. All follows from one closed form: how short the run can be with which a group of sounds ends (`least_last_run`).
"""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

MAX_STATES = 5_000  # looked at in the search for an order of the categories: well under a second's work
MAX_SHUFFLES = 100  # orders of the categories drawn before the search


class Sizes(NamedTuple):
    """How many real and fake sounds a group has. Indexed by whether the label is fake."""

    real: int
    fake: int


class Run(NamedTuple):
    """The run at the end of what is placed so far; a length of 0 before the first sound."""

    is_fake: bool
    length: int


START = Run(False, 0)


@dataclass(frozen=True, kw_only=True)
class Room:
    """The longest run of each label with which what follows can still be placed; -1 where none can."""

    real: int
    fake: int

    def takes(self, run: Run) -> bool:
        return run.length <= (self.fake if run.is_fake else self.real)


def least_last_run(sizes: Sizes, before: Run, *, ends_fake: bool, limit: int) -> int | None:
    """Return how short the last run can be when the sounds follow on `before` and end with the label.

    None when they cannot end so.

    Notes
    -----
    Let x sounds have the first label and y the other. With as many runs as there are sounds for, every run can be as
    short as possible: q = min(y, x - 1) pairs of runs when the group ends as it starts, q = min(x, y) when it does not.
    The first run holds at most what `before` leaves of the limit, those in between `limit`, and the last one the rest.
    """
    found = [
        run
        for starts_fake in (False, True)
        if (run := _last_run(sizes, before, starts_fake=starts_fake, ends_fake=ends_fake, limit=limit)) is not None
    ]
    return min(found, default=None)


def _last_run(sizes: Sizes, before: Run, *, starts_fake: bool, ends_fake: bool, limit: int) -> int | None:
    x, y = sizes[starts_fake], sizes[not starts_fake]
    carried = before.length if before.is_fake == starts_fake else 0
    first = limit - carried
    if x == 0 or first < 1:
        return None
    if starts_fake == ends_fake:
        if y == 0:
            return carried + x if x <= first else None
        q = min(y, x - 1)
        if q == 0 or y > q * limit:
            return None
        last = max(1, x - first - (q - 1) * limit)
    else:
        q = min(x, y)
        if q == 0 or x > first + (q - 1) * limit:
            return None
        last = max(1, y - (q - 1) * limit)
    return last if last <= limit else None


def room_before(sizes: Sizes, after: Room, limit: int) -> Room:
    """Return the room before a group, when `after` is the room behind it."""

    def longest(is_fake: bool) -> int:
        lengths = range(limit, -1, -1)
        return next((length for length in lengths if can_place(sizes, Run(is_fake, length), after, limit)), -1)

    return Room(real=longest(False), fake=longest(True))


def can_place(sizes: Sizes, before: Run, after: Room, limit: int) -> bool:
    """Return whether the group can follow on `before` so that what comes behind it still fits."""
    if sum(sizes) == 0:
        return after.takes(before)
    ends = [(fake, least_last_run(sizes, before, ends_fake=fake, limit=limit)) for fake in (False, True)]
    return any(least is not None and after.takes(Run(fake, least)) for fake, least in ends)


def rooms(groups: Sequence[Sizes], limit: int) -> list[Room]:
    """Return the room before each group of the sequence, and the room behind the last."""
    found = [Room(real=limit, fake=limit)]
    for sizes in reversed(groups):
        found.append(room_before(sizes, found[-1], limit))
    return found[::-1]


def is_placeable(groups: Sequence[Sizes], limit: int) -> bool:
    """Return whether the groups, in this order, can be laid out within the limit."""
    runs = [START]
    for sizes in groups:
        runs = [run for fake in (False, True) if (run := _least_run(sizes, runs, ends_fake=fake, limit=limit))]
    return bool(runs)


def _least_run(sizes: Sizes, runs: Sequence[Run], *, ends_fake: bool, limit: int) -> Run | None:
    """Return the shortest last run of the label, over all ways in which the groups before can end."""
    found = [least_last_run(sizes, run, ends_fake=ends_fake, limit=limit) for run in runs]
    least = min((length for length in found if length is not None), default=None)
    return None if least is None else Run(ends_fake, least)


def draw_labels(groups: Sequence[Sizes], limit: int, rng: random.Random) -> list[bool]:
    """Return the labels (True: fake) of all sounds, group after group, within the limit, which must be possible.

    Each next label is drawn in proportion to what is left of it in the group, among those after which the rest fits.
    """
    labels: list[bool] = []
    run = START
    for group, after in zip(groups, rooms(groups, limit)[1:], strict=True):
        left = group
        while sum(left):
            options = {fake: _taken(left, run, is_fake=fake) for fake in (False, True) if left[fake]}
            fitting = [
                fake
                for fake, (rest, new) in options.items()
                if new.length <= limit and can_place(rest, new, after, limit)
            ]
            one_only = len(fitting) == 1
            fake = fitting[0] if one_only or rng.random() * sum(left) < left[fitting[0]] else fitting[1]
            left, run = options[fake]
            labels.append(fake)
    return labels


def _taken(left: Sizes, run: Run, *, is_fake: bool) -> tuple[Sizes, Run]:
    """Return what is left, and the run, after one more sound of the label."""
    rest = Sizes(left.real - (not is_fake), left.fake - is_fake)
    return rest, Run(is_fake, run.length + 1 if is_fake == run.is_fake else 1)


def find_group_order(groups: Sequence[Sizes], limit: int) -> list[int] | None:
    """Return an order of the groups (their places) that can be laid out; None when there is none, or none was found.

    A search that remembers what led nowhere; groups of one size are interchangeable. It gives up after MAX_STATES
    states, which no set with a usual number of categories comes near. The same groups in the same order give the same
    answer.
    """
    places: dict[Sizes, list[int]] = {}
    for place, sizes in enumerate(groups):
        places.setdefault(sizes, []).append(place)
    order = _search(Counter(groups), limit)
    return None if order is None else [places[sizes].pop() for sizes in order]


def _search(left: Counter[Sizes], limit: int) -> list[Sizes] | None:
    """Return the sizes in an order that can be laid out. Depth first, without recursion: there may be many groups."""
    kinds = list(left)
    seen: set[tuple[tuple[int, ...], Run]] = set()
    chosen: list[Sizes] = []
    paths = [iter(_next_groups(kinds, left, START, limit))]
    while paths:
        if not +left:
            return chosen
        step = next(paths[-1], None)
        if step is None:
            paths.pop()
            if chosen:
                left[chosen.pop()] += 1
            continue
        sizes, run = step
        left[sizes] -= 1
        state = (tuple(left[kind] for kind in kinds), run)
        if state in seen or len(seen) >= MAX_STATES:
            left[sizes] += 1
            continue
        seen.add(state)
        chosen.append(sizes)
        paths.append(iter(_next_groups(kinds, left, run, limit)))
    return None


def _next_groups(kinds: list[Sizes], left: Counter[Sizes], run: Run, limit: int) -> list[tuple[Sizes, Run]]:
    """Return the groups that can come next, each with the shortest run of each label that it can end with.

    The most lopsided come first: they are the hardest to place.
    """
    found = [
        (sizes, Run(fake, least))
        for sizes in kinds
        if left[sizes]
        for fake in (False, True)
        if (least := least_last_run(sizes, run, ends_fake=fake, limit=limit)) is not None
    ]
    return sorted(found, key=lambda each: -abs(each[0].fake - each[0].real))
