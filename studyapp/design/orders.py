"""Draw a session's order of sounds, sides and screening trials from its seed. Pure: the seed is an argument.

The same seed and the same items give the same draw on every machine and Python version: the stream of random.Random's
`random()` is fixed by the language; shuffling is done here rather than by `shuffle`, whose use of it is not promised.
"""

import random
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

Item = TypeVar("Item")

MAX_DRAWS = 200  # whole orders drawn before the rows are mended instead


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
    if max_same_label is not None and not can_limit_runs(items, max_same_label, kind=kind):
        raise ValueError(
            f"these {len(items)} sounds cannot be ordered with at most {max_same_label} of one label in a row"
        )
    rng = stream(seed, "order")
    for _ in range(MAX_DRAWS if max_same_label is not None else 1):
        order = _draw(items, rng, kind)
        if max_same_label is None or longest_run([item.label for item in order]) <= max_same_label:
            return [item.key for item in order]
    if kind == "by_category":
        raise ValueError(
            f"no order by category with at most {max_same_label} of one label in a row was found in {MAX_DRAWS} draws; "
            "raise order.max_same_label"
        )
    return [item.key for item in _limited(shuffled(items, rng), max_same_label or len(items), rng)]


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
    """Return whether an order with at most `max_same_label` of one label in a row exists.

    n sounds of the commoner label fit around m others when n <= limit x (m + 1). For by-category orders this is tested
    within each category too.
    """
    groups = [list(items)]
    if kind == "by_category":
        groups += [
            [item for item in items if item.category == category] for category in {item.category for item in items}
        ]
    return all(_group_fits(group, max_same_label) for group in groups)


def _group_fits(group: Sequence[Placeable], limit: int) -> bool:
    n_fake = sum(item.label == "fake" for item in group)
    most, least = max(n_fake, len(group) - n_fake), min(n_fake, len(group) - n_fake)
    return most <= limit * (least + 1)


def _limited(items: Sequence[Placeable], limit: int, rng: random.Random) -> list[Placeable]:
    """Return the items reordered so that no label runs longer than `limit`, which must be possible.

    Draws each next label in proportion to what is left of it, among the labels after which the rest still fits.
    """
    left: dict[bool, list[Placeable]] = {
        True: [item for item in items if item.label == "fake"],
        False: [item for item in items if item.label != "fake"],
    }
    order: list[Placeable] = []
    run_of, run = False, 0
    while left[True] or left[False]:
        allowed = [
            fake
            for fake in (False, True)
            if left[fake] and _rest_fits(left, fake, run + 1 if fake == run_of else 1, limit)
        ]
        weights = [len(left[fake]) for fake in allowed]
        chosen = allowed[0] if len(allowed) == 1 or rng.random() * sum(weights) < weights[0] else allowed[1]
        run = run + 1 if chosen == run_of else 1
        run_of = chosen
        order.append(left[chosen].pop())
    return order


def _rest_fits(left: dict[bool, list[Placeable]], chosen: bool, run: int, limit: int) -> bool:
    """Return whether taking `chosen`, which makes its run `run` long, leaves something that can still be placed."""
    same, other = len(left[chosen]) - 1, len(left[not chosen])
    return run <= limit and same <= (limit - run) + limit * other and other <= limit * (same + 1)


def fake_stands_first(seed: int) -> bool:
    """Return whether "fake" is the first (left) answer of the session; each side has probability one half."""
    return stream(seed, "side").random() < 0.5


def order_reasons(codes: Sequence[str], *, seed: int, shuffle: bool) -> list[str]:
    """Return the codes of the reason menu in the session's order: as configured, or drawn once for the session."""
    return shuffled(codes, stream(seed, "reasons")) if shuffle else list(codes)
