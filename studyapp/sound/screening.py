"""The headphone tests by name: their sounds, which answers are right, and how an attempt's sounds are drawn."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studyapp.sound import antiphase
from studyapp.sound.beat import beat
from studyapp.sound.channel_check import CHANNELS, channel_sound
from studyapp.sound.huggins import huggins
from studyapp.sound.three_intervals import EXAMPLE_PLACE, SOUND_NAMES, Shuffler, draw_names, seed_of, target_place

Sound = NDArray[np.float64]
EXAMPLE_SEED = 1000


@dataclass(frozen=True, kw_only=True)
class ScreeningTest:
    """A test of three-way choices.

    Parameters
    ----------
    sounds
        Level (dBFS) -> (name, sound) of each sound, (n_samples, 2) at 44,100 Hz; all of a test are of one length.
    right_answer
        Name of a sound -> right answer, 1 to 3.
    draw_sounds
        (random stream, trials) -> the names of an attempt's sounds.
    example
        Level (dBFS) -> a sound that is told the answer of (EXAMPLE_PLACE), none of those above; None where an example
        over loudspeakers would mislead, or none is needed.
    """

    sounds: Callable[[float], Iterator[tuple[str, Sound]]]
    right_answer: Callable[[str], int]
    draw_sounds: Callable[[Shuffler, int], list[str]]
    example: Callable[[float], Sound] | None = None


def _antiphase_sounds(level_dbfs: float) -> Iterator[tuple[str, Sound]]:
    amplitude = antiphase.amplitude_at_level(level_dbfs)
    for order in antiphase.ANTIPHASE_ORDERS:
        yield order, antiphase.antiphase(order, amplitude=amplitude)


def _variants(make: Callable[..., Sound]) -> Callable[[float], Iterator[tuple[str, Sound]]]:
    def sounds(level_dbfs: float) -> Iterator[tuple[str, Sound]]:
        for name in SOUND_NAMES:
            yield name, make(target_place(name), level_dbfs=level_dbfs, seed=seed_of(name))

    return sounds


def _example(make: Callable[..., Sound]) -> Callable[[float], Sound]:
    return lambda level_dbfs: make(EXAMPLE_PLACE, level_dbfs=level_dbfs, seed=EXAMPLE_SEED)


def _draw_channels(rng: Shuffler, n_trials: int) -> list[str]:
    """Return each sound once, and what is left of the trials drawn, so that the last one cannot be told either."""
    names, more = list(CHANNELS), list(CHANNELS)
    rng.shuffle(more)
    names = [*names, *more][:n_trials]
    rng.shuffle(names)
    return names


def _channel_sounds(level_dbfs: float) -> Iterator[tuple[str, Sound]]:
    for name in CHANNELS:
        yield name, channel_sound(name, level_dbfs=level_dbfs)


SCREENING_TESTS: dict[str, ScreeningTest] = {
    "channels": ScreeningTest(sounds=_channel_sounds, right_answer=CHANNELS.__getitem__, draw_sounds=_draw_channels),
    "antiphase": ScreeningTest(
        sounds=_antiphase_sounds, right_answer=antiphase.right_answer, draw_sounds=antiphase.draw_orders
    ),
    "huggins": ScreeningTest(
        sounds=_variants(huggins), right_answer=target_place, draw_sounds=draw_names, example=_example(huggins)
    ),
    "beat": ScreeningTest(
        sounds=_variants(beat), right_answer=target_place, draw_sounds=draw_names, example=_example(beat)
    ),
}
