"""An encoder that takes its time on any machine, so that a fault can be met in the middle of a shard.

It comes as another package's encoders do, by an entry point: see `installation.py`.
"""

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from detector.ml.embeddings.spec import EncoderSpec, Frames, Sound, WeightsSource

SECONDS_PER_CLIP = 0.3
SLOW = EncoderSpec(
    name="slow",
    title="Slow",
    dim=4,
    sample_rate_hz=16_000,
    licence="CC0",
    citation="Nobody, Nowhere, 2026",
    url="https://example.org/slow",
    description="For tests.",
    weights=WeightsSource(name="slow", kind="none", licence="CC0"),
    preprocessing={"facts": "mean, deviation, maximum, length"},
    recipe_version=1,
    module="tests.faults.slow_encoder",
)


def facts_of(sound: Sound) -> Frames:
    """Return the (1, 4) vector of a clip."""
    samples = sound.samples
    return np.array([[samples.mean(), samples.std(), samples.max(), len(samples)]], dtype=np.float32)


class Slow:
    def frames(self, sounds: Sequence[Sound]) -> list[Frames]:
        time.sleep(SECONDS_PER_CLIP * len(sounds))
        return [facts_of(sound) for sound in sounds]


def load(spec: EncoderSpec, *, device: str, weights: Path | None = None) -> Slow:
    return Slow()
