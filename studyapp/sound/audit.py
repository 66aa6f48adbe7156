"""Measure a sound: whether it can be used, and in what else but their making real and fake clips may differ."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studyapp.errors import AudioError
from studyapp.sound.loudness import integrated_loudness
from studyapp.vocab import Rejection

SILENT_PEAK = 10 ** (-84 / 20)  # about two steps of 16-bit PCM: what dither alone reaches
AUDIBLE = 10 ** (-60 / 20)
FULL_SCALE = 32767 / 32768
MAX_PEAK = 10.0
MIN_DURATION_S = 0.01
ENERGY_SHARE = 0.99


@dataclass(frozen=True, kw_only=True)
class AudioFacts:
    """What was measured on a sound, over all its channels.

    n_samples: samples per channel.
    n_channels: 1 or 2.
    sample_rate_hz: sampling rate, Hz.
    duration_s: n_samples / sample_rate_hz.
    level_dbfs: 10 log10 of the mean square of all samples; a full-scale square wave is 0, a full-scale sine -3.01.
    peak_dbfs: 20 log10 of the largest absolute sample; above 0 only for floating-point files.
    dc_offset: mean of all samples.
    bandwidth_hz: the lowest frequency below which 99 % of the energy lies, from the discrete Fourier transform of the
        whole clip without its mean, energies of the channels added; in [0, sample_rate_hz / 2].
    leading_silence_s: time before the first sample of any channel above -60 dBFS; the duration when there is none.
    longest_zero_run_s: longest time in which every channel is exactly zero.
    clipped_fraction: share of samples at or beyond the largest positive 16-bit value (32767/32768), in [0, 1].
    loudness_lufs: integrated loudness of the channels as they are; None where BS.1770 defines none (below 0.4 s, or all
        below its gate).
    """

    n_samples: int
    n_channels: int
    sample_rate_hz: int
    duration_s: float
    level_dbfs: float
    peak_dbfs: float
    dc_offset: float
    bandwidth_hz: float
    leading_silence_s: float
    longest_zero_run_s: float
    clipped_fraction: float
    loudness_lufs: float | None


def measure(samples: NDArray[np.floating], sample_rate_hz: int) -> AudioFacts:
    """Return the facts of a sound; every one is finite, and only the loudness can be None.

    samples: (n_samples, n_channels) or (n_samples,), full scale 1.

    Raises
    ------
    AudioError
        empty: shorter than 10 ms. non_finite: NaN or infinity. unreadable: samples beyond ten times full scale, as when
        integers were saved as floats. silent: no sample lies more than -84 dBFS from its channel's mean, so that only a
        constant or dither is left.
    """
    given = samples[:, np.newaxis] if samples.ndim == 1 else samples  # (n_samples, n_channels)
    n_samples, n_channels = given.shape
    if n_samples < max(1.0, MIN_DURATION_S * sample_rate_hz):
        raise AudioError(Rejection.EMPTY, f"{n_samples} samples; a sound needs at least {MIN_DURATION_S * 1000:.0f} ms")
    n_bad = int(np.count_nonzero(~np.isfinite(given)))
    if n_bad:
        raise AudioError(Rejection.NON_FINITE, f"{n_bad} samples are NaN or infinite")
    frames = given.astype(np.float64)
    magnitudes = np.abs(frames)
    peak = float(magnitudes.max())
    if peak > MAX_PEAK:
        raise AudioError(
            Rejection.UNREADABLE,
            f"the largest sample is {peak:g} times full scale; save the file again with 1 as full scale",
        )
    centred = frames - frames.mean(axis=0)
    if float(np.abs(centred).max()) <= SILENT_PEAK:
        raise AudioError(Rejection.SILENT, "no sample lies more than -84 dBFS from the mean")
    return AudioFacts(
        n_samples=n_samples,
        n_channels=n_channels,
        sample_rate_hz=sample_rate_hz,
        duration_s=n_samples / sample_rate_hz,
        level_dbfs=float(10 * np.log10(np.mean(np.square(frames)))),
        peak_dbfs=float(20 * np.log10(peak)),
        dc_offset=float(frames.mean()),
        bandwidth_hz=_bandwidth(centred, sample_rate_hz),
        leading_silence_s=_leading_silence(magnitudes.max(axis=1)) / sample_rate_hz,
        longest_zero_run_s=_longest_run(magnitudes.max(axis=1) == 0.0) / sample_rate_hz,
        clipped_fraction=float(np.mean(magnitudes >= FULL_SCALE)),
        loudness_lufs=integrated_loudness(frames, sample_rate_hz),
    )


def _bandwidth(centred: NDArray[np.float64], sample_rate_hz: int) -> float:
    energies = np.square(np.abs(np.fft.rfft(centred, axis=0))).sum(axis=1)  # (n_samples // 2 + 1,)
    cumulative = np.cumsum(energies)
    index = int(np.searchsorted(cumulative, ENERGY_SHARE * cumulative[-1]))
    return index * sample_rate_hz / len(centred)


def _leading_silence(envelope: NDArray[np.float64]) -> int:
    audible = envelope > AUDIBLE
    return int(np.argmax(audible)) if audible.any() else len(envelope)


def _longest_run(claims: NDArray[np.bool_]) -> int:
    """Return the length of the longest run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], claims, [False]))))
    return int((edges[1::2] - edges[::2]).max()) if edges.size else 0
