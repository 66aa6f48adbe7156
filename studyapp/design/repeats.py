"""Let some sounds be heard a second time, to see how reliable the answers are. Pure."""

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from studyapp.design.orders import Placeable, draw_order, shuffled, stream
from studyapp.design.shares import split_in_proportion

MIN_DISTANCE = 10  # trials between the two, where the session is long enough
TRIES = 20  # draws at each distance before a smaller one is taken

Cell = tuple[str, str]


def with_copies(items: Sequence[Placeable], n_repeats: int, kind: str) -> list[Placeable]:
    """Return the sounds and one more of the same cell for each repeat, with keys below zero.

    A cell is a label, or in an order by category a label in a category. Which cells the repeats fall to depends on the
    sizes alone, not on a draw, so that what can be ordered can be said at launch.
    """
    cells: dict[Cell, list[Placeable]] = {}
    for item in items:
        cells.setdefault(_cell(item, kind), []).append(item)
    shares = split_in_proportion(n_repeats, {cell: len(cells[cell]) for cell in sorted(cells)})
    copies = [replace(item, key=0) for cell, n in shares.items() for item in cells[cell][:n]]
    return [*items, *(replace(copy, key=-number) for number, copy in enumerate(copies, start=1))]


def draw_order_with_repeats(
    items: Sequence[Placeable],
    *,
    n_repeats: int,
    seed: int,
    kind: Literal["random", "by_category"] = "random",
    max_same_label: int | None = None,
) -> list[tuple[int, bool]]:
    """Return (key, is_repeat) of every trial in the session's order: each sound once, and n_repeats of them again.

    A repeat stands in the later half of its cell's places and, where the session is long enough, at least MIN_DISTANCE
    trials behind the first time; in a shorter one as far behind as was found. The limit on labels in a row holds over
    both.

    Raises
    ------
    ValueError
        When there are more repeats than sounds, or no order keeps within `max_same_label`.
    """
    if not n_repeats:
        return [(key, False) for key in draw_order(items, seed=seed, kind=kind, max_same_label=max_same_label)]
    both = {item.key: item for item in with_copies(items, n_repeats, kind)}
    order = draw_order(list(both.values()), seed=seed, kind=kind, max_same_label=max_same_label)
    rng = stream(seed, "repeats")
    result: list[tuple[int, bool]] = [(0, False)] * len(order)
    for cell in sorted({_cell(item, kind) for item in items}):
        places = [place for place, key in enumerate(order) if _cell(both[key], kind) == cell]
        sounds = [item.key for item in items if _cell(item, kind) == cell]
        for place, filled in zip(places, _fill(places, sounds, rng), strict=True):
            result[place] = filled
    return result


def _cell(item: Placeable, kind: str) -> Cell:
    return (item.category if kind == "by_category" else "", item.label)


def _fill(places: Sequence[int], sounds: Sequence[int], rng: random.Random) -> list[tuple[int, bool]]:
    """Return what stands at each of the places, all sounds once and the rest repeats, as far apart as was found."""
    for distance in range(MIN_DISTANCE, 0, -1):
        for _ in range(TRIES if distance > 1 else 1):
            filled = _try_to_fill(places, sounds, rng, distance)
            if filled is not None:
                return filled
    raise RuntimeError("a distance of one trial is always found")


def _try_to_fill(
    places: Sequence[int], sounds: Sequence[int], rng: random.Random, distance: int
) -> list[tuple[int, bool]] | None:
    n_repeats = len(places) - len(sounds)
    later = range((len(places) + 1) // 2, len(places))
    repeat_at = set(shuffled(list(later), rng)[:n_repeats])
    firsts = iter(shuffled(sounds, rng))
    heard: list[tuple[int, int]] = []  # (place, sound) of the sounds that can still be repeated
    filled: list[tuple[int, bool]] = []
    for index, place in enumerate(places):
        if index not in repeat_at:
            sound = next(firsts)
            heard.append((place, sound))
            filled.append((sound, False))
            continue
        far = [each for each in heard if each[0] <= place - distance]
        if not far:
            return None
        chosen = far[int(rng.random() * len(far))]
        heard.remove(chosen)
        filled.append((chosen[1], True))
    return filled
