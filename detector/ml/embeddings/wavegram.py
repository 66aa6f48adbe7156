"""The recipe `panns-wavegram-logmel`: Wavegram-Logmel-Cnn14, which no package has. One vector for a whole clip.

Two branches see the clip: learned filters on the waveform, whose 128 channels at the end are read as 4 maps of 32
bands, and the log-mel spectrogram of Cnn14. Their 64 + 64 maps go through the rest of Cnn14 together. Names of tensors
are those of the published file (audioset_tagging_cnn, pytorch/models.py).

The branches agree in length only for an even number of hops, so a clip is padded with zeros to a multiple of 640
samples. Variants are those of `panns`.

References
----------
Q. Kong et al., PANNs: Large-Scale Pretrained Audio Neural Networks for Audio Pattern Recognition, IEEE/ACM TASLP 28,
2020, section III-C.
"""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

from .layout import Layout, State, put_into, read_converted
from .logmel import LogMel, frozen
from .panns import AT_ONCE, BN0, cut
from .pieces import PieceEncoder
from .spec import EncoderSpec
from .specs_panns import WAVEGRAM

SOURCE = "panns-wavegram-logmel"


class TimeBlock(nn.Module):
    """(B, C, T) -> (B, C', T / 4): two convolutions over time, the second dilated, and the maximum of four."""

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(n_in, n_out, 3, padding=1, bias=False)
        self.conv2 = nn.Conv1d(n_out, n_out, 3, padding=2, dilation=2, bias=False)
        self.bn1 = nn.BatchNorm1d(n_out)
        self.bn2 = nn.BatchNorm1d(n_out)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = functional.relu_(self.bn1(self.conv1(x)))
        x = functional.relu_(self.bn2(self.conv2(x)))
        return functional.max_pool1d(x, 4)


class ImageBlock(nn.Module):
    """(B, C, T, F) -> (B, C', T / p, F / q): two 3 x 3 convolutions and the mean of each p x q."""

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(n_in, n_out, 3, padding=1, bias=False)
        self.conv2 = nn.Conv2d(n_out, n_out, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(n_out)
        self.bn2 = nn.BatchNorm2d(n_out)

    def forward(self, x: torch.Tensor, pool: tuple[int, int]) -> torch.Tensor:
        x = functional.relu_(self.bn1(self.conv1(x)))
        x = functional.relu_(self.bn2(self.conv2(x)))
        return functional.avg_pool2d(x, pool) if pool != (1, 1) else x


class WavegramLogmelCnn14(nn.Module):
    """Shapes in the comments are for 4 s at 32 kHz."""

    def __init__(self) -> None:
        super().__init__()
        self.pre_conv0 = nn.Conv1d(1, 64, 11, stride=5, padding=5, bias=False)
        self.pre_bn0 = nn.BatchNorm1d(64)
        self.pre_block1 = TimeBlock(64, 64)
        self.pre_block2 = TimeBlock(64, 128)
        self.pre_block3 = TimeBlock(128, 128)
        self.pre_block4 = ImageBlock(4, 64)
        self.bn0 = nn.BatchNorm2d(64)
        self.conv_block1 = ImageBlock(1, 64)
        self.conv_block2 = ImageBlock(128, 128)
        self.conv_block3 = ImageBlock(128, 256)
        self.conv_block4 = ImageBlock(256, 512)
        self.conv_block5 = ImageBlock(512, 1024)
        self.conv_block6 = ImageBlock(1024, 2048)
        self.fc1 = nn.Linear(2048, 2048)
        self.fc_audioset = nn.Linear(2048, 527)  # the published file has it; no vector needs it

    def forward(self, waveforms: torch.Tensor, log_mel: torch.Tensor) -> torch.Tensor:
        """Turn (B, 128000) samples and their (B, 1, 401, 64) decibels into (B, 2048)."""
        x = self.bn0(log_mel.transpose(1, 3)).transpose(1, 3)
        x = self.conv_block1(x, (2, 2))  # (B, 64, 200, 32)
        x = torch.cat((x, self.wavegram(waveforms)), dim=1)  # (B, 128, 200, 32)
        x = self.conv_block2(x, (2, 2))  # (B, 128, 100, 16)
        x = self.conv_block3(x, (2, 2))  # (B, 256, 50, 8)
        x = self.conv_block4(x, (2, 2))  # (B, 512, 25, 4)
        x = self.conv_block5(x, (2, 2))  # (B, 1024, 12, 2)
        x = self.conv_block6(x, (1, 1)).mean(dim=3)  # (B, 2048, 12)
        pooled = x.amax(dim=2) + x.mean(dim=2)  # (B, 2048)
        return functional.relu_(self.fc1(pooled))

    def wavegram(self, waveforms: torch.Tensor) -> torch.Tensor:
        """Turn (B, 128000) samples into (B, 64, 200, 32)."""
        x = functional.relu_(self.pre_bn0(self.pre_conv0(waveforms[:, None])))  # (B, 64, 25600)
        x = self.pre_block3(self.pre_block2(self.pre_block1(x)))  # (B, 128, 400)
        x = x.unflatten(1, (4, 32)).transpose(2, 3)  # (B, 4, 400, 32)
        wavegram: torch.Tensor = self.pre_block4(x, (2, 1))
        return wavegram


def load(spec: EncoderSpec, *, device: str, weights: Path | None) -> PieceEncoder:
    """Load the network onto `device`. weights: the converted file; none is needed for random ones.

    Raises BadWeights.
    """
    network = build()
    layout = _layout(network)
    put_into(network, layout.drawn(spec.weights.seed) if weights is None else read_converted(weights, layout))
    network = network.eval().to(device)
    front_end = LogMel(spec.preprocessing, device)
    return PieceEncoder(
        spec,
        cut=lambda samples: cut(samples, spec.preprocessing),
        vectors=lambda pieces: network(pieces, front_end(pieces)),
        device=device,
        at_once=AT_ONCE[device],
    )


def convert(source_state: Mapping[str, torch.Tensor]) -> State:
    """Return the network's tensors from the published state dict. Raises BadWeights."""
    return _layout(build()).checked(source_state)


def random_state(spec: EncoderSpec, seed: int) -> State:
    """Return drawn tensors in the converted layout."""
    return _layout(build()).drawn(seed)


def build() -> WavegramLogmelCnn14:
    """Return the network with values that mean nothing yet."""
    with torch.random.fork_rng(devices=[]):
        return WavegramLogmelCnn14()


def _layout(network: nn.Module) -> Layout:
    spread = {**BN0, "pre_bn0": (0.0, 0.1)}  # of samples around 0.07 RMS
    return Layout.of(SOURCE, network, fixed=frozen(WAVEGRAM.preprocessing), spread=spread)
