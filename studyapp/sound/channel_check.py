"""Synthesise the channel check, and judge its answers: is there a left and a right, and which is which?"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from studyapp.sound.calibration_noise import calibration_noise

BURST_S = 0.8
CHANNELS: dict[str, int] = {"left": 1, "right": 2, "both": 3}  # sound -> right answer
SEED = 11


def channel_sound(name: str, *, level_dbfs: float) -> NDArray[np.float64]:
    """Return a burst of pink noise in the left ear, the right one, or both: (35280, 2) at 44,100 Hz.

    All three are of one length, and the ear that hears nothing gets zeros.

    Raises
    ------
    ValueError
        For another name than left, right, both.
    """
    if name not in CHANNELS:
        raise ValueError(f"unknown channel {name!r}; there are {', '.join(CHANNELS)}")
    burst = calibration_noise(level_dbfs=level_dbfs, duration_s=BURST_S, seed=SEED)
    if name == "left":
        burst[:, 1] = 0.0
    if name == "right":
        burst[:, 0] = 0.0
    return burst


def channel_verdict(answers: Iterable[tuple[str, int | None]]) -> str:
    """Return what the answers say of the headphones.

    answers: of each trial, the sound (left, right, both) and where it was heard: 1 left, 2 right, 3 in both ears.

    "ok": each where it is, every time. "swapped": left and right exchanged, both in both, every time. "mono": left and
    right sounded alike, in both ears or in the same one, as with one loudspeaker, one earphone, or a downmix.
    "unclear": anything else.

    >>> channel_verdict([("left", 1), ("right", 2), ("both", 3), ("left", 1)])
    'ok'
    >>> channel_verdict([("left", 2), ("right", 1), ("both", 3), ("both", 3)])
    'swapped'
    >>> channel_verdict([("left", 3), ("right", 3), ("both", 3), ("left", 3)])
    'mono'
    >>> channel_verdict([("left", 1), ("right", 2), ("both", 3), ("left", 2)])
    'unclear'
    """
    given = list(answers)
    heard = [{where for sound, where in given if sound == name} for name in CHANNELS]
    if any(len(places) != 1 for places in heard):
        return "unclear"
    left, right, both = (places.pop() for places in heard)
    if left is not None and left == right:
        return "mono"
    if (left, right, both) == (1, 2, 3):
        return "ok"
    return "swapped" if (left, right, both) == (2, 1, 3) else "unclear"
