"""Our way from samples to vectors against the published packages', and ten networks trained at once against ten alone.

Weights are drawn (the published ones cannot be had here): they change no time. Both sides begin with the same samples,
take turns, and use the same cores.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch

from detector.ml.config import HeadConfig
from detector.ml.embeddings.registry import load_encoder
from detector.ml.splits import EVALUATION, TRAIN, VALIDATION, Fold
from detector.ml.train import new_state, train
from tests.detector.ml import test_equality_clap, test_equality_cnn14, test_equality_vggish, test_equality_wavegram
from tests.detector.ml.equality import Case, difference, read_clips

N_CLIPS, N_ROUNDS = 12, 3
CASES = (
    ("vggish", test_equality_vggish.package, "torchvggish"),
    ("clap-2023", test_equality_clap.package, "msclap"),
    ("panns-cnn14-32k", test_equality_cnn14.package, "panns-inference"),
    ("panns-wavegram-logmel", test_equality_wavegram.layer_table, "the tests' plain version of the layer table"),
)
N_TRAIN, N_OTHER, DIM, N_NETWORKS, N_EPOCHS = 2048, 512, 2048, 10, 2


def measure() -> str:
    """Return a section with ratios: every encoder, then training."""
    torch.set_num_threads(2)
    return f"{_encoders()}\n{_training()}"


def _encoders() -> str:
    sounds = read_clips(N_CLIPS)
    duration_s = sum(len(sound.samples) / sound.sample_rate_hz for sound in sounds)
    rows = []
    for name, package, other in CASES:
        with tempfile.TemporaryDirectory(prefix="earwitness-bench-") as folder:
            case = Case(name, Path(folder), sounds, package)
            encoder = load_encoder(case.spec, device="cpu", weights=case.weights)
            found = difference(encoder.frames(sounds), case.theirs)  # warms up, too
            ours, theirs = _in_turns(
                partial(encoder.frames, sounds), partial(case.reference, case.spec, sounds), N_ROUNDS
            )
        rows.append(f"| `{name}` | {other} | {theirs / ours:.2f} | {100 * ours / duration_s:.1f} % | {found:.1e} |")
    head = (
        "| encoder | against | its time : ours | ours, of real time | largest difference, of the largest deviation |",
        "|---|---|---|---|---|",
    )
    return (
        f"## Encoders on {N_CLIPS} real clips, drawn weights, CPU\n\n" + "\n".join([*head, *rows]) + "\n\n"
        "Theirs takes one clip at a time, as the packages do; both resample and round to 16 bits. Medians of "
        f"{N_ROUNDS} turns each.\n"
    )


def _training() -> str:
    rng = np.random.default_rng(1)
    n = N_TRAIN + 2 * N_OTHER
    features = rng.normal(size=(n, DIM)).astype(np.float32)
    is_fake = np.arange(n) % 2 == 0
    assignment = np.repeat([TRAIN, VALIDATION, EVALUATION], [N_TRAIN, N_OTHER, N_OTHER]).astype(np.int8)
    fold = Fold(name="", assignment=assignment)
    config = HeadConfig(n_epochs=N_EPOCHS, checkpoint_every=N_EPOCHS)

    def runs(numbers: list[int]) -> None:
        train(
            new_state(DIM, numbers, seed=1, config=config, device="cpu"),
            features,
            is_fake,
            fold,
            config=config,
            device="cpu",
        )

    numbers = list(range(1, N_NETWORKS + 1))
    together, apart = _in_turns(lambda: runs(numbers), lambda: [runs([number]) for number in numbers], N_ROUNDS)
    return (
        f"## {N_NETWORKS} networks at once against one after another, CPU\n\n"
        f"Time one after another : time at once = {apart / together:.2f} ({N_TRAIN:,} training clips, {DIM} numbers "
        f"each, {N_EPOCHS} epochs with validation, the paper's head; medians of {N_ROUNDS} turns each). The same code "
        "runs both. On a CPU nothing is gained: ten heads with Adam's state do not fit its caches. It is for GPUs, "
        "where one such head leaves most of the card idle; that was not measured.\n"
    )


def _in_turns(one: Callable[[], object], other: Callable[[], object], n_rounds: int) -> tuple[float, float]:
    """Return the median seconds of both, each run n_rounds times in turn."""
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(n_rounds):
        for do, kept in zip((one, other), seconds, strict=True):
            began = time.perf_counter()
            do()
            kept.append(time.perf_counter() - began)
    return statistics.median(seconds[0]), statistics.median(seconds[1])
