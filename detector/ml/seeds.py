"""Independent random streams for each run of a training."""

from enum import IntEnum

import numpy as np
import torch


class Stream(IntEnum):
    """What a stream is for. The numbers are part of the recipe: changing one changes every result."""

    INIT = 0
    SAMPLER = 1
    DROPOUT = 2


def seed_of(seed: int, run: int, stream: Stream) -> int:
    """Return the 63-bit seed of one stream of one run; streams of different runs share nothing.

    Examples
    --------
    >>> seed_of(42, 0, Stream.INIT) != seed_of(42, 1, Stream.INIT)
    True
    """
    state = np.random.SeedSequence([seed, run, int(stream)]).generate_state(1, dtype=np.uint64)
    return int(state[0] >> np.uint64(1))


def generators(seed: int, runs: list[int], stream: Stream, *, device: str = "cpu") -> list[torch.Generator]:
    """Return one seeded generator for each run, on `device`."""
    made = []
    for run in runs:
        generator = torch.Generator(device=device)
        generator.manual_seed(seed_of(seed, run, stream))
        made.append(generator)
    return made
