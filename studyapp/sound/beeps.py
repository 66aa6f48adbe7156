"""Synthesise the built-in catch trial: how many beeps were there?"""

import numpy as np
from numpy.typing import NDArray

from studyapp.sound.levels import SAMPLE_RATE_HZ, gain_to, raised_cosine

BEEP_HZ = 1000.0
BEEP_S = 0.15
RAMP_S = 0.01
DURATION_S = 3.0
# Onsets, s: uneven, so that they are counted and not timed; all sounds are of one length.
ONSETS_S: dict[int, tuple[float, ...]] = {
    2: (0.4, 1.9),
    3: (0.3, 1.0, 2.2),
    4: (0.3, 0.9, 1.7, 2.4),
    5: (0.3, 0.8, 1.4, 1.9, 2.5),
}


def beeps(count: int, *, level_dbfs: float) -> NDArray[np.float64]:
    """Return that many beeps of 1 kHz, 150 ms each with ramps of 10 ms, the same in both ears: (132300, 2).

    count: 2 to 5. level_dbfs: RMS level while a beep sounds; the peak limits it to 0.99.

    Raises
    ------
    ValueError
        For another count.
    """
    if count not in ONSETS_S:
        raise ValueError(f"there are no sounds of {count!r} beeps, only of {', '.join(map(str, ONSETS_S))}")
    n_beep = round(BEEP_S * SAMPLE_RATE_HZ)
    beep = np.sin(2 * np.pi * BEEP_HZ * np.arange(n_beep) / SAMPLE_RATE_HZ)
    beep *= raised_cosine(n_beep, round(RAMP_S * SAMPLE_RATE_HZ))
    beep *= gain_to(level_dbfs, beep)
    sound = np.zeros(round(DURATION_S * SAMPLE_RATE_HZ))
    for onset_s in ONSETS_S[count]:
        start = round(onset_s * SAMPLE_RATE_HZ)
        sound[start : start + n_beep] = beep
    return np.stack((sound, sound), axis=1)
