"""Synthesise the noise to which participants set their volume."""

import numpy as np
from numpy.typing import NDArray

from studyapp.sound.levels import MAX_AMPLITUDE, SAMPLE_RATE_HZ

PINK_LOWEST_HZ = 50.0
PINK_HIGHEST_HZ = 16_000.0
NOISE_FADE_S = 0.05


def calibration_noise(
    *, level_dbfs: float, duration_s: float = 10.0, seed: int, sample_rate_hz: int = SAMPLE_RATE_HZ
) -> NDArray[np.float64]:
    """Return pink noise, the same in both ears, for setting the volume.

    The power falls as 1/f from 50 Hz to 16 kHz (or 0.45 of the sampling rate) and is nothing outside. Raised-cosine
    fades of 50 ms at both ends let it start, end and loop without a click.

    level_dbfs: RMS level over the whole sound. Where the peak would pass 0.99 (from about -13 dBFS up) the noise is
        made quieter, so that it never clips.

    Returns
    -------
    (n_samples, 2).
    """
    n_samples = round(duration_s * sample_rate_hz)
    frequencies = np.fft.rfftfreq(n_samples, 1 / sample_rate_hz)
    in_band = (frequencies >= PINK_LOWEST_HZ) & (frequencies <= min(PINK_HIGHEST_HZ, 0.45 * sample_rate_hz))
    rng = np.random.default_rng(seed)
    spectrum = np.zeros(len(frequencies), dtype=complex)
    spectrum[in_band] = rng.normal(size=in_band.sum()) + 1j * rng.normal(size=in_band.sum())
    spectrum[in_band] /= np.sqrt(frequencies[in_band])
    noise = np.fft.irfft(spectrum, n_samples)
    n_fade = min(round(NOISE_FADE_S * sample_rate_hz), n_samples // 2)
    fade = 0.5 - 0.5 * np.cos(np.pi * np.arange(n_fade) / n_fade)
    noise[:n_fade] *= fade
    noise[n_samples - n_fade :] *= fade[::-1]
    noise *= 10 ** (level_dbfs / 20) / np.sqrt(np.mean(np.square(noise)))
    noise *= min(1.0, MAX_AMPLITUDE / np.abs(noise).max())
    return np.stack((noise, noise), axis=1)
