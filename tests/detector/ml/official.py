"""Files in the form of the published checkpoints, with every tensor drawn, and what turns them into ours.

Names and shapes come from tests/golden/keys_*.txt, not from the code under test; what is frozen in the published files
(the front-end's matrices, indices, masks) comes from the packages.
"""

import importlib
from collections import OrderedDict
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from detector.ml.embeddings.registry import SPECS

from . import published

GOLDEN = Path(__file__).parents[2] / "golden"
DECIBELS = "bn0."  # what enters it is around -40 with an SD of 30
State = dict[str, torch.Tensor]


def keys(source: str) -> dict[str, tuple[int, ...]]:
    """Return name -> shape of a published file, as far as an encoder needs it."""
    lines = (GOLDEN / f"keys_{source}.txt").read_text().splitlines()
    rows = [line.split() for line in lines if not line.startswith("#")]
    return {name: tuple(int(n) for n in shape.split("x")) if shape != "-" else () for name, shape in rows}


def draw(source: str, *, seed: int) -> State:
    """Return a state with every tensor drawn, and frozen ones as published."""
    generator = torch.Generator().manual_seed(seed)
    frozen = _frozen(source)
    return {
        name: frozen[name] if name in frozen else _draw(name, shape, generator) for name, shape in keys(source).items()
    }


def _draw(name: str, shape: tuple[int, ...], generator: torch.Generator) -> torch.Tensor:
    normal, uniform = torch.randn(shape, generator=generator), torch.rand(shape, generator=generator)
    is_db = (name.startswith(DECIBELS) or f".{DECIBELS}" in name) and "pre_bn0" not in name
    scale = 30.0 if is_db else 0.1 if name.startswith("pre_bn0") else 1.0
    if name.endswith("running_var"):
        return scale**2 * (0.5 + uniform)
    if name.endswith("running_mean"):
        return (-40.0 if is_db else 0.0) + scale * 0.2 * normal
    if len(shape) > 1:
        return normal * (2.0 / torch.Size(shape[1:]).numel()) ** 0.5
    return 0.5 + uniform if name.endswith("weight") else 0.2 * normal


def _frozen(source: str) -> State:
    if source == "vggish":
        return {}
    if source != "clap-2023":
        own = published.cnn14().state_dict()
        return {name: tensor for name, tensor in own.items() if "extractor." in name}
    own = published.clap().state_dict()
    marks = ("extractor.", "relative_position_index", "attn_mask")
    # The published file holds indices as floating point numbers.
    return {f"audio_encoder.{name}": tensor.float() for name, tensor in own.items() if any(m in name for m in marks)}


def write(source: str, state: State, path: Path) -> Path:
    """Save a state as the published file of that source is saved."""
    if source == "vggish":
        torch.save(OrderedDict(state), path)
    elif source == "clap-2023":
        text = {"caption_encoder.base.wte.weight": torch.randn(50, 8), "logit_scale": torch.tensor(2.66)}
        text |= {
            "caption_encoder.base.h.0.attn.bias": torch.ones(1, 1, 4, 4),
            "caption_encoder.projection.x": torch.ones(3),
        }
        torch.save({"model": OrderedDict({**state, **text})}, path)
    else:  # files of PyTorch 1.0's time, with the counters of batch normalisation
        counters = {
            n.replace("running_var", "num_batches_tracked"): torch.tensor(7) for n in state if "running_var" in n
        }
        content = {"iteration": 600000, "model": OrderedDict({**state, **counters})}
        torch.save(content, path, _use_new_zipfile_serialization=False)
    return path


def converted(source: str, official: Path, path: Path) -> Path:
    """Turn a file in the published form into ours: read safely, converted by the encoder's module, safetensors."""
    state = torch.load(official, map_location="cpu", weights_only=True)
    save_file(module(source).convert(state), path)
    return path


def module(source: str) -> Any:
    return importlib.import_module(SPECS[source].module)


def swapped(state: State, one: str, other: str) -> State:
    assert state[one].shape == state[other].shape
    return {**state, one: state[other], other: state[one]}
