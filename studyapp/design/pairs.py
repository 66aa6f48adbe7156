"""Match real and fake sounds of one category for a forced choice. Pure."""

from collections.abc import Sequence
from typing import Literal

from studyapp.design.orders import Placeable, shuffled, stream


def draw_pairs(
    items: Sequence[Placeable], *, seed: int, kind: Literal["random", "by_category"] = "random"
) -> list[tuple[int, int]]:
    """Return the pairs in the session's order, each as the keys of the first and of the second interval.

    Every pair is a real and a fake sound of one category, drawn at random; each sound is in one pair at most, and what
    is left over (`count_left_over`) is not heard. The fake stands first in half of the pairs; of an odd number the last
    one is drawn.
    """
    rng = stream(seed, "pairs")
    by_category: list[list[tuple[int, int]]] = []
    for category in shuffled(sorted({item.category for item in items}), rng):
        fakes, reals = (
            shuffled([item.key for item in items if (item.category, item.label) == (category, label)], rng)
            for label in ("fake", "real")
        )
        by_category.append(list(zip(fakes, reals, strict=False)))
    pairs = [pair for of_category in by_category for pair in of_category]
    if kind == "random":
        pairs = shuffled(pairs, rng)
    n_first = len(pairs) // 2 + (len(pairs) % 2 and rng.random() < 0.5)
    fake_first = shuffled([place < n_first for place in range(len(pairs))], rng)
    return [(fake, real) if first else (real, fake) for first, (fake, real) in zip(fake_first, pairs, strict=True)]


def count_left_over(items: Sequence[Placeable]) -> int:
    """Return how many sounds have no partner of the other label in their category."""
    total = 0
    for category in {item.category for item in items}:
        n_fake = sum(item.category == category and item.label == "fake" for item in items)
        n_real = sum(item.category == category and item.label == "real" for item in items)
        total += abs(n_fake - n_real)
    return total
