"""Train R independent heads at once, by the paper's recipe. A linear loop; who calls it keeps files and rows.

Each run has its own initial values, its own draws of training clips and its own dropout, from streams seeded by (seed,
run). The loss is summed over runs, so the gradient of a run's weights is that of the run alone, and Adam works on each
number by itself: training together is training apart, up to rounding in the matrix products.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from detector.ml.config import BadTraining, HeadConfig
from detector.ml.generators import generators
from detector.ml.metrics import best_checkpoint
from detector.ml.model import Head, run_weights
from detector.ml.seeds import Stream
from detector.ml.splits import TRAIN, VALIDATION, Fold

Float32 = NDArray[np.float32]
CURVES = ("train_loss", "train_accuracy", "validation_loss", "validation_accuracy")
CLIPS_AT_ONCE = 1024  # in evaluation: keeps (R, B, 1024) activations small


@dataclass
class State:
    """Everything that a training needs to go on from an epoch.

    warmed: warm-up epochs done. epoch: epochs done after them. curves: name -> (epoch, R). best: weights of the best
    checkpoint so far, per run; empty before the first. seconds: spent on the epochs that count.
    """

    head: Head
    optimizer: torch.optim.Adam
    samplers: list[torch.Generator]
    droppers: list[torch.Generator]
    warmed: int = 0
    epoch: int = 0
    curves: dict[str, list[list[float]]] = field(default_factory=lambda: {name: [] for name in CURVES})
    best: dict[str, Tensor] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Trained:
    """What a training gives.

    weights: for each run, the chosen checkpoint in nn.Linear's names and shapes. chosen_epochs: (R,), 1-based.
    curves: name -> (n_epochs, R). fake_scores: (R, n_clips) of the chosen checkpoints, for every clip of every split.
    """

    weights: list[dict[str, Float32]]
    chosen_epochs: list[int]
    curves: dict[str, NDArray[np.float64]]
    fake_scores: Float32
    seconds_per_epoch: float


def new_state(dim: int, runs: list[int], *, seed: int, config: HeadConfig, device: str) -> State:
    """Return the state before the first epoch. `runs` are the run numbers, which decide their streams."""
    head = Head(dim, len(runs), config)
    head.initialise(generators(seed, runs, Stream.INIT))
    head.to(device)
    return State(
        head=head,
        optimizer=torch.optim.Adam(head.parameters(), lr=config.learning_rate, fused=True),
        samplers=generators(seed, runs, Stream.SAMPLER),
        droppers=generators(seed, runs, Stream.DROPOUT, device=device),
    )


def train(
    state: State,
    features: Float32,
    is_fake: NDArray[np.bool_],
    fold: Fold,
    *,
    config: HeadConfig,
    device: str,
    on_step: Callable[[], None] = lambda: None,
    on_epoch: Callable[[State], None] = lambda state: None,
) -> Trained:
    """Train from `state` to the last epoch.

    features: (n_clips, D) float32, each clip's mean vector. is_fake: (n_clips,).
    on_step, on_epoch: called after every step and every epoch, those of the warm-up too; they stop the training by
        raising.

    Raises
    ------
    BadTraining
        When a loss or a score is no finite number.
    """
    x = torch.from_numpy(features).to(device)  # (N, D)
    y = torch.from_numpy(is_fake.astype(np.float32)).to(device)  # (N,)
    places = torch.from_numpy(fold.of(TRAIN)).to(device)
    held = torch.from_numpy(fold.of(VALIDATION)).to(device)
    weights = sampling_weights(is_fake[fold.of(TRAIN)], balanced=config.balanced)
    while state.warmed < config.warm_up_epochs:
        loss, _ = _epoch(state, x, y, _draw(state, places, weights), config, on_step)
        state.warmed += 1
        _refuse_not_finite(loss.tolist(), "training loss", f"warm-up epoch {state.warmed}")
        on_epoch(state)
    while state.epoch < config.n_epochs:
        started = time.perf_counter()
        loss, accuracy = _epoch(state, x, y, _draw(state, places, weights), config, on_step)
        state.epoch += 1
        state.seconds += time.perf_counter() - started
        _note(state, loss, accuracy, predict_logits(state.head, x[held]), y[held], config)
        if state.epoch % config.checkpoint_every == 0:
            _keep_best(state, config)
        on_epoch(state)
    return _finished(state, x, config)


def sampling_weights(is_fake: NDArray[np.bool_], *, balanced: bool) -> Tensor:
    """Return the weight of each training clip in the draw: one over the number of clips of its label, or all equal."""
    if not balanced:
        return torch.ones(len(is_fake), dtype=torch.float64)
    n_fake = int(is_fake.sum())
    return torch.from_numpy(np.where(is_fake, 1.0 / n_fake, 1.0 / (len(is_fake) - n_fake)))


def step(state: State, x: Tensor, y: Tensor, masks: list[Tensor]) -> tuple[Tensor, Tensor]:
    """Do one step of Adam on x (R, B, D), y (R, B); return loss and accuracy of each run (R,)."""
    logits = state.head(x, masks)  # (R, B)
    loss = binary_cross_entropy_with_logits(logits, y, reduction="none").mean(dim=1)  # (R,)
    state.optimizer.zero_grad(set_to_none=True)
    loss.sum().backward()
    state.optimizer.step()
    return loss.detach(), ((logits.detach() >= 0) == (y > 0.5)).float().mean(dim=1)


@torch.inference_mode()
def predict_logits(head: Head, x: Tensor) -> Tensor:
    """Return the logits (R, N) of clips (N, D)."""
    return torch.cat([head(part) for part in x.split(CLIPS_AT_ONCE)], dim=1)


def _draw(state: State, places: Tensor, weights: Tensor) -> Tensor:
    """Return the training clips of an epoch (R, n_train), drawn with replacement, each run from its own stream."""
    draws = [torch.multinomial(weights, len(weights), replacement=True, generator=g) for g in state.samplers]
    return places[torch.stack(draws).to(places.device)]


def _epoch(
    state: State, x: Tensor, y: Tensor, order: Tensor, config: HeadConfig, on_step: Callable[[], None]
) -> tuple[Tensor, Tensor]:
    """Go once over `order` (R, n_train); return loss and accuracy (R,), each clip counting once."""
    totals = torch.zeros(2, state.head.n_runs, device=x.device)
    for batch in order.split(config.batch_size, dim=1):  # (R, B)
        masks = state.head.draw_masks(batch.shape[1], state.droppers)
        totals += torch.stack(step(state, x[batch], y[batch], masks)) * batch.shape[1]
        on_step()
    loss, accuracy = totals / order.shape[1]
    return loss, accuracy


def _note(state: State, loss: Tensor, accuracy: Tensor, logits: Tensor, y: Tensor, config: HeadConfig) -> None:
    truth = y.expand_as(logits)
    cut = float(np.log(config.threshold / (1 - config.threshold)))
    values = (
        loss,
        accuracy,
        binary_cross_entropy_with_logits(logits, truth, reduction="none").mean(dim=1),
        ((logits >= cut) == (truth > 0.5)).double().mean(dim=1),
    )
    for name, value in zip(CURVES, values, strict=True):
        numbers = value.cpu().double().tolist()
        _refuse_not_finite(numbers, name.replace("_", " "), f"epoch {state.epoch}")
        state.curves[name].append(numbers)


def _refuse_not_finite(of_runs: list[float], what: str, when: str) -> None:
    """Raise BadTraining where the number of a run, the first run's first, is NaN or infinite."""
    if bad := [run for run, value in enumerate(of_runs, 1) if not np.isfinite(value)]:
        raise BadTraining(
            f"The {what} of run {', '.join(map(str, bad))} is no finite number after {when}. Take a smaller learning "
            "rate, or an encoder whose vectors have smaller numbers."
        )


