"""Torch's random streams, one for each run."""

import torch

from detector.ml.seeds import Stream, seed_of


def generators(seed: int, runs: list[int], stream: Stream, *, device: str = "cpu") -> list[torch.Generator]:
    """Return one seeded generator for each run, on `device`."""
    made = []
    for run in runs:
        generator = torch.Generator(device=device)
        generator.manual_seed(seed_of(seed, run, stream))
        made.append(generator)
    return made
