"""The paper's head, R runs at once: every parameter has a leading axis of runs, and no run touches another.

One run: Linear(D, 512) - ReLU - Dropout - Linear(512, 1024) - ReLU - Dropout - Linear(1024, 512) - ReLU - Dropout -
Linear(512, 1). Its output is a logit; sigmoid of it is the fake_score. 1,575,425 parameters for D = 1024.

Letters in shape comments: R runs, B clips, D numbers in a clip's vector, I and O a layer's inputs and outputs.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import sqrt

import torch
from torch import Tensor, nn

from detector.ml.config import HeadConfig


class Head(nn.Module):
    """R independent heads. `layers.{k}.weight` is (R, I, O) and `layers.{k}.bias` (R, O)."""

    def __init__(self, dim: int, n_runs: int, config: HeadConfig) -> None:
        super().__init__()
        widths = [dim, *config.hidden, 1]
        self.n_runs = n_runs
        self.dropout = config.dropout
        self.layers = nn.ModuleList(RunsLinear(n_runs, i, o) for i, o in pairwise(widths))

    def forward(self, x: Tensor, masks: Sequence[Tensor] | None = None) -> Tensor:
        """Return the logits (R, B) of x, which is (R, B, D), or (B, D) where every run sees the same clips.

        masks: for each hidden layer, (R, B, O) 1 for a unit that stays and 0 for a dropped one; None outside
            training.
        """
        if x.dim() == 2:
            x = x.expand(self.n_runs, -1, -1)  # (R, B, D)
        last = len(self.layers) - 1
        for place, layer in enumerate(self.layers):
            x = layer(x)  # (R, B, O)
            if place < last:
                x = torch.relu(x)
                if masks is not None:
                    x = x * masks[place]
        return x.squeeze(-1)  # (R, B)

    def draw_masks(self, n_clips: int, streams: Sequence[torch.Generator]) -> list[Tensor]:
        """Draw the dropout masks of one step, each run from its own stream."""
        masks = []
        for layer in self._linears()[:-1]:
            width = layer.bias.shape[1]
            drawn = torch.empty(self.n_runs, n_clips, width, device=layer.bias.device)  # (R, B, O)
            for run, stream in enumerate(streams):
                drawn[run].bernoulli_(1.0 - self.dropout, generator=stream)
            masks.append(drawn.div_(1.0 - self.dropout))
        return masks

    @torch.no_grad()
    def initialise(self, streams: Sequence[torch.Generator]) -> None:
        """Draw nn.Linear's default initial values, uniform within 1 / sqrt(I), each run from its own (CPU) stream."""
        for run, stream in enumerate(streams):
            for layer in self._linears():
                bound = 1.0 / sqrt(layer.weight.shape[1])
                for parameter in (layer.weight[run].T, layer.bias[run]):  # (O, I), (O,): nn.Linear's order
                    drawn = torch.empty(parameter.shape).uniform_(-bound, bound, generator=stream)
                    parameter.copy_(drawn)

    def _linears(self) -> list["RunsLinear"]:
        return [layer for layer in self.layers if isinstance(layer, RunsLinear)]


class RunsLinear(nn.Module):
    """R separate nn.Linear layers, computed in one call.

    The weight is kept as (I, O), not nn.Linear's (O, I): its gradient comes out in this order and needs no copy.
    """

    def __init__(self, n_runs: int, n_in: int, n_out: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(n_runs, n_in, n_out))
        self.bias = nn.Parameter(torch.empty(n_runs, n_out))

    def forward(self, x: Tensor) -> Tensor:
        return torch.baddbmm(self.bias.unsqueeze(1), x, self.weight)  # (R, B, O)


def run_weights(weights: Mapping[str, Tensor], run: int) -> dict[str, Tensor]:
    """Return one run's part of a head's state dict, in nn.Linear's names and shapes: layers.0.weight (O, I), ..."""
    return {name: _turned(value[run]).clone().cpu() for name, value in weights.items()}


def single_head(weights: Mapping[str, Tensor]) -> Head:
    """Return a head of one run from the weights of a checkpoint."""
    n_layers = len(weights) // 2
    biases = [weights[f"layers.{place}.bias"] for place in range(n_layers)]
    dim = weights["layers.0.weight"].shape[1]
    head = Head(dim, 1, HeadConfig(hidden=tuple(bias.shape[0] for bias in biases[:-1])))
    head.load_state_dict({name: _turned(value).unsqueeze(0) for name, value in weights.items()})
    return head.eval()


def _turned(parameter: Tensor) -> Tensor:
    """Turn a weight between (I, O) and (O, I); a bias stays as it is."""
    return parameter.T.contiguous() if parameter.dim() == 2 else parameter
