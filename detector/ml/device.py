"""Which device a worker computes on."""

import torch

from studyapp.errors import EarwitnessError

DEVICES = ("auto", "cpu", "cuda")


class NoDevice(EarwitnessError):
    """The device asked for is not there."""


def pick_device(asked: str) -> str:
    """Return "cpu" or "cuda"; "auto" takes a GPU where there is one. Raises NoDevice."""
    if asked not in DEVICES:
        raise NoDevice(f"there is no device {asked!r}: use {', '.join(DEVICES)}")
    has_gpu = torch.cuda.is_available()
    if asked == "cuda" and not has_gpu:
        raise NoDevice("PyTorch sees no CUDA device here. Use --device cpu, or run a worker on a machine with a GPU.")
    return "cuda" if has_gpu and asked != "cpu" else "cpu"
