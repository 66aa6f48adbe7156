"""The log-mel spectrogram of PANNs and HTSAT: power, 64 Slaney bands, decibels. The same as torchlibrosa's layers.

torchlibrosa multiplies each frame by two 513 x 1024 matrices and builds the mel bank with librosa; here it is a real
FFT and the bank's formula. The network files hold the matrices and the bank too: `frozen` says what they must be.
"""

import math
from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Parameters = Mapping[str, int | float | str]


class LogMel:
    """The front-end of one recipe, on one device.

    The transform is in double precision: in single precision a loud bass leaves errors of .04 dB in the empty bands
    above 11 kHz, four times those of the packages' matrices. From the power on it is float32, never half precision,
    where power overflows.
    """

    def __init__(self, preprocessing: Parameters, device: str) -> None:
        self._n_fft, self._hop = int(preprocessing["n_fft"]), int(preprocessing["hop_length"])
        self._amin = float(preprocessing["power_min"])
        self._window = torch.from_numpy(_hann(self._n_fft)).to(device)
        self._bank = torch.from_numpy(mel_bank(preprocessing)).float().to(device)  # (F, n_mels)

    def __call__(self, waveforms: torch.Tensor) -> torch.Tensor:
        """Turn (B, n_samples) float32 into (B, 1, T, n_mels) decibels, T = 1 + n_samples // hop_length."""
        spectrum = torch.stft(
            waveforms.double(),
            self._n_fft,
            self._hop,
            window=self._window,
            center=True,
            pad_mode="reflect",
            return_complex=True,
        )  # (B, F, T)
        power = (spectrum.real**2 + spectrum.imag**2).float()
        mel = power.transpose(1, 2) @ self._bank  # (B, T, n_mels)
        return 10.0 * torch.log10(mel.clamp(min=self._amin))[:, None]


def mel_bank(preprocessing: Parameters) -> Float64:
    """Return the (n_fft / 2 + 1, n_mels) bank: triangles on Slaney's scale, each of area 1 over Hz.

    The bank is made for `mel_rate_hz`, which for CLAP is not the rate of its samples.

    References
    ----------
    M. Slaney, Auditory Toolbox, 1998; librosa.filters.mel(htk=False, norm="slaney").
    """
    n_fft, n_mels = int(preprocessing["n_fft"]), int(preprocessing["n_mels"])
    bins = np.linspace(0.0, float(preprocessing["mel_rate_hz"]) / 2.0, n_fft // 2 + 1)  # Hz
    low, high = (_mel(float(preprocessing[key])) for key in ("f_min_hz", "f_max_hz"))
    edges = np.array([_hertz(mel) for mel in np.linspace(low, high, n_mels + 2)])  # Hz
    ramps = bins[:, None] - edges[None, :]  # (F, n_mels + 2)
    widths = np.diff(edges)
    rising, falling = ramps[:, :-2] / widths[:-1], -ramps[:, 2:] / widths[1:]
    bank: Float64 = np.maximum(0.0, np.minimum(rising, falling)) * (2.0 / (edges[2:] - edges[:-2]))
    return bank


def frozen(preprocessing: Parameters) -> dict[str, torch.Tensor]:
    """Return what the published files call their front-end's weights, as float32."""
    n_fft = int(preprocessing["n_fft"])
    turns = np.outer(np.arange(n_fft // 2 + 1), np.arange(n_fft)) % n_fft  # whole turns leave nothing behind
    angles = 2.0 * np.pi * turns / n_fft
    window = _hann(n_fft)
    arrays = {
        "spectrogram_extractor.stft.conv_real.weight": (np.cos(angles) * window)[:, None],
        "spectrogram_extractor.stft.conv_imag.weight": (-np.sin(angles) * window)[:, None],
        "logmel_extractor.melW": mel_bank(preprocessing),
    }
    return {name: torch.from_numpy(array).float() for name, array in arrays.items()}


def _hann(n: int) -> Float64:
    window: Float64 = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(n) / n)  # periodic
    return window


# Slaney's scale: linear up to 1 kHz (15 mel), then 27 mel for each factor of 6.4.
def _mel(hertz: float) -> float:
    return hertz * 3.0 / 200.0 if hertz < 1000.0 else 15.0 + 27.0 * math.log(hertz / 1000.0) / math.log(6.4)


def _hertz(mel: float) -> float:
    return mel * 200.0 / 3.0 if mel < 15.0 else 1000.0 * 6.4 ** ((mel - 15.0) / 27.0)
