"""An encoder that ends the process that loads it, as one does that runs out of memory."""

import os
import signal
from dataclasses import replace
from pathlib import Path

from detector.ml.embeddings.spec import EncoderSpec
from tests.faults.slow_encoder import SLOW

POISON = replace(
    SLOW, name="poison", weights=replace(SLOW.weights, name="poison"), module="tests.faults.poison_encoder"
)


def load(spec: EncoderSpec, *, device: str, weights: Path | None = None) -> None:
    os.kill(os.getpid(), signal.SIGKILL)
