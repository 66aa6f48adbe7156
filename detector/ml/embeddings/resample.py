"""Resampling by a windowed sinc with a Kaiser window: torchaudio's `sinc_interp_kaiser`, without torchaudio.

A rate change orig -> new is a bank of `new` filters that slides over the samples in steps of `orig` (both divided by
their greatest common divisor). Here it is a product of two matrices: windows of samples times filters.
"""

import math
from functools import lru_cache

import torch
from torch.nn import functional

MIN_STEP = 64  # short steps are taken several at once: the same filters, fewer and larger rows


def resample(
    samples: torch.Tensor, from_hz: int, to_hz: int, *, lowpass_filter_width: int, rolloff: float, beta: float
) -> torch.Tensor:
    """Return (n_new,) float32 samples at `to_hz`, with n_new = ceil(n_samples to_hz / from_hz).

    samples: (n_samples,) float32 at `from_hz`, on any device.
    lowpass_filter_width: zero crossings of the sinc on each side; rolloff: cut-off as a share of the lower Nyquist
        frequency; beta: shape of the Kaiser window.

    References
    ----------
    J. O. Smith, Digital Audio Resampling Home Page; torchaudio.functional.resample. The filters are computed in double
    precision, as `torchaudio.transforms.Resample` does.
    """
    if from_hz == to_hz:
        return samples
    n_new = math.ceil(to_hz * len(samples) / from_hz)
    filters, width, step = _filters(from_hz, to_hz, lowpass_filter_width, rolloff, beta, str(samples.device))
    padded = functional.pad(samples, (width, width + step + -len(samples) % step))
    windows = padded.unfold(0, len(filters), step)  # (n_steps, K)
    return (windows @ filters).reshape(-1)[:n_new]


@lru_cache(maxsize=32)
def _filters(
    from_hz: int, to_hz: int, crossings: int, rolloff: float, beta: float, device: str
) -> tuple[torch.Tensor, int, int]:
    """Return the (K, n_phases) filters, how many samples they reach back, and the samples of one step."""
    divisor = math.gcd(from_hz, to_hz)
    orig, new = from_hz // divisor, to_hz // divisor
    cutoff = min(orig, new) * rolloff
    width = math.ceil(crossings * orig / cutoff)
    n_steps = -(-MIN_STEP // orig)
    orig, new, cutoff = orig * n_steps, new * n_steps, cutoff * n_steps
    places = torch.arange(-width, width + orig, dtype=torch.float64) / orig  # (K,) in steps
    phases = torch.arange(new, dtype=torch.float64) / new  # (n_phases,)
    t = ((places[:, None] - phases[None, :]) * cutoff).clamp(-crossings, crossings)
    shape = torch.tensor(beta, dtype=torch.float64)
    window = torch.i0(shape * torch.sqrt(1 - (t / crossings) ** 2)) / torch.i0(shape)
    filters = torch.sinc(t) * window * (cutoff / orig)
    return filters.to(torch.float32).to(device), width, orig
