"""Seeds of the independent random streams of a training. No torch: planning needs them too."""

from enum import IntEnum

import numpy as np


class Stream(IntEnum):
    """What a stream is for. The numbers are part of the recipe: changing one changes every result."""

    INIT = 0
    SAMPLER = 1
    DROPOUT = 2
    LABELS = 3


def seed_of(seed: int, run: int, stream: Stream) -> int:
    """Return the 63-bit seed of one stream of one run; streams of different runs share nothing.

    Examples
    --------
    >>> seed_of(42, 0, Stream.INIT) != seed_of(42, 1, Stream.INIT)
    True
    """
    state = np.random.SeedSequence([seed, run, int(stream)]).generate_state(1, dtype=np.uint64)
    return int(state[0] >> np.uint64(1))
