"""Which device a worker computes on."""

import os

import torch

from studyapp.errors import EarwitnessError

DEVICES = ("auto", "cpu", "cuda")


class NoDevice(EarwitnessError):
    """The device asked for is not there."""


def prepare_device(asked: str) -> str:
    """Return "cpu" or "cuda"; "auto" takes a GPU where there is one. Raises NoDevice.

    On the CPU one core is left to the rest of the machine: when something else runs, threads on all cores wait for each
    other (measured on 2 busy cores: a training takes 45 s on two threads and 19 s on one; idle, 10 s and 11 s).
    """
    if asked not in DEVICES:
        raise NoDevice(f"there is no device {asked!r}: use {', '.join(DEVICES)}")
    has_gpu = torch.cuda.is_available()
    if asked == "cuda" and not has_gpu:
        raise NoDevice("PyTorch sees no CUDA device here. Use --device cpu, or run a worker on a machine with a GPU.")
    if has_gpu and asked != "cpu":
        # Convolutions would otherwise use TF32 (10 bits): other vectors under the same fingerprint.
        torch.backends.cudnn.allow_tf32 = False
        torch.backends.cuda.matmul.allow_tf32 = False
        return "cuda"
    torch.set_num_threads(max(1, min(torch.get_num_threads(), (os.cpu_count() or 1) - 1)))
    return "cpu"


def gpu_name() -> str:
    """Return the name of the GPU in use."""
    return torch.cuda.get_device_name()


def wait_for_gpu() -> None:
    """Return when the GPU has done all that it was given."""
    torch.cuda.synchronize()
