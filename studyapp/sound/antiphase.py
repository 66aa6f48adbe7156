"""Synthesise the antiphase test: which of three tones is the quietest?

References
----------
Woods, K. J. P., Siegel, M. H., Traer, J., & McDermott, J. H. (2017). Headphone screening to facilitate web-based
auditory experiments. Attention, Perception, & Psychophysics, 79, 2064-2072. doi:10.3758/s13414-017-1361-2. The shape of
the ramps, which the article leaves open, was measured on the files of the authors' released test.
"""

import numpy as np
from numpy.typing import NDArray

from studyapp.sound.levels import MAX_AMPLITUDE, SAMPLE_RATE_HZ
from studyapp.sound.three_intervals import Shuffler

TONE_HZ = 200.0
TONE_S = 1.0
GAP_S = 0.5
RAMP_S = 0.1
RAMP_POWER = 4  # the authors' files rise as (t / 100 ms) ** 4, not as a raised cosine
TARGET_DB = -6.0

# A letter for each interval: S the quieter target, I the standard, O the standard with one channel inverted.
ANTIPHASE_ORDERS: tuple[str, ...] = ("IOS", "ISO", "OIS", "OSI", "SIO", "SOI")


def right_answer(order: str) -> int:
    """Return the interval, 1 to 3, that holds the quieter tone.

    >>> [right_answer(order) for order in ANTIPHASE_ORDERS]
    [3, 2, 3, 2, 1, 1]
    """
    return _known(order).index("S") + 1


def draw_orders(rng: Shuffler, n_trials: int) -> list[str]:
    """Return the orders of an attempt: all six once, shuffled, then again as often as `n_trials` needs.

    So each interval is the right answer equally often in every six trials, and pressing one key always is chance.
    """
    orders: list[str] = []
    while len(orders) < n_trials:
        block = list(ANTIPHASE_ORDERS)
        rng.shuffle(block)
        orders += block
    return orders[:n_trials]


def amplitude_at_level(level_dbfs: float) -> float:
    """Return the amplitude of a sine with this RMS level (dBFS), at most 0.99: sqrt(2) 10 ** (level / 20)."""
    return min(MAX_AMPLITUDE, float(np.sqrt(2.0) * 10 ** (level_dbfs / 20)))


def antiphase(order: str, *, amplitude: float = 0.2) -> NDArray[np.float64]:
    """Return one trial of the antiphase test: three 200 Hz tones, "which was the quietest?".

    Over loudspeakers the inverted tone (O) cancels in the air and seems the quietest; over headphones it does not.
    Each tone lasts 1,000 ms with ramps of 100 ms, amplitude (t / 100 ms) ** 4 and mirrored at the end; 500 ms of
    silence lie between. S stands 6.0 dB below I and O; O has its right channel inverted.

    amplitude: of I and O, in (0, 0.99]; the authors' files have 0.2.

    Returns
    -------
    (176400, 2) at 44,100 Hz, in [-amplitude, amplitude].

    Raises
    ------
    ValueError
        For an unknown order or an amplitude outside (0, 0.99].
    """
    if not 0.0 < amplitude <= MAX_AMPLITUDE:
        raise ValueError(f"amplitude {amplitude!r} is not in (0, {MAX_AMPLITUDE}]")
    tone = amplitude * _ramped_tone()
    quiet = tone * 10 ** (TARGET_DB / 20)
    intervals = {"I": (tone, tone), "O": (tone, -tone), "S": (quiet, quiet)}
    gap = np.zeros((round(GAP_S * SAMPLE_RATE_HZ), 2))
    parts: list[NDArray[np.float64]] = []
    for letter in _known(order):
        parts += [np.stack(intervals[letter], axis=1), gap]
    return np.concatenate(parts[:-1])


def _ramped_tone() -> NDArray[np.float64]:
    n_samples, n_ramp = round(TONE_S * SAMPLE_RATE_HZ), round(RAMP_S * SAMPLE_RATE_HZ)
    tone = np.sin(2 * np.pi * TONE_HZ * np.arange(n_samples) / SAMPLE_RATE_HZ)
    ramp = (np.arange(n_ramp) / n_ramp) ** RAMP_POWER
    tone[:n_ramp] *= ramp
    tone[n_samples - n_ramp :] *= ramp[::-1]
    return tone


def _known(order: str) -> str:
    if order not in ANTIPHASE_ORDERS:
        raise ValueError(f"unknown order {order!r}; there are {', '.join(ANTIPHASE_ORDERS)}")
    return order
