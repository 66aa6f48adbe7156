"""What the headphone tests share: three intervals, of which one is the target, in several variants of each place."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from studyapp.sound.levels import SAMPLE_RATE_HZ

PLACES = (1, 2, 3)
VARIANTS = ("a", "b", "c", "d")
SOUND_NAMES: tuple[str, ...] = tuple(f"{place}{variant}" for place in PLACES for variant in VARIANTS)
EXAMPLE_PLACE = 2


class Shuffler(Protocol):
    """random.Random or numpy.random.Generator: whatever shuffles a list in place."""

    def shuffle(self, x: Any, /) -> Any: ...


def target_place(name: str) -> int:
    """Return the interval, 1 to 3, that holds the target.

    >>> target_place("3b")
    3
    """
    return int(_known(name)[0])


def seed_of(name: str) -> int:
    """Return the seed of the sound's noise, another for each name."""
    return 1 + SOUND_NAMES.index(_known(name))


def draw_names(rng: Shuffler, n_trials: int) -> list[str]:
    """Return the sounds of an attempt: in every six trials each place is the target twice, and no sound comes again
    before all of its place were heard.
    """
    pools: dict[int, list[str]] = {place: [] for place in PLACES}
    names: list[str] = []
    while len(names) < n_trials:
        places = list(PLACES * 2)
        rng.shuffle(places)
        for place in places:
            if not pools[place]:
                pools[place] = [f"{place}{variant}" for variant in VARIANTS]
                rng.shuffle(pools[place])
            names.append(pools[place].pop())
    return names[:n_trials]


def join_intervals(intervals: list[NDArray[np.float64]], gap_s: float) -> NDArray[np.float64]:
    """Return the intervals, each (n_samples, 2), one after the other with silence of gap_s between them."""
    gap = np.zeros((round(gap_s * SAMPLE_RATE_HZ), 2))
    parts = [part for interval in intervals for part in (interval, gap)]
    return np.concatenate(parts[:-1])


def _known(name: str) -> str:
    if name not in SOUND_NAMES:
        raise ValueError(f"unknown sound {name!r}; there are {', '.join(SOUND_NAMES)}")
    return name
