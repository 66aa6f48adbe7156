"""The recipe `clap-2023`: the audio tower of msclap 1.3.4, as the authors' pipeline uses it.

The clip at 44.1 kHz is cut into windows of 7 s, one beginning every second, and zeros fill what is missing behind the
end: a clip of 4 s gives the four suffixes that begin at 0, 1, 2 and 3 s. The vector is what the projection gives, not
normalised. The front-end is the one that the network was trained with, not the one of the package's YAML: its mel bank
is made for 32 kHz and ends at 14 kHz there, which is 19.3 kHz at 44.1 kHz.

`clap-2023/one-pass` is what msclap itself does with a file: repeat the clip until it fills 7 s, one pass. A clip of
more than 7 s, of which msclap takes 7 s at random, gives its first 7 s.

Of the network only what leads to the vector is computed: no attention maps, no classifier. The tensors of those are in
the converted file all the same, which is the whole audio tower.

References
----------
B. Elizalde, S. Deshmukh and H. Wang, Natural Language Supervision for General-Purpose Audio Representations,
ICASSP 2024. K. Chen et al., HTS-AT, ICASSP 2022.
"""

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from .layout import Layout, State, put_into, read_converted
from .logmel import LogMel, Parameters, frozen
from .packages import network_file
from .pieces import PieceEncoder, padded_to
from .spec import EncoderSpec
from .specs_clap import CLAP_2023

SOURCE = "clap-2023"
PREFIX = "audio_encoder."
HTSAT = "base.htsat."
AT_ONCE = {"cpu": 4, "cuda": 128}


def load(spec: EncoderSpec, *, device: str, weights: Path | None) -> PieceEncoder:
    """Load the audio tower onto `device`. weights: the converted file; none is needed for random ones.

    Raises BadWeights, or EncoderNotReady when the package is not installed.
    """
    tower = build()
    layout = _layout(tower)
    put_into(tower, layout.drawn(spec.weights.seed) if weights is None else read_converted(weights, layout))
    tower = tower.eval().to(device)
    front_end = LogMel(spec.preprocessing, device)
    return PieceEncoder(
        spec,
        cut=lambda samples: cut(samples, spec.preprocessing),
        vectors=lambda pieces: projected(tower, front_end(pieces)),
        device=device,
        at_once=AT_ONCE[device],
    )


def convert(source_state: Mapping[str, torch.Tensor]) -> State:
    """Return the audio tower's tensors from the published state dict. Raises BadWeights."""
    return _layout(build()).checked(source_state, prefix=PREFIX)


def random_state(spec: EncoderSpec, seed: int) -> State:
    """Return drawn tensors in the converted layout."""
    return _layout(build()).drawn(seed)


def cut(samples: torch.Tensor, preprocessing: Parameters) -> Sequence[torch.Tensor]:
    """Return the windows of 7 s, each (308700,)."""
    size, hop = int(preprocessing["piece_samples"]), int(preprocessing["piece_hop_samples"])
    if preprocessing["last_piece"] == "repeat to one piece, first piece of a longer clip":
        n_times = -(-size // max(1, len(samples)))
        return [padded_to(samples.repeat(n_times)[:size], size)]
    return [padded_to(samples[start : start + size], size) for start in range(0, max(1, len(samples)), hop)]


def projected(tower: Any, log_mel: torch.Tensor) -> torch.Tensor:
    """Turn (B, 1, 965, 64) decibels into (B, 1024)."""
    htsat = tower.base.htsat
    scaled = htsat.bn0(log_mel.transpose(1, 3)).transpose(1, 3)
    tokens = htsat.patch_embed(htsat.reshape_wav2img(scaled))  # (B, 1, 256, 256) -> (B, 4096, 96)
    for layer in htsat.layers:
        for block in layer.blocks:
            tokens, _attention = block(tokens)
        if layer.downsample is not None:
            tokens = layer.downsample(tokens)
    latent = htsat.norm(tokens).mean(dim=1)  # (B, 64, 768) -> (B, 768)
    vectors: torch.Tensor = tower.projection(latent)
    return vectors


def build() -> Any:
    """Return the package's audio tower with values that mean nothing yet."""
    file = network_file("msclap.models.clap")
    with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="torch.meshgrid")
        # The network ignores every number but the two widths: HTSAT reads the package's models/config.py.
        return file.AudioEncoder("HTSAT", 768, 1024, 44100, 1024, 320, 64, 50, 14000, 527)


def _layout(tower: torch.nn.Module) -> Layout:
    parameters = CLAP_2023.preprocessing
    return Layout.of(
        SOURCE,
        tower,
        fixed={HTSAT + name: tensor for name, tensor in frozen(parameters).items()},
        buffers=("relative_position_index", "attn_mask"),
        spread={HTSAT + "bn0": (-40.0, 30.0)},  # decibels
    )
