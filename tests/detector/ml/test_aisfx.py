"""Our aiSFX equals the package's own on real clips."""

import csv
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from detector.ml.embeddings import aisfx
from detector.ml.embeddings.registry import load_encoder
from detector.ml.embeddings.spec import Sound
from detector.ml.embeddings.specs_aisfx import AISFX

from . import official
from .equality import GATE, Vectors, difference

CLIPS = Path(os.environ.get("EARWITNESS_CLIPS", Path(__file__).parents[4] / "shared/clips/dcase2023-misclassified"))
pytestmark = [pytest.mark.once, pytest.mark.clips]


@pytest.fixture(scope="module")
def paths() -> list[Path]:
    manifest = CLIPS / "manifest.csv"
    if not manifest.exists():
        pytest.skip(f"the real clips are not at {CLIPS}")
    with manifest.open(newline="") as file:
        return [CLIPS / row["path"] for row in list(csv.DictReader(file))[::7]]


@pytest.fixture(scope="module")
def package() -> Any:
    """The package itself, with the pickle read by its own loader's arguments except that classes are named."""
    import torch
    from aisfx import inference  # imports tqdm and argparse; librosa comes with its front-end

    scalar = np.dtype(np.int64).type(0).__reduce__()[0]
    with torch.serialization.safe_globals(
        [(scalar, "numpy.core.multiarray.scalar"), np.dtype, type(np.dtype(np.int64))]
    ):
        weights, datasets = inference.load_weights("cpu")
    return inference, inference.load_bestModel(weights, datasets, "cpu")


def sound(path: Path) -> Sound:
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return Sound(samples, rate)


def package_spectrogram(path: Path) -> NDArray[np.floating]:
    from aisfx import inference
    from aisfx.spectrogram.spectrogram_librosa import compute_spectrogram

    mel_time = compute_spectrogram(
        filename=path,
        sr=inference.SAMPLE_RATE,
        block_size=inference.SPEC_BLOCK_LENGTH,
        hop_size=inference.SPEC_HOP_LENGTH,
        n_mels=inference.MEL_BINS,
        f_min=inference.F_MIN,
        f_max=inference.F_MAX,
    )
    return inference.spectrogram_normalize(mel_time.T)  # (time, mel), as the network wants it


def test_spectrograms_equal_the_packages(paths: list[Path]) -> None:
    mel = aisfx.mel_filters(AISFX)
    for path in paths:
        ours, theirs = aisfx.spectrogram(sound(path), AISFX, mel), package_spectrogram(path)
        assert ours.shape == theirs.shape
        assert np.abs(ours - theirs).max() < 1e-6


@pytest.fixture(scope="module")
def theirs(paths: list[Path], package: Any) -> list[Vectors]:
    inference, model = package
    return [inference.model_get_embedding(package_spectrogram(path), 0.5, True, model, "cpu").numpy() for path in paths]


def test_vectors_equal_the_packages_in_one_batch_and_alone(paths: list[Path], theirs: list[Vectors]) -> None:
    encoder = load_encoder(AISFX, device="cpu")
    together = encoder.frames([sound(path) for path in paths])
    alone = encoder.frames([sound(paths[0])])[0]
    means = np.stack([frames.mean(axis=0) for frames in theirs])
    scale = np.abs(means - means.mean(axis=0)).max()
    for ours, other in zip(together, theirs, strict=True):
        assert ours.shape == other.shape == (2, 512)
        assert np.abs(ours - other).max() <= 1e-4 * scale
    assert np.abs(alone - together[0]).max() <= 1e-6 * scale
    assert difference(together[:3], theirs[:3]) <= GATE  # the gate that the wrong ones below fail at


def test_the_gate_fails_on_a_wrong_fmin(paths: list[Path], theirs: list[Vectors]) -> None:
    wrong = replace(AISFX, preprocessing={**AISFX.preprocessing, "f_min_hz": 20.0})
    ours = load_encoder(wrong, device="cpu").frames([sound(path) for path in paths[:3]])
    assert difference(ours, theirs[:3]) > 3 * GATE


@pytest.mark.parametrize(
    ("one", "other"),
    [("conv_block4.bn1.running_var", "conv_block4.bn2.running_var"), ("conv_block1.bn1.bias", "conv_block1.bn2.bias")],
)
def test_the_gate_fails_on_swapped_keys(
    paths: list[Path], theirs: list[Vectors], monkeypatch: pytest.MonkeyPatch, one: str, other: str
) -> None:
    read = aisfx._read

    def exchanged(path: Path) -> official.State:
        return official.swapped(read(path), f"embedding_net.{one}", f"embedding_net.{other}")

    monkeypatch.setattr(aisfx, "_read", exchanged)
    ours = load_encoder(AISFX, device="cpu").frames([sound(path) for path in paths[:3]])
    assert difference(ours, theirs[:3]) > 3 * GATE


@pytest.mark.parametrize(("n_frames", "n_blocks"), [(1, 1), (50, 1), (99, 1), (100, 1), (149, 1), (150, 2), (173, 2)])
def test_blocks_follow_the_packages_rule(n_frames: int, n_blocks: int) -> None:
    from aisfx.preprocessing import blocking

    frames = np.random.default_rng(n_frames).random((n_frames, 96), dtype=np.float32)
    ours = aisfx.blocks_of(frames, AISFX)
    assert ours.shape == (n_blocks, 100, 96)
    assert np.array_equal(ours, blocking(frames, 100, 50, True).astype(np.float32))
