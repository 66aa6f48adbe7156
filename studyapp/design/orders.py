"""Draw a session's order of sounds, sides and screening trials from its seed. Pure: the seed is an argument.

The same seed and the same items give the same draw on every machine and Python version: the stream of random.Random's
`random()` is fixed by the language; shuffling is done here rather than by `shuffle`, whose use of it is not promised.
"""

import random
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from studyapp.design.label_runs import MAX_SHUFFLES, Sizes, draw_labels, find_group_order, is_placeable

Item = TypeVar("Item")

MAX_DRAWS = 200  # whole orders drawn before one is made that keeps the limit


@dataclass(frozen=True, kw_only=True)
class Placeable:
    """What an order needs to know of a sound.

    Parameters
    ----------
    key
        What the order returns.
    label
        "real" or "fake"; only `max_same_label` looks at it.
    category
        Sound class; only by-category orders look at it.
    """

    key: int
    label: str
    category: str


def stream(seed: int, purpose: str) -> random.Random:
    """Return the random stream for one purpose of a session, independent of its other streams.

    Parameters
    ----------
    seed
        The session's seed, any integer.
    purpose
        Names the use, such as "order"; equal names give equal streams.
    """
    return random.Random(f"{purpose}:{seed}")  # noqa: S311 -- a reproducible draw, not a secret


def shuffled(items: Sequence[Item], rng: random.Random) -> list[Item]:
    """Return the items in an order drawn uniformly (Fisher & Yates 1938, in Durstenfeld's form)."""
    order = list(items)
    for last in range(len(order) - 1, 0, -1):
        other = int(rng.random() * (last + 1))
        order[last], order[other] = order[other], order[last]
    return order


def draw_order(
    items: Sequence[Placeable],
    *,
    seed: int,
    kind: Literal["random", "by_category"] = "random",
    max_same_label: int | None = None,
) -> list[int]:
    """Return the keys of all items, each once, in the session's order.

    Parameters
    ----------
    items
        The sounds, in any fixed order (sort them first: the draw depends on it).
    seed
        The session's seed.
    kind
        "random" mixes all; "by_category" keeps each category together, categories and sounds within drawn at random.
    max_same_label
        At most so many sounds of one label in a row; None for no limit.

    Raises
    ------
    ValueError
        When no order keeps within `max_same_label`.
    """
    rng = stream(seed, "order")
    if max_same_label is None:
        return [item.key for item in _draw(items, rng, kind)]
    for _ in range(MAX_DRAWS):
        order = _draw(items, rng, kind)
        if longest_run([item.label for item in order]) <= max_same_label:
            return [item.key for item in order]
    return [item.key for item in _limited(items, rng, kind, max_same_label)]


def _draw(items: Sequence[Placeable], rng: random.Random, kind: str) -> list[Placeable]:
    if kind == "random":
        return shuffled(items, rng)
    categories = shuffled(sorted({item.category for item in items}), rng)
    return [
        item for category in categories for item in shuffled([item for item in items if item.category == category], rng)
    ]


def longest_run(labels: Sequence[Hashable]) -> int:
    """Return the length of the longest run of equal labels; 0 for none.

    >>> longest_run(["real", "fake", "fake", "real"])
    2
    """
    longest = current = 0
    for index, label in enumerate(labels):
        current = current + 1 if index and label == labels[index - 1] else 1
        longest = max(longest, current)
    return longest


def can_limit_runs(items: Sequence[Placeable], max_same_label: int, *, kind: str = "random") -> bool:
    """Return whether `draw_order` gives, for every seed, an order with at most `max_same_label` of one label in a row.

    True is a proof: such an order was found. False for a mixed order is one too; for an order by category it can also
    mean that the search was given up (see `find_group_order`).
    """
    return find_group_order(_sizes(_groups(items, kind)), max_same_label) is not None


def _groups(items: Sequence[Placeable], kind: str) -> list[list[Placeable]]:
    """Return what stays together: everything, or each category, sorted by its name."""
    if kind == "random":
        return [list(items)] if items else []
    groups: dict[str, list[Placeable]] = {}
    for item in items:
        groups.setdefault(item.category, []).append(item)
    return [groups[category] for category in sorted(groups)]


def _sizes(groups: Sequence[Sequence[Placeable]]) -> list[Sizes]:
    n_fake = [sum(item.label == "fake" for item in group) for group in groups]
    return [Sizes(len(group) - fake, fake) for group, fake in zip(groups, n_fake, strict=True)]


def _limited(items: Sequence[Placeable], rng: random.Random, kind: str, limit: int) -> list[Placeable]:
    """Return the items in an order made, not found by chance, so that no label runs longer than `limit`."""
    groups = _groups(items, kind)
    order = _group_order(_sizes(groups), rng, limit)
    if order is None:
        raise ValueError(f"these {len(items)} sounds cannot be ordered with at most {limit} of one label in a row")
    arranged = [groups[place] for place in order]
    result: list[Placeable] = []
    labels = iter(draw_labels(_sizes(arranged), limit, rng))
    for group in arranged:
        pool = shuffled(group, rng)
        left = {fake: [item for item in pool if (item.label == "fake") == fake] for fake in (False, True)}
        result += [left[next(labels)].pop() for _ in group]
    return result


def _group_order(sizes: Sequence[Sizes], rng: random.Random, limit: int) -> list[int] | None:
    """Return the places of the groups in an order that can be laid out, by chance where chance finds one."""
    for _ in range(MAX_SHUFFLES):
        order = shuffled(range(len(sizes)), rng)
        if is_placeable([sizes[place] for place in order], limit):
            return order
    # The search starts where chance leads; then as can_limit_runs starts it, which is certain to end as it did there.
    drawn = shuffled(range(len(sizes)), rng)
    found = find_group_order([sizes[place] for place in drawn], limit)
    return find_group_order(sizes, limit) if found is None else [drawn[place] for place in found]


def fake_stands_first(seed: int) -> bool:
    """Return whether "fake" is the first (left) answer of the session; each side has probability one half."""
    return stream(seed, "side").random() < 0.5


def order_reasons(codes: Sequence[str], *, seed: int, shuffle: bool) -> list[str]:
    """Return the codes of the reason menu in the session's order: as configured, or drawn once for the session."""
    return shuffled(codes, stream(seed, "reasons")) if shuffle else list(codes)
