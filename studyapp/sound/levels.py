"""What every sound made by the program keeps to: its sampling rate and its largest amplitude."""

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE_HZ = 44_100
MAX_AMPLITUDE = 0.99


def rms_dbfs(samples: NDArray[np.float64]) -> float:
    """Return the RMS level over all samples, dBFS (full scale 1); minus infinity for silence."""
    with np.errstate(divide="ignore"):
        return float(20 * np.log10(np.sqrt(np.mean(np.square(samples)))))


def gain_to(level_dbfs: float, samples: NDArray[np.float64]) -> float:
    """Return the factor that brings the samples to this RMS level, or to the peak 0.99 where that comes first."""
    factor = 10 ** ((level_dbfs - rms_dbfs(samples)) / 20)
    return float(min(factor, MAX_AMPLITUDE / np.abs(samples).max()))


def raised_cosine(n_samples: int, n_ramp: int) -> NDArray[np.float64]:
    """Return an envelope (n_samples,) that rises and falls as a raised cosine over n_ramp samples at either end."""
    envelope = np.ones(n_samples)
    ramp = 0.5 - 0.5 * np.cos(np.pi * np.arange(n_ramp) / n_ramp)
    envelope[:n_ramp] = ramp
    envelope[n_samples - n_ramp :] = ramp[::-1]
    return envelope
