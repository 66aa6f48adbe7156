"""Give each participant the sounds that were heard least so far. Pure."""

from collections.abc import Mapping, Sequence

from studyapp.design.orders import Placeable, shuffled, stream
from studyapp.design.shares import split_in_proportion


def draw_subset(items: Sequence[Placeable], *, n: int, exposures: Mapping[int, int], seed: int) -> list[Placeable]:
    """Return n of the sounds, in the order given: of each label the least heard, ties drawn at random.

    How many of each label there are follows the set's proportion by largest remainder, and is the same in every
    session. With sessions one after another, the exposures of two sounds of one label never differ by more than 1; with
    m sessions open at once, by more than 1 + m.

    exposures: key of a sound -> how often it was heard; 0 where it is missing. The caller counts: completed sessions,
    and
        open ones provisionally; never those that were given up.

    Raises
    ------
    ValueError
        When there are fewer than n sounds.
    """
    rng = stream(seed, "subset")
    labels = sorted({item.label for item in items})
    shares = split_in_proportion(n, {label: sum(item.label == label for item in items) for label in labels})
    chosen: set[int] = set()
    for label in labels:
        drawn = shuffled([item for item in items if item.label == label], rng)
        drawn.sort(key=lambda item: exposures.get(item.key, 0))  # stable: ties stay in the order drawn
        chosen |= {item.key for item in drawn[: shares[label]]}
    return [item for item in items if item.key in chosen]
