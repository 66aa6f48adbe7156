"""The samples that the published pipeline gave its networks: mono, resampled, and once through a 16-bit WAV file."""

import torch

from .resample import resample
from .spec import EncoderSpec, Sound

FULL_SCALE = 32768.0


def recording(sound: Sound, spec: EncoderSpec, *, device: str) -> torch.Tensor:
    """Return (n_samples,) float32 in [-1, 1) at the recipe's `resample_to_hz`: 16-bit values divided by 32768."""
    p = spec.preprocessing
    mono = torch.from_numpy(sound.samples).to(device).mean(dim=1)
    resampled = resample(
        mono,
        sound.sample_rate_hz,
        int(p["resample_to_hz"]),
        lowpass_filter_width=int(p["lowpass_filter_width"]),
        rolloff=float(p["rolloff"]),
        beta=float(p["kaiser_beta"]),
    )
    return as_16_bit(resampled)


def as_16_bit(samples: torch.Tensor) -> torch.Tensor:
    """Round to the values of a 16-bit file, and stop at its ends.

    The authors wrote with `torchaudio.save(..., encoding="PCM_S", bits_per_sample=16)` and read int16 / 32768. Which
    library wrote is not recorded. FFmpeg and SoX, torchaudio's first choices, scale by 32768, round to the nearest and
    clip (they differ on exact halves only); this is assumed. libsndfile rounds down: half a step (1.5e-5) lower.
    """
    return (samples * FULL_SCALE).round().clamp(-FULL_SCALE, FULL_SCALE - 1) / FULL_SCALE
