"""Training many runs at once is training each alone; it repeats bit for bit, goes on after a kill, and learns."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler

from detector.ml.checkpoint import BadFile, dump, parse
from detector.ml.config import BadTraining, HeadConfig, config_from_json
from detector.ml.generators import generators
from detector.ml.labels import permuted
from detector.ml.metrics import evaluate
from detector.ml.model import Head, run_weights, single_head
from detector.ml.predict import fake_scores
from detector.ml.protocols.paper import paper_split
from detector.ml.seeds import Stream, seed_of
from detector.ml.snapshot import restore_state, save_state
from detector.ml.splits import EVALUATION, TRAIN, VALIDATION, Fold
from detector.ml.train import State, Trained, new_state, sampling_weights, step, train

pytestmark = pytest.mark.once
ROOT = Path(__file__).resolve().parents[3]
SMALL = HeadConfig(hidden=(32, 48, 32), n_epochs=40)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """These products are too small for two threads, which on a busy machine wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def problem(*, n: int = 120, dim: int = 24, shift: float = 1.5) -> tuple[np.ndarray, np.ndarray, Fold]:
    rng = np.random.default_rng(5)
    is_fake = rng.random(n) < 0.6
    features = rng.normal(size=(n, dim)).astype(np.float32)
    features[is_fake, :4] += shift
    return features, is_fake, Fold(name="", assignment=paper_split(n, seed=42))


def trained(runs: list[int], *, config: HeadConfig = SMALL, seed: int = 42) -> Trained:
    features, is_fake, fold = problem()
    state = new_state(features.shape[1], runs, seed=seed, config=config, device="cpu")
    return train(state, features, is_fake, fold, config=config, device="cpu")


@pytest.mark.parametrize(("dim", "count"), [(128, 1116673), (1024, 1575425), (2048, 2099713)])
def test_the_head_has_the_papers_number_of_parameters(dim: int, count: int) -> None:
    assert sum(parameter.numel() for parameter in Head(dim, 1, HeadConfig()).parameters()) == count


@pytest.mark.parametrize(("dtype", "n_steps"), [(torch.float64, 10), (torch.float32, 1)])
def test_the_first_steps_agree_with_an_ordinary_network_given_the_same_batches_and_masks(
    dtype: torch.dtype, n_steps: int
) -> None:
    """Ten steps in double precision. In single precision the kernel decides (measured: with two threads ten steps agree
    to 9e-6; with one, from the second step on, a few weights in ten thousand differ by 1e-3): Adam divides a gradient
    by its own size, and moves a weight whose gradient is rounding alone as far as any other."""
    config = HeadConfig()
    features, is_fake, _ = problem(n=300, dim=64)
    x, y = torch.from_numpy(features).to(dtype), torch.from_numpy(is_fake).to(dtype)
    state = new_state(64, [1, 2, 3], seed=7, config=config, device="cpu")
    state.head.to(dtype)
    networks = [ordinary(run_weights(state.head.state_dict(), run)) for run in range(3)]
    optimizers = [torch.optim.Adam(network.parameters(), lr=config.learning_rate) for network in networks]
    first = {name: value.clone() for name, value in state.head.state_dict().items()}
    for _ in range(n_steps):
        order = torch.stack([torch.randint(300, (128,), generator=sampler) for sampler in state.samplers])
        masks = state.head.draw_masks(128, state.droppers)
        step(state, x[order], y[order], masks)
        for run, (network, optimizer) in enumerate(zip(networks, optimizers, strict=True)):
            hidden = x[order[run]]
            for place, layer in enumerate(network):
                hidden = layer(hidden)
                if place < 3:
                    hidden = torch.relu(hidden) * masks[place][run]
            optimizer.zero_grad()
            nn.functional.binary_cross_entropy_with_logits(hidden.squeeze(-1), y[order[run]]).backward()
            optimizer.step()
    # The agreement is of networks that have learned: weights have moved by much more than the tolerance.
    moved = {name: (value - first[name]).abs().amax() for name, value in state.head.state_dict().items()}
    assert all(distance > 5e-4 for name, distance in moved.items() if name.endswith("weight"))
    for run, network in enumerate(networks):
        ours = run_weights(state.head.state_dict(), run)
        for place, layer in enumerate(network):
            assert torch.allclose(ours[f"layers.{place}.weight"], layer.weight, atol=1e-5, rtol=0)
            assert torch.allclose(ours[f"layers.{place}.bias"], layer.bias, atol=1e-5, rtol=0)


