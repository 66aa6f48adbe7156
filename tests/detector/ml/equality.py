"""What the equality tests of the encoders share: real clips, the gate, and the way from a published file to vectors."""

import csv
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from numpy.typing import NDArray

from detector.ml.embeddings.recording import recording
from detector.ml.embeddings.registry import SPECS, load_encoder
from detector.ml.embeddings.spec import EncoderSpec, Sound

from . import official

CLIPS = Path(os.environ.get("EARWITNESS_CLIPS", Path(__file__).parents[4] / "shared/clips/dcase2023-misclassified"))
GATE = 1e-4
Vectors = NDArray[np.float32]
Theirs = Callable[[torch.Tensor], torch.Tensor]


def read_clips(n: int) -> list[Sound]:
    """Return n real clips, spread over the sound classes; skips where there are none."""
    manifest = CLIPS / "manifest.csv"
    if not manifest.exists():
        pytest.skip(f"the real clips are not at {CLIPS}")
    with manifest.open(newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: (row["category"], row["path"]))
    chosen = [rows[place] for place in np.linspace(0, len(rows) - 1, n).round().astype(int)]
    return [Sound(*soundfile.read(CLIPS / row["path"], dtype="float32", always_2d=True)) for row in chosen]


def difference(ours: Sequence[Vectors], theirs: Sequence[Vectors]) -> float:
    """Return max |ours - theirs| over max |theirs - their mean over the clips|, over all frames.

    No cosine: the vectors of all clips share a large mean, and a wrong mel bank passes at .9999998.
    """
    assert [each.shape for each in ours] == [each.shape for each in theirs]
    one, other = np.concatenate(ours), np.concatenate(theirs)
    return float(np.abs(one - other).max() / np.abs(other - other.mean(axis=0)).max())


class Case:
    """One source of weights: a drawn file in the published form, our way from it, and the package's."""

    def __init__(
        self, source: str, folder: Path, sounds: list[Sound], build: Callable[[official.State], Theirs]
    ) -> None:
        self.source, self.spec, self.sounds = source, SPECS[source], sounds
        self._folder = folder
        self.state = official.draw(source, seed=5)
        file = official.write(source, self.state, folder / "published.pth")
        self.weights = official.converted(source, file, folder / "ours.safetensors")
        self._network = build(torch.load(file, map_location="cpu", weights_only=True))
        self.theirs = self.reference(self.spec, sounds)

    def ours(self, spec: EncoderSpec) -> list[Vectors]:
        return load_encoder(spec, device="cpu", weights=self.weights).frames(self.sounds)

    def reference(self, spec: EncoderSpec, sounds: Sequence[Sound]) -> list[Vectors]:
        """Return the package's vectors of the same resampled 16-bit samples, one clip at a time."""
        with torch.inference_mode():
            return [self._network(recording(sound, spec, device="cpu")).numpy() for sound in sounds]

    def wrong_fmin(self, hz: float) -> float:
        """Return the difference on three clips when our mel bank begins elsewhere."""
        spec = replace(self.spec, preprocessing={**self.spec.preprocessing, "f_min_hz": hz})
        return self._difference(spec, self.weights)

    def swapped(self, one: str, other: str) -> float:
        """Return the difference on three clips when two tensors change places in the published file."""
        state = official.swapped(self.state, one, other)
        file = official.write(self.source, state, self._folder / "swapped.pth")
        return self._difference(self.spec, official.converted(self.source, file, self._folder / "swapped.safetensors"))

    def _difference(self, spec: EncoderSpec, weights: Path) -> float:
        ours = load_encoder(spec, device="cpu", weights=weights).frames(self.sounds[:3])
        return difference(ours, self.theirs[:3])

    def remove(self) -> None:
        for path in self._folder.iterdir():
            path.unlink()
