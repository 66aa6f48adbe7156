"""Put the state of an unfinished training into a file and back, bit for bit, so that a killed training goes on."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from detector.ml.checkpoint import BadFile, dump_parts, parse
from detector.ml.train import State


def save_state(state: State, facts: dict[str, Any]) -> list[bytes | memoryview]:
    """Return the state's bytes in parts, which on the CPU are views of the state: write them before it changes.

    facts: which training it belongs to; compared when it is read back.
    """
    arrays: dict[str, NDArray[Any]] = {}
    for name, value in state.head.state_dict().items():
        arrays[f"head/{name}"] = value.cpu().numpy()
        if name in state.best:  # not before the first checkpoint
            arrays[f"best/{name}"] = state.best[name].cpu().numpy()
    for place, slots in state.optimizer.state_dict()["state"].items():
        for name, value in slots.items():
            arrays[f"adam/{place}/{name}"] = value.cpu().numpy()
    for run, (sampler, dropper) in enumerate(zip(state.samplers, state.droppers, strict=True)):
        arrays[f"sampler/{run}"] = sampler.get_state().numpy()
        arrays[f"dropper/{run}"] = dropper.get_state().numpy()
    for name, rows in state.curves.items():
        arrays[f"curve/{name}"] = np.asarray(rows, dtype=np.float64)
    progress = {"warmed": state.warmed, "epoch": state.epoch, "seconds": state.seconds}
    return dump_parts(arrays, {**facts, "device": state.droppers[0].device.type, **progress})


def restore_state(state: State, content: bytes, facts: dict[str, Any], *, device: str) -> None:
    """Bring a fresh state to where the bytes were taken.

    Raises
    ------
    BadFile
        When the bytes belong to another training (other clips, vectors, seed, runs or options), or were saved on
        another kind of device, whose streams of dropout cannot go on here.
    """
    arrays, found = parse(content)
    if {name: found.get(name) for name in facts} != facts:
        raise BadFile("the saved state belongs to another training; start it anew")
    kind = torch.device(device).type
    if found.get("device") != kind:
        raise BadFile(f"the saved state is of a training on {found.get('device')}, and this is {kind}; start it anew")
    tensors = {name: torch.from_numpy(value) for name, value in arrays.items()}
    state.head.load_state_dict({name: tensors[f"head/{name}"] for name in state.head.state_dict()})
    state.best = {
        name: tensors[f"best/{name}"].to(device) for name in state.head.state_dict() if f"best/{name}" in tensors
    }
    adam = state.optimizer.state_dict()
    adam["state"] = {
        place: {name: tensors[f"adam/{place}/{name}"] for name in ("step", "exp_avg", "exp_avg_sq")}
        for place in range(len(list(state.head.parameters())))
    }
    state.optimizer.load_state_dict(adam)
    for run, (sampler, dropper) in enumerate(zip(state.samplers, state.droppers, strict=True)):
        sampler.set_state(tensors[f"sampler/{run}"])
        dropper.set_state(tensors[f"dropper/{run}"])
    state.curves = {name: arrays[f"curve/{name}"].tolist() for name in state.curves}
    state.warmed, state.epoch, state.seconds = int(found["warmed"]), int(found["epoch"]), float(found["seconds"])