def ordinary(weights: dict[str, torch.Tensor]) -> list[nn.Linear] | nn.ModuleList:
    layers = nn.ModuleList()
    for place in range(len(weights) // 2):
        weight = weights[f"layers.{place}.weight"]
        layer = nn.Linear(weight.shape[1], weight.shape[0], dtype=weight.dtype)
        layer.load_state_dict({"weight": weight.clone(), "bias": weights[f"layers.{place}.bias"].clone()})
        layers.append(layer)
    return layers


def test_a_training_repeats_bit_for_bit() -> None:
    first, second = trained([1, 2]), trained([1, 2])
    assert np.array_equal(first.fake_scores, second.fake_scores)
    assert all(np.array_equal(first.weights[1][name], second.weights[1][name]) for name in first.weights[1])


def test_a_run_is_the_same_alone_as_among_others() -> None:
    together, alone, without = trained([1, 2, 3]), trained([2]), trained([1, 3])
    assert together.chosen_epochs == [without.chosen_epochs[0], alone.chosen_epochs[0], without.chosen_epochs[1]]
    assert np.allclose(together.fake_scores[1], alone.fake_scores[0], atol=1e-4)
    assert np.allclose(together.fake_scores[[0, 2]], without.fake_scores, atol=1e-4)


def test_runs_and_seeds_give_different_networks() -> None:
    result = trained([1, 2])
    assert not np.allclose(result.fake_scores[0], result.fake_scores[1])
    assert not np.allclose(result.fake_scores[0], trained([1], seed=43).fake_scores[0])


def test_ten_runs_share_no_initial_value_no_draw_and_no_mask() -> None:
    state = new_state(24, list(range(1, 11)), seed=42, config=SMALL, device="cpu")
    weight = state.head.state_dict()["layers.0.weight"].flatten(1)  # (R, I * O)
    draws = torch.stack([torch.randint(10**6, (400,), generator=sampler) for sampler in state.samplers]).float()
    (mask, *_) = state.head.draw_masks(128, state.droppers)
    assert set(mask.unique().tolist()) == {0.0, 2.0}  # kept units are doubled, as nn.Dropout(.5) does it
    for values in (weight, draws, mask.flatten(1)):
        alike = torch.corrcoef(values) - torch.eye(10)
        assert alike.abs().max() < 5 / values.shape[1] ** 0.5  # five SDs of what chance gives


PRINT_HASH = """
import hashlib, torch
torch.set_num_threads(1)
from tests.detector.ml.test_train import trained
result = trained([1, 2])
arrays = [result.fake_scores, *(value for weights in result.weights for _, value in sorted(weights.items()))]
print(hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest())
"""


def test_a_training_repeats_bit_for_bit_in_another_process() -> None:
    command = [sys.executable, "-c", PRINT_HASH]
    said = [subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout for _ in range(2)]
    assert said[0] == said[1] and len(said[0].strip()) == 64


def separately(run: int, features: np.ndarray, is_fake: np.ndarray, fold: Fold, config: HeadConfig) -> float:
    """Train one network as the released code does, from PyTorch's own parts, and return its evaluation accuracy."""
    torch.manual_seed(run)
    x, y = torch.from_numpy(features), torch.from_numpy(is_fake.astype(np.float32))
    layers: list[nn.Module] = []
    for n_in, n_out in pairwise([x.shape[1], *config.hidden]):
        layers += [nn.Linear(n_in, n_out), nn.ReLU(), nn.Dropout(config.dropout)]
    network = nn.Sequential(*layers, nn.Linear(config.hidden[-1], 1), nn.Flatten(0))
    optimizer = torch.optim.Adam(network.parameters(), lr=config.learning_rate)
    train_x, train_y = x[fold.of(TRAIN)], y[fold.of(TRAIN)]
    share = train_y.mean()
    weights = torch.where(train_y > 0.5, 1 / share, 1 / (1 - share)).tolist()
    sampler = WeightedRandomSampler(weights, len(weights), replacement=True)
    loader = DataLoader(TensorDataset(train_x, train_y), batch_size=config.batch_size, sampler=sampler)
    kept, accuracies = [], []
    for epoch in range(1, config.n_epochs + 1):
        network.train()
        for batch, target in loader:
            optimizer.zero_grad()
            nn.functional.binary_cross_entropy_with_logits(network(batch), target).backward()
            optimizer.step()
        network.eval()
        with torch.no_grad():
            called = network(x) > 0
        right = (called == (y > 0.5)).numpy()
        accuracies.append(right[fold.of(VALIDATION)].mean())
        if epoch % config.checkpoint_every == 0:
            kept.append(right[fold.of(EVALUATION)].mean())
    intervals = np.reshape(accuracies, (-1, config.checkpoint_every)).mean(axis=1)
    return float(kept[int(intervals.argmax())])


def test_ten_runs_together_are_as_accurate_as_ten_separate_trainings() -> None:
    config = HeadConfig(hidden=(32, 48, 32), n_epochs=30, batch_size=32)
    features, is_fake, fold = problem(n=800, shift=0.6)
    state = new_state(features.shape[1], list(range(1, 11)), seed=42, config=config, device="cpu")
    result = train(state, features, is_fake, fold, config=config, device="cpu")
    held = fold.of(EVALUATION)
    together = ((result.fake_scores[:, held] >= 0.5) == is_fake[held]).mean(axis=1)
    apart = np.array([separately(run, features, is_fake, fold, config) for run in range(10)])
    spread = np.sqrt((together.var(ddof=1) + apart.var(ddof=1)) / 10)
    assert 0.6 < apart.mean() < 0.95  # neither chance nor certainty, so that a difference can show
    assert abs(together.mean() - apart.mean()) < 3 * spread
    assert 1 / 3 < together.std(ddof=1) / apart.std(ddof=1) < 3


def test_warm_up_epochs_are_epochs_that_do_not_count() -> None:
    plain = trained([1, 2])
    warm = trained([1, 2], config=replace(SMALL, warm_up_epochs=3))
    assert {values.shape for values in warm.curves.values()} == {(40, 2)}
    for name, values in warm.curves.items():
        assert np.array_equal(values[:37], plain.curves[name][3:])
    with pytest.raises(BadTraining, match="0 to 10"):
        replace(SMALL, warm_up_epochs=11)


@pytest.mark.parametrize(("warmed", "epoch"), [(4, 0), (4, 10)])
def test_a_training_killed_after_its_warm_up_goes_on_bit_for_bit(warmed: int, epoch: int) -> None:
    config = replace(SMALL, warm_up_epochs=4, n_epochs=20)
    features, is_fake, fold = problem()
    saved: list[bytes] = []

    def save(state: State) -> None:
        if (state.warmed, state.epoch) == (warmed, epoch):
            saved.append(b"".join(save_state(state, {})))

    state = new_state(features.shape[1], [1, 2], seed=42, config=config, device="cpu")
    whole = train(state, features, is_fake, fold, config=config, device="cpu", on_epoch=save)
    again = new_state(features.shape[1], [1, 2], seed=42, config=config, device="cpu")
    restore_state(again, saved[0], {}, device="cpu")
    resumed = train(again, features, is_fake, fold, config=config, device="cpu")
    assert np.array_equal(resumed.fake_scores, whole.fake_scores)
    assert all(np.array_equal(resumed.curves[name], whole.curves[name]) for name in whole.curves)


def test_permuted_labels_are_as_many_of_each_and_say_nothing_of_the_true_ones() -> None:
    labels = np.random.default_rng(1).random(4000) < 0.8
    dealt = permuted(labels, seed=42)
    assert dealt.sum() == labels.sum()
    assert np.array_equal(dealt, permuted(labels, seed=42)) and not np.array_equal(dealt, permuted(labels, seed=43))
    assert abs(np.corrcoef(dealt, labels)[0, 1]) < 4 / 4000**0.5


def test_every_stream_of_every_run_has_a_seed_of_its_own() -> None:
    seeds = {seed_of(seed, run, stream) for seed in range(5) for run in range(50) for stream in Stream}
    assert len(seeds) == 5 * 50 * len(Stream)
    first, second = generators(42, [1, 2], Stream.SAMPLER)
    assert not torch.equal(torch.rand(8, generator=first), torch.rand(8, generator=second))


def test_a_killed_training_goes_on_bit_for_bit() -> None:
    class Killed(Exception):
        pass

    features, is_fake, fold = problem()
    saved: list[bytes] = []

    def kill(state: State) -> None:
        if state.epoch == 20:
            saved.append(b"".join(save_state(state, {"training": 1})))
        if state.epoch == 27:
            raise Killed

    state = new_state(features.shape[1], [1, 2], seed=42, config=SMALL, device="cpu")
    with pytest.raises(Killed):
        train(state, features, is_fake, fold, config=SMALL, device="cpu", on_epoch=kill)
    again = new_state(features.shape[1], [1, 2], seed=42, config=SMALL, device="cpu")
    restore_state(again, saved[0], {"training": 1}, device="cpu")
    assert again.epoch == 20
    resumed = train(again, features, is_fake, fold, config=SMALL, device="cpu")
    whole = trained([1, 2])
    assert np.array_equal(resumed.fake_scores, whole.fake_scores)
    assert all(np.array_equal(resumed.curves[name], whole.curves[name]) for name in whole.curves)


def test_a_state_of_another_training_is_refused() -> None:
    features, is_fake, fold = problem()
    kept: list[bytes] = []
    state = new_state(features.shape[1], [1], seed=42, config=SMALL, device="cpu")
    train(
        state, features, is_fake, fold, config=SMALL, device="cpu",
        on_epoch=lambda now: kept.append(b"".join(save_state(now, {"training": 1}))) if now.epoch == 10 else None,
    )  # fmt: skip
    fresh = new_state(features.shape[1], [1], seed=42, config=SMALL, device="cpu")
    with pytest.raises(BadFile, match="another training"):
        restore_state(fresh, kept[0], {"training": 2}, device="cpu")
    arrays, facts = parse(kept[0])
    with pytest.raises(BadFile, match="on cuda, and this is cpu"):
        restore_state(fresh, dump(arrays, {**facts, "device": "cuda"}), {"training": 1}, device="cpu")
    with pytest.raises(BadFile):
        restore_state(fresh, kept[0][:-7], {"training": 1}, device="cpu")


def test_what_can_be_learned_is_learned_and_permuted_labels_are_not() -> None:
    features, is_fake, fold = problem(n=600, shift=2.0)
    config = HeadConfig(hidden=(32, 48, 32), n_epochs=60)
    held = fold.of(EVALUATION)

    def accuracy(labels: np.ndarray) -> float:
        state = new_state(features.shape[1], [1], seed=1, config=config, device="cpu")
        result = train(state, features, labels, fold, config=config, device="cpu")
        found = evaluate(labels[held], result.fake_scores[0, held]).balanced_accuracy
        assert found is not None
        return found

    assert accuracy(is_fake) > 0.95
    assert 0.3 < accuracy(np.random.default_rng(3).permutation(is_fake)) < 0.7


def test_draws_are_balanced_between_the_labels() -> None:
    is_fake = np.array([True] * 90 + [False] * 10)
    weights = sampling_weights(is_fake, balanced=True)
    drawn = torch.multinomial(weights, 20000, replacement=True, generator=torch.Generator().manual_seed(1))
    assert abs(float((drawn < 90).float().mean()) - 0.5) < 0.02
    assert sampling_weights(is_fake, balanced=False).unique().numel() == 1


def test_the_kept_checkpoint_scores_as_stored() -> None:
    features, _, _ = problem()
    result = trained([1, 2])
    weights = result.weights[1]
    assert np.allclose(fake_scores(weights, features), result.fake_scores[1], atol=1e-6)
    head = single_head({name: torch.from_numpy(value) for name, value in weights.items()})
    assert not head.training


def test_validation_curves_have_a_value_for_each_epoch_and_run() -> None:
    result = trained([1, 2, 3])
    assert {values.shape for values in result.curves.values()} == {(40, 3)}
    assert set(result.chosen_epochs) <= {10, 20, 30, 40}


def test_epochs_must_be_a_multiple_of_the_checkpoint_interval() -> None:
    with pytest.raises(BadTraining, match="multiple"):
        HeadConfig(n_epochs=15)


def test_an_option_that_does_not_exist_is_refused() -> None:
    with pytest.raises(BadTraining, match="warp"):
        config_from_json({"warp": 9})
    assert config_from_json(HeadConfig().as_json()) == HeadConfig()


def test_the_split_codes_stand_for_the_words_of_the_domain() -> None:
    from detector.ml.splits import SPLITS

    assert [SPLITS[code].value for code in (TRAIN, VALIDATION, EVALUATION)] == ["train", "validation", "evaluation"]
