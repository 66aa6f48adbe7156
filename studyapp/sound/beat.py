"""Synthesise the beat test: which of three sounds is the smoothest?

Two tones 30 Hz apart beat when they reach one ear together; with one in each ear there is nothing to beat. Over
loudspeakers they meet in the air, and all three sounds beat.

References
----------
Milne, A. E., Bianco, R., Poole, K. C., Zhao, S., Oxenham, A. J., Billig, A. J., & Chait, M. (2021). An online headphone
screening test based on dichotic pitch. Behavior Research Methods, 53, 1551-1562. doi:10.3758/s13428-020-01514-0. The
range of f1 is that of the authors' description (1,800 to 2,500 Hz); the files that they released lie below it.
"""

import numpy as np
from numpy.typing import NDArray

from studyapp.sound.levels import SAMPLE_RATE_HZ, gain_to, raised_cosine
from studyapp.sound.three_intervals import PLACES, join_intervals

LOWEST_HZ = 1800.0
HIGHEST_HZ = 2500.0
BEAT_HZ = 30.0
ROVE_DB = 4.0
TONES_S = 1.0
GAP_S = 1.0
RAMP_S = 0.05  # our own: the source names none, and an edge would click


def beat(target: int, *, level_dbfs: float, seed: int) -> NDArray[np.float64]:
    """Return one trial: three pairs of tones, f1 and f1 + 30 Hz, of 1,000 ms with 1,000 ms of silence between.

    f1 is drawn for the trial from 1,800 to 2,500 Hz. Two intervals have both tones in both ears; the target has the
    lower one in the left and the upper one in the right. Every ear has the same RMS level in every interval of its own
    level, which is roved by 0 to 4 dB downwards from interval to interval, so that loudness tells nothing.

    target: the smooth interval, 1 to 3. level_dbfs: RMS level before roving; the peak limits it to 0.99.

    Returns
    -------
    (220500, 2) at 44,100 Hz.

    Raises
    ------
    ValueError
        For another target.
    """
    if target not in PLACES:
        raise ValueError(f"target {target!r} is not 1, 2 or 3")
    rng = np.random.default_rng(seed)
    f1_hz = rng.uniform(LOWEST_HZ, HIGHEST_HZ)
    n_samples = round(TONES_S * SAMPLE_RATE_HZ)
    time_s = np.arange(n_samples) / SAMPLE_RATE_HZ
    lower, upper = np.sin(2 * np.pi * f1_hz * time_s), np.sin(2 * np.pi * (f1_hz + BEAT_HZ) * time_s)
    envelope = raised_cosine(n_samples, round(RAMP_S * SAMPLE_RATE_HZ))[:, np.newaxis]
    # One tone alone has the power of two tones of 1 / sqrt(2) of its amplitude.
    together = (lower + upper) / np.sqrt(2)
    rough, smooth = np.stack((together, together), axis=1), np.stack((lower, upper), axis=1)
    intervals = [envelope * (smooth if place == target else rough) for place in PLACES]
    gain = min(gain_to(level_dbfs, interval) for interval in intervals)
    roves = 10 ** (-rng.uniform(0.0, ROVE_DB, len(PLACES)) / 20)
    return join_intervals([gain * rove * interval for rove, interval in zip(roves, intervals, strict=True)], GAP_S)
