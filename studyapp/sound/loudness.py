"""Integrated loudness of a sound after ITU-R BS.1770."""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

BLOCK_S = 0.4
OVERLAP = 4  # blocks begin every quarter of a block
ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0
DUAL_MONO_LU = 10 * np.log10(
    2
)  # what a mono sound gains in loudness when it is written to both channels of a stereo one


def integrated_loudness(samples: NDArray[np.floating], sample_rate_hz: int) -> float | None:
    """Return the integrated (gated) loudness, LUFS; None where the standard defines none.

    samples: (n_samples,) or (n_samples, n_channels) with one or two channels, full scale 1.
    sample_rate_hz: at least 8000.

    None: the sound is shorter than one block of 0.4 s, or every block lies below the absolute gate of -70 LUFS.

    Notes
    -----
    Blocks of 400 ms that overlap by 75 %, K-weighted, -0.691 + 10 log10 of the channels' summed mean squares (left and
    right weigh 1). Blocks below -70 LUFS are left out, then those more than 10 LU below the mean of the rest. A last
    block that is not whole is left out. A sine of 997 Hz at 0 dBFS in one channel gives -3.01 LUFS.

    The standard gives the two filters at 48 kHz. At other rates they are the same analogue filters under the bilinear
    transform (De Man 2014), which at 48 kHz returns the standard's coefficients.

    References
    ----------
    ITU-R BS.1770-4 (2015), annex 1. B. De Man, "Evaluation of implementations of the EBU R128 loudness measurement",
    AES convention 137 (2014), e-brief.

    Examples
    --------
    >>> sine = np.sin(2 * np.pi * 997 * np.arange(48_000) / 48_000)
    >>> round(integrated_loudness(sine, 48_000), 2)
    -3.01
    """
    frames = samples[:, np.newaxis] if samples.ndim == 1 else samples  # (n_samples, n_channels)
    powers = _block_powers(_k_weighted(frames.astype(np.float64), sample_rate_hz), sample_rate_hz)
    audible = powers[_lufs(powers) > ABSOLUTE_GATE_LUFS]
    if not audible.size:
        return None
    gate = float(_lufs(audible.mean())) + RELATIVE_GATE_LU
    return float(_lufs(audible[_lufs(audible) > gate].mean()))


def _lufs(power: NDArray[np.float64] | np.float64) -> NDArray[np.float64]:
    with np.errstate(divide="ignore"):
        return np.asarray(-0.691 + 10 * np.log10(power))


def _block_powers(frames: NDArray[np.float64], sample_rate_hz: int) -> NDArray[np.float64]:
    """Return the mean square of each block, added over the channels: (n_blocks,)."""
    n_block = round(BLOCK_S * sample_rate_hz)
    if len(frames) < n_block:
        return np.empty(0)
    n_blocks = int((len(frames) - n_block) / (n_block / OVERLAP)) + 1
    starts = np.rint(np.arange(n_blocks) * (n_block / OVERLAP)).astype(int)
    cumulative = np.concatenate(([0.0], np.cumsum(np.square(frames).sum(axis=1))))  # (n_samples + 1,)
    ends = np.minimum(starts + n_block, len(frames))
    return np.asarray(np.maximum(cumulative[ends] - cumulative[starts], 0.0) / n_block)


def _k_weighted(frames: NDArray[np.float64], sample_rate_hz: int) -> NDArray[np.float64]:
    shelved = lfilter(*high_shelf(sample_rate_hz), frames, axis=0)
    return np.asarray(lfilter(*high_pass(sample_rate_hz), shelved, axis=0))


def high_shelf(sample_rate_hz: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (b, a) of the first filter, the effect of a head: +4 dB above about 1.7 kHz."""
    k = np.tan(np.pi * 1681.974450955533 / sample_rate_hz)
    q, high = 0.7071752369554196, 10 ** (3.999843853973347 / 20)
    band = high**0.4996667741545416
    a0 = 1 + k / q + k * k
    b = np.array([high + band * k / q + k * k, 2 * (k * k - high), high - band * k / q + k * k])
    return b / a0, np.array([a0, 2 * (k * k - 1), 1 - k / q + k * k]) / a0


def high_pass(sample_rate_hz: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (b, a) of the second filter, the RLB curve: little below about 38 Hz. Its b is not normalised."""
    k = np.tan(np.pi * 38.13547087602444 / sample_rate_hz)
    q = 0.5003270373238773
    a0 = 1 + k / q + k * k
    return np.array([1.0, -2.0, 1.0]), np.array([a0, 2 * (k * k - 1), 1 - k / q + k * k]) / a0
