"""The recipe `vggish`: the network of torchvggish 0.2, one vector for each 0.96 s.

The authors' pipeline leaves out the network's last ReLU and the PCA with its quantisation. The front-end of the package
(NumPy, double precision) is rewritten for batches: magnitude, HTK mel bank without the DC row, ln(mel + 0.01). A piece
of 15,600 samples gives exactly the 96 frames of one patch, and the next begins 96 frames later; frames that fill no
patch are dropped, as in the package. A clip shorter than a patch (0.975 s), which the package cannot handle, is padded
with zeros to one.

References
----------
S. Hershey et al., CNN Architectures for Large-Scale Audio Classification, ICASSP 2017.
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from .layout import Layout, State, put_into, read_converted
from .packages import network_file
from .pieces import PieceEncoder, whole_pieces
from .spec import EncoderSpec

SOURCE = "vggish"
AT_ONCE = {"cpu": 32, "cuda": 512}


def load(spec: EncoderSpec, *, device: str, weights: Path | None) -> PieceEncoder:
    """Load the network onto `device`. weights: the converted file; none is needed for random ones.

    Raises BadWeights, or EncoderNotReady when the package is not installed.
    """
    network = build()
    layout = _layout(network)
    put_into(network, layout.drawn(spec.weights.seed) if weights is None else read_converted(weights, layout))
    network.embeddings = network.embeddings[:-1]  # no ReLU after the last layer
    network = network.eval().to(device)
    p = spec.preprocessing
    cut = partial(whole_pieces, size=int(p["piece_samples"]), hop=int(p["piece_hop_samples"]))
    front_end = LogMagnitude(spec, device)
    return PieceEncoder(
        spec, cut=cut, vectors=lambda pieces: network(front_end(pieces)), device=device, at_once=AT_ONCE[device]
    )


def convert(source_state: Mapping[str, torch.Tensor]) -> State:
    """Return the network's tensors from the published state dict. Raises BadWeights."""
    return _layout(build()).checked(source_state)


def random_state(spec: EncoderSpec, seed: int) -> State:
    """Return drawn tensors in the converted layout."""
    return _layout(build()).drawn(seed)


def build() -> Any:
    """Return the package's network with values that mean nothing yet."""
    file = network_file("torchvggish.torchvggish")
    with torch.random.fork_rng(devices=[]):
        return file.VGG(file.make_layers(), postprocess=False)


def _layout(network: torch.nn.Module) -> Layout:
    return Layout.of(SOURCE, network, fixed={})


class LogMagnitude:
    """(B, 15600) samples to (B, 1, 96, 64) log-mel magnitudes, in float32."""

    def __init__(self, spec: EncoderSpec, device: str) -> None:
        p = spec.preprocessing
        self._n_fft, self._size, self._hop = int(p["n_fft"]), int(p["win_length"]), int(p["hop_length"])
        self._offset = float(p["log_offset"])
        self._window = torch.hann_window(self._size, dtype=torch.float64).float().to(device)
        self._bank = torch.from_numpy(mel_bank(spec)).float().to(device)  # (F, 64)

    def __call__(self, pieces: torch.Tensor) -> torch.Tensor:
        framed = pieces.unfold(1, self._size, self._hop)  # (B, 96, 400)
        magnitudes = torch.fft.rfft(framed * self._window, self._n_fft).abs()  # (B, 96, F)
        return torch.log(magnitudes @ self._bank + self._offset)[:, None]


def mel_bank(spec: EncoderSpec) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the (n_fft / 2 + 1, n_mels) bank: triangles that are straight on the HTK mel scale, peaks of 1, no DC."""
    p = spec.preprocessing
    rate_hz, n_fft, n_mels = float(spec.sample_rate_hz), int(p["n_fft"]), int(p["n_mels"])
    hertz = np.array([*np.linspace(0.0, rate_hz / 2.0, n_fft // 2 + 1), float(p["f_min_hz"]), float(p["f_max_hz"])])
    mels = 1127.0 * np.log(1.0 + hertz / 700.0)
    bins, (low, high) = mels[:-2], mels[-2:]
    edges = np.linspace(low, high, n_mels + 2)
    ramps = bins[:, None] - edges[None, :]  # (F, n_mels + 2)
    widths = np.diff(edges)
    bank = np.maximum(0.0, np.minimum(ramps[:, :-2] / widths[:-1], -ramps[:, 2:] / widths[1:]))
    bank[0] = 0.0
    return bank
