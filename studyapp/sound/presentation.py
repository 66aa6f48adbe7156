"""Make the copies that participants hear: one format for a whole study, and no metadata."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from studyapp.sound.audit import AudioFacts
from studyapp.sound.wav import encode_pcm16


@dataclass(frozen=True, kw_only=True)
class CommonScale:
    """One format, and one scale of pictures, for clips of different rates, so that neither tells the rate of one."""

    sample_rate_hz: int
    n_channels: int
    top_hz: float

    @classmethod
    def of(cls, *, lowest_rate_hz: int, highest_rate_hz: int, n_channels: int) -> "CommonScale":
        """Return the format that loses nothing of any clip, and a picture that ends where every clip still has sound.

        Pictures end at 0.45 of the lowest rate: above it, a clip of that rate would be black.
        """
        return cls(sample_rate_hz=highest_rate_hz, n_channels=n_channels, top_hz=0.45 * lowest_rate_hz)


def choose_format(facts: Iterable[AudioFacts]) -> tuple[int, int]:
    """Return (sample_rate_hz, n_channels) for all copies: the highest rate among the clips; stereo if any clip is.

    One format for all, because a rate or a channel count could tell real from fake; the highest, so that no clip loses
    anything. Raises ValueError without clips.
    """
    formats = [(each.sample_rate_hz, each.n_channels) for each in facts]
    if not formats:
        raise ValueError("there are no clips to choose a format for")
    return max(rate for rate, _ in formats), max(channels for _, channels in formats)


def make_copy(
    samples: NDArray[np.floating],
    sample_rate_hz: int,
    *,
    target_rate_hz: int,
    n_channels: int,
    gain_db: float = 0.0,
    dither_seed: int | None = None,
) -> bytes:
    """Return the sound as the bytes of a 16-bit PCM WAV file without metadata.

    samples: (n_samples, n_channels of the source) with full scale 1. A mono source is written to both channels of a
        stereo copy. A 16-bit source whose rate and gain do not change keeps its samples bit for bit.
    target_rate_hz: resampled (soxr, very high quality, linear phase) only when it differs from `sample_rate_hz`. The
        overshoot of resampling a clip near full scale is clipped.
    gain_db: applied before rounding; 0 changes nothing.
    dither_seed: triangular dither of two steps peak to peak (variance 1/6 step^2), drawn from this seed for each sample
        of each channel, is added before rounding. None adds none. Without it a gain tells by the last bits which clips
        were made louder, and which one kept its samples.

    Raises
    ------
    ValueError
        When the source has more channels than the copy, or the gain would clip the source's peak.
    AudioError
        When a sample is not finite, or there is none.
    """
    frames = samples[:, np.newaxis] if samples.ndim == 1 else samples
    if frames.shape[1] not in (1, n_channels):
        raise ValueError(f"a source of {frames.shape[1]} channels does not fit a copy of {n_channels}")
    if gain_db != 0.0:
        frames = frames.astype(np.float64) * 10 ** (gain_db / 20)
        if gain_db > 0 and np.abs(frames).max() > 1.0:
            raise ValueError(f"a gain of {gain_db:g} dB would clip this sound")
    if target_rate_hz != sample_rate_hz:
        frames = soxr.resample(frames, sample_rate_hz, target_rate_hz, quality="VHQ")
    if frames.shape[1] != n_channels:
        frames = np.repeat(frames, n_channels, axis=1)
    if dither_seed is not None:
        steps = np.random.default_rng(dither_seed).random((2, *frames.shape))
        frames = frames + (steps[0] - steps[1]) / 32768
    return encode_pcm16(frames, target_rate_hz)
