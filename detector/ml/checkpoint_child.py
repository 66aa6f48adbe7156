"""The child process that reads a checkpoint which nobody vouches for. Run as a script, by `checkpoint_reading`.

It gets one JSON object on standard input and the file as an open descriptor, reads it with `weights_only=True`, lets
the encoder's own module pick and rename the tensors, and writes them as safetensors into a scratch folder. What it has
to say stands in answer.json there. The limits are set after the imports, before the first byte of the file is read.
"""

import importlib
import json
import os
import re
import resource
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

TOO_MUCH_MEMORY = "it asks for more memory than such a file may need"


class Refused(Exception):
    """The file cannot be used; the message says why."""


def limit_everything(request: dict[str, Any]) -> None:
    """Leave room for the file's tensors beside what the imports took, and no more CPU time than is allowed."""
    n_pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    n_bytes = n_pages * resource.getpagesize() + int(request["memory_bytes"])
    usage = resource.getrusage(resource.RUSAGE_SELF)
    cpu_s = int(usage.ru_utime + usage.ru_stime) + 1 + int(request["cpu_s"])
    resource.setrlimit(resource.RLIMIT_AS, (n_bytes, n_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(request["output_bytes"]),) * 2)
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def read(descriptor: int, n_bytes: int) -> dict[str, Any]:
    """Return the state dict of the file: its tensors, by name, no larger together than the file itself."""
    import torch

    with os.fdopen(descriptor, "rb") as file:
        if file.read(9)[8:] == b"{":
            raise Refused("it is a safetensors file; the published checkpoint is wanted, as it was downloaded")
        file.seek(0)
        try:
            loaded = torch.load(file, map_location="cpu", weights_only=True)
        except Exception as error:  # noqa: BLE001 (the file decides what goes wrong)
            raise Refused(what_went_wrong(error)) from None
    if isinstance(loaded, Mapping) and isinstance(loaded.get("model"), Mapping):
        loaded = loaded["model"]  # as training programs save it, beside the iteration
    if not isinstance(loaded, Mapping):
        raise Refused(f"it holds a {type(loaded).__name__}, where tensors by name are wanted")
    state = {key: value for key, value in loaded.items() if isinstance(key, str) and isinstance(value, torch.Tensor)}
    if not state:
        raise Refused("it holds no tensors by name")
    if not all(each.device.type == "cpu" and each.layout is torch.strided for each in state.values()):
        raise Refused("it holds tensors of an unusual kind")
    # A tensor of a few bytes may claim any shape, by strides of nought, and compressed bytes may unfold without end.
    if sum(tensor.numel() * tensor.element_size() for tensor in state.values()) > n_bytes:
        raise Refused("its tensors claim to be larger than the file")
    return state


def what_went_wrong(error: Exception) -> str:
    """Say it in words of ours: PyTorch's advise to read the file without protection."""
    text = str(error)
    if isinstance(error, MemoryError) or "allocate memory" in text:
        return TOO_MUCH_MEMORY
    if found := re.search(r"Unsupported (?:global|class): GLOBAL (\S+)|Unsupported class (\S+)", text):
        return f"it wants to load {found[1] or found[2]}, which no file of weights needs; this may be an attack"
    found = re.search(r"WeightsUnpickler error: ([^\n]{1,200})", text)
    words = found[1] if found else (text.strip().splitlines() or [""])[0][:200]
    if not words or "weights_only" in words or words.startswith("Weights only load failed"):
        words = type(error).__name__
    return f"PyTorch cannot read it as a file of weights ({words})"


def convert(request: dict[str, Any], state: dict[str, Any]) -> int:
    """Write the tensors that the encoder's module wants; return how many."""
    import torch
    from safetensors.torch import save_file

    wanted = importlib.import_module(request["module"]).convert(state)
    for name, tensor in wanted.items():
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            raise Refused(f"{name} holds values that are not finite numbers")
    # Copies: two tensors of a checkpoint may share memory, which safetensors refuses.
    tensors = {name: wanted[name].clone(memory_format=torch.contiguous_format) for name in sorted(wanted)}
    save_file(tensors, request["output"], metadata={request["header"]: json.dumps(request["facts"], sort_keys=True)})
    return len(tensors)


def answer_to(request: dict[str, Any]) -> dict[str, Any]:
    sys.path[:] = request["sys_path"]
    import torch

    from studyapp.errors import EarwitnessError

    torch.set_num_threads(1)
    importlib.import_module("safetensors.torch")
    importlib.import_module(request["module"])
    limit_everything(request)
    try:
        state = read(int(request["descriptor"]), int(request["n_bytes"]))
        return {"n_tensors": convert(request, state)}
    except (Refused, EarwitnessError) as error:
        return {"refused": str(error)}
    except MemoryError:
        return {"refused": TOO_MUCH_MEMORY}
    except Exception as error:  # noqa: BLE001 (as above: an odd file may break any step)
        return {"refused": f"it cannot be converted ({type(error).__name__}: {str(error)[:200]})"}


def main() -> None:
    request = json.load(sys.stdin)
    answer = answer_to(request)
    Path(request["answer"]).write_text(json.dumps(answer), encoding="utf-8")


if __name__ == "__main__":
    main()
