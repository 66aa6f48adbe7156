"""An encoder of two small tensors, for tests of weights: its published file is whatever the test writes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor

from detector.ml.embeddings.spec import BadWeights, EncoderSpec, Frames, Sound, WeightsSource

SHAPES = {"layer.weight": (4, 3), "layer.bias": (4,)}


def convert(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the tensors by their own names. Raises BadWeights."""
    for name, shape in SHAPES.items():
        if name not in state:
            raise BadWeights(f"the file has no tensor {name}")
        if tuple(state[name].shape) != shape:
            raise BadWeights(f"{name} has the shape {tuple(state[name].shape)}, not {shape}")
    return {name: state[name] for name in SHAPES}


def load(spec: EncoderSpec, *, device: str, weights: Path | None = None) -> "Tiny":
    if weights is None:
        raise BadWeights("no file was given")
    return Tiny(load_file(weights))


class Tiny:
    """Mean, deviation and largest value of the clip, by the layer."""

    def __init__(self, state: dict[str, Tensor]) -> None:
        self._state = state

    def frames(self, sounds: Sequence[Sound]) -> list[Frames]:
        return [self._frame(sound.samples) for sound in sounds]

    def _frame(self, samples: Any) -> Frames:
        facts = torch.tensor([[samples.mean(), samples.std(), samples.max()]])
        given = torch.nn.functional.linear(facts, self._state["layer.weight"], self._state["layer.bias"])
        return np.asarray(given.numpy(), dtype=np.float32)


def good_state() -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(5)
    state = {name: torch.randn(shape, generator=generator) for name, shape in SHAPES.items()}
    return {**state, "head.unused": torch.ones(7)}


def tiny_spec(name: str = "tiny", **source: Any) -> EncoderSpec:
    return EncoderSpec(
        name=name,
        title="Tiny",
        dim=4,
        sample_rate_hz=8000,
        licence="CC0",
        citation="Nobody, Nowhere, 2026",
        url="https://example.org/tiny",
        description="For tests.",
        weights=WeightsSource(
            name=name,
            kind="download",
            licence="CC0",
            file=f"{name}.pth",
            page="https://example.org/tiny",
            **{"url": f"https://example.org/{name}.pth", **source},
        ),
        preprocessing={"facts": "mean, deviation, maximum"},
        recipe_version=1,
        module="tests.detector.tiny_encoder",
    )