def _keep_best(state: State, config: HeadConfig) -> None:
    """Copy the weights of the runs for which the interval that ends here is the best so far."""
    accuracy = np.asarray(state.curves["validation_accuracy"])  # (epochs, R)
    better = [
        run
        for run in range(state.head.n_runs)
        if best_checkpoint(accuracy[:, run].tolist(), every=config.checkpoint_every) == state.epoch
    ]
    for name, value in state.head.state_dict().items():
        kept = state.best.setdefault(name, torch.empty_like(value))
        kept[better] = value[better]


def _finished(state: State, x: Tensor, config: HeadConfig) -> Trained:
    curves = {name: np.asarray(values) for name, values in state.curves.items()}
    state.head.load_state_dict(state.best)
    scores = torch.sigmoid(predict_logits(state.head, x).double()).float().cpu().numpy()  # (R, N)
    _refuse_not_finite(scores.sum(axis=1).tolist(), "scores", f"epoch {state.epoch}")
    accuracy = curves["validation_accuracy"]
    return Trained(
        weights=[
            {name: value.numpy() for name, value in run_weights(state.best, run).items()}
            for run in range(state.head.n_runs)
        ],
        chosen_epochs=[
            best_checkpoint(accuracy[:, run].tolist(), every=config.checkpoint_every)
            for run in range(accuracy.shape[1])
        ],
        curves=curves,
        fake_scores=scores,
        seconds_per_epoch=state.seconds / max(1, state.epoch),
    )
