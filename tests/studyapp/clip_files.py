"""Small sound files and folders for the tests of imports and pages."""

from pathlib import Path

import numpy as np
import soundfile

CLIPS = Path(__file__).parents[3] / "shared/clips/dcase2023-misclassified"


def write_clip(path: Path, seed: int, *, seconds: float = 0.1, rate: int = 16_000, gain: float = 0.1) -> Path:
    """Write seeded noise; another seed makes another content."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, gain * np.random.default_rng(seed).uniform(-1, 1, round(seconds * rate)), rate)
    return path


def write_folders(root: Path, *, n: int = 2) -> Path:
    """Write n real and n fake clips in the layout of folders."""
    for index in range(n):
        write_clip(root / "real" / "rain" / f"{index:03d}.wav", index)
        write_clip(root / "fake" / "vocoder" / "rain" / f"{index:03d}.wav", 10_000 + index)
    return root
