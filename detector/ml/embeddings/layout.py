"""The tensors of a published checkpoint: which there are, of what shape, and which of them are known beforehand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from .spec import BadWeights

State = dict[str, torch.Tensor]
COUNTER = "num_batches_tracked"  # counts training steps; no file of that age needs to have it
TOLERANCE = 1e-3  # of the largest value, for tensors that a formula gives


@dataclass(frozen=True)
class Layout:
    """What a file must hold for a network.

    source: name of the weights, as `weights fetch` knows them.
    learned: name -> shape of every learned tensor.
    fixed: name -> value of what is not learned (front-end, indices, masks); a file that has another is another network.
    spread: prefix -> mean and SD of what enters that batch normalisation, for drawn weights; elsewhere 0 and 1.
    """

    source: str
    learned: Mapping[str, torch.Size]
    fixed: Mapping[str, torch.Tensor]
    spread: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        source: str,
        network: torch.nn.Module,
        *,
        fixed: Mapping[str, torch.Tensor],
        buffers: Sequence[str] = (),
        spread: Mapping[str, tuple[float, float]] | None = None,
    ) -> "Layout":
        """Read the layout from a network; tensors whose names end in one of `buffers` are fixed as they stand in it."""
        state = {name: tensor for name, tensor in network.state_dict().items() if not name.endswith(COUNTER)}
        known = {name: tensor for name, tensor in state.items() if buffers and name.endswith(tuple(buffers))}
        learned = {name: tensor.shape for name, tensor in state.items() if name not in known}
        return cls(source=source, learned=learned, fixed={**known, **fixed}, spread=spread or {})

    def checked(self, source_state: Mapping[str, torch.Tensor], *, prefix: str = "") -> State:
        """Return the network's tensors from a published state dict, as it stands or below its key "model".

        prefix: only names that begin with it are looked at, and they lose it. Names that the network does not know are
        dropped, and fixed tensors that the file does not hold are put in: the file is known by its hash.

        Raises
        ------
        BadWeights
            When a learned tensor is missing or of the wrong shape, or a fixed one not what it must be.
        """
        inner = source_state.get("model", source_state)
        state = dict(inner) if isinstance(inner, Mapping) else {}
        state = {name.removeprefix(prefix): tensor for name, tensor in state.items() if name.startswith(prefix)}
        state = {name: tensor for name, tensor in state.items() if not name.endswith(COUNTER)}
        self._refuse("lacks", [prefix + name for name in self.learned if name not in state])
        there = {name: tensor for name, tensor in self.fixed.items() if name in state}
        shapes = {**self.learned, **{name: tensor.shape for name, tensor in there.items()}}
        wrong = [
            f"{prefix}{name} {_shape(state[name])} instead of {_shape(shape)}"
            for name, shape in shapes.items()
            if not isinstance(state[name], torch.Tensor) or state[name].shape != shape
        ]
        self._refuse("has tensors of the wrong shape:", wrong)
        other = [prefix + name for name, tensor in there.items() if not _is_close(state[name], tensor)]
        self._refuse("was made with another front-end or another order of tokens:", other)
        learned = {name: state[name].to(torch.float32) for name in self.learned}
        return {**learned, **self.fixed}

    def drawn(self, seed: int) -> State:
        """Return a state with every learned tensor drawn at random, so scaled that signals keep their size."""
        rng = np.random.default_rng(seed)
        drawn = {name: self._draw(name, self.learned[name], rng) for name in sorted(self.learned)}
        return {**drawn, **self.fixed}

    def _draw(self, name: str, shape: torch.Size, rng: np.random.Generator) -> torch.Tensor:
        mean, sd = next((each for key, each in self.spread.items() if name.startswith(key + ".")), (0.0, 1.0))
        if name.endswith("running_var"):
            values = sd**2 * rng.uniform(0.5, 1.5, shape)
        elif name.endswith("running_mean"):
            values = mean + sd * rng.normal(0.0, 0.1, shape)
        elif len(shape) > 1:  # weights, by He's rule; also the table of position biases
            fan_in = int(np.prod(shape[1:]))
            drawn = rng.standard_normal(tuple(shape), dtype=np.float32)
            return torch.from_numpy(drawn * np.float32(np.sqrt(2.0 / fan_in)))
        elif name.endswith("weight"):
            values = rng.uniform(0.5, 1.5, shape)
        else:
            values = rng.normal(0.0, 0.1, shape)
        return torch.from_numpy(np.asarray(values)).float()

    def _refuse(self, what: str, names: Sequence[str]) -> None:
        if not names:
            return
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        raise BadWeights(
            f"The file does not hold the network of {self.source}: it {what} {', '.join(names[:3])}{more}. If it is "
            f"the published file (`manage.py weights list` says what it is known by), please report this."
        )


def put_into(network: torch.nn.Module, state: Mapping[str, torch.Tensor]) -> None:
    """Load a state into a network; what only the front-end needs is left out."""
    own = network.state_dict()
    network.load_state_dict({name: state.get(name, tensor) for name, tensor in own.items()})


def read_converted(path: Path, layout: Layout) -> State:
    """Read a converted file. Raises BadWeights when it cannot be read or is not of the layout."""
    try:
        state = load_file(path)
    except (SafetensorError, OSError) as error:
        raise BadWeights(
            f"The converted weights {path.name} cannot be read ({error}). "
            f"Run `manage.py weights fetch {layout.source}` again."
        ) from None
    return layout.checked(state)


def _is_close(found: torch.Tensor, wanted: torch.Tensor) -> bool:
    values = wanted.to(torch.float32)  # published files hold indices as floating point numbers
    return bool((found.to(torch.float32) - values).abs().max() <= TOLERANCE * values.abs().max())


def _shape(shape: object) -> str:
    size = shape.shape if isinstance(shape, torch.Tensor) else shape
    return "x".join(str(n) for n in size) if isinstance(size, torch.Size) else type(shape).__name__
