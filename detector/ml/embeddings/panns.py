"""The recipe `panns-cnn14-32k`: Cnn14 of panns-inference 0.1.1, one vector for a whole clip.

The vector is the network's embedding: fc1 after maximum plus mean over time, with ReLU. Variants: `/1s` gives one
vector for each whole second (the remainder is dropped; a clip below one second is padded with zeros to one);
`/16k-bug` repeats a fault of the released pipeline, which resampled to 16 kHz and gave that to the network as if it
were 32 kHz. A clip too short for five halvings of its frames is padded with zeros.

References
----------
Q. Kong et al., PANNs: Large-Scale Pretrained Audio Neural Networks for Audio Pattern Recognition, IEEE/ACM TASLP 28,
2020.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from .layout import Layout, State, put_into, read_converted
from .logmel import LogMel, Parameters, frozen
from .packages import network_file
from .pieces import PieceEncoder, padded_to, whole_pieces
from .spec import EncoderSpec
from .specs_panns import CNN14

SOURCE = "panns-cnn14-32k"
AT_ONCE = {"cpu": 4, "cuda": 128}
BN0 = {"bn0": (-40.0, 30.0)}  # decibels


def load(spec: EncoderSpec, *, device: str, weights: Path | None) -> PieceEncoder:
    """Load the network onto `device`. weights: the converted file; none is needed for random ones.

    Raises BadWeights, or EncoderNotReady when the package is not installed.
    """
    network = build()
    layout = _layout(network)
    put_into(network, layout.drawn(spec.weights.seed) if weights is None else read_converted(weights, layout))
    network = network.eval().to(device)
    front_end = LogMel(spec.preprocessing, device)
    return PieceEncoder(
        spec,
        cut=lambda samples: cut(samples, spec.preprocessing),
        vectors=lambda pieces: network(front_end(pieces))["embedding"],
        device=device,
        at_once=AT_ONCE[device],
    )


def convert(source_state: Mapping[str, torch.Tensor]) -> State:
    """Return the network's tensors from the published state dict. Raises BadWeights."""
    return _layout(build()).checked(source_state)


def random_state(spec: EncoderSpec, seed: int) -> State:
    """Return drawn tensors in the converted layout."""
    return _layout(build()).drawn(seed)


def cut(samples: torch.Tensor, preprocessing: Parameters) -> Sequence[torch.Tensor]:
    """Return the clip, or its whole seconds, padded with zeros to lengths that the network takes."""
    size = int(preprocessing["piece_samples"])
    if size:
        return whole_pieces(samples, size, size)
    multiple = int(preprocessing["pad_to_multiple_of"])
    n = max(len(samples), int(preprocessing["min_samples"]))
    return [padded_to(samples, -(-n // multiple) * multiple)]


def build() -> Any:
    """Return the package's network with values that mean nothing yet."""
    file = network_file("panns_inference.models")
    p = CNN14.preprocessing
    with torch.random.fork_rng(devices=[]):
        return file.Cnn14(
            sample_rate=CNN14.sample_rate_hz,
            window_size=p["n_fft"],
            hop_size=p["hop_length"],
            mel_bins=p["n_mels"],
            fmin=p["f_min_hz"],
            fmax=p["f_max_hz"],
            classes_num=527,
        )


def _layout(network: torch.nn.Module) -> Layout:
    return Layout.of(SOURCE, network, fixed=frozen(CNN14.preprocessing), spread=BN0)
