"""Turn a published checkpoint, which is a pickle, into safetensors, in a child process with limits.

Here nothing of the file is read and torch is not imported: see `checkpoint_child` for what the child does.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from safetensors import SafetensorError, safe_open

from .checkpoint import HEADER
from .embeddings.spec import BadWeights

CHILD = Path(__file__).with_name("checkpoint_child.py")
CONVERSION = 1  # raised whenever a module's `convert`, or the form of the file, changes
CPU_S = 120
MEMORY_BYTES = 1 << 30  # for reading, beside four times the file: tensors, copies, bytes to write
WALL_S = 600.0
MAX_HEADER_BYTES = 1 << 20


def convert_checkpoint(
    file: BinaryIO,
    *,
    module: str,
    facts: Mapping[str, Any],
    scratch: Path,
    cpu_s: int = CPU_S,
    memory_bytes: int = MEMORY_BYTES,
    wall_s: float = WALL_S,
) -> Path:
    """Return the path of the safetensors file that the module's `convert` made of the checkpoint, within `scratch`.

    file: open for reading, with a descriptor; the child reads from it, so that it is the file that was checked.
    facts: what stands in the header, ready for JSON.
    cpu_s, memory_bytes, wall_s: the child's limits; the memory is beside four times the file's size.

    Raises
    ------
    BadWeights
        When the file cannot be read safely, is not what the module expects, or the child met a limit.
    """
    n_bytes = os.fstat(file.fileno()).st_size
    output, answer = scratch / "converted.safetensors", scratch / "answer.json"
    file.seek(0)
    request = {
        "module": module,
        "descriptor": file.fileno(),
        "n_bytes": n_bytes,
        "output": str(output),
        "answer": str(answer),
        "header": HEADER,
        "facts": dict(facts),
        "sys_path": [str(Path(entry).absolute()) for entry in sys.path],
        "cpu_s": cpu_s,
        "memory_bytes": 4 * n_bytes + memory_bytes,
        "output_bytes": n_bytes + MAX_HEADER_BYTES,
    }
    try:
        done = subprocess.run(  # noqa: S603 (our own interpreter and script)
            [sys.executable, "-I", str(CHILD)],
            input=json.dumps(request).encode(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"LC_ALL": "C.UTF-8", "OMP_NUM_THREADS": "1", "HOME": str(scratch)},
            pass_fds=(file.fileno(),),
            timeout=wall_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise BadWeights(f"reading it took more than {wall_s:.0f} s") from None
    if done.returncode != 0 or not answer.is_file():
        raise BadWeights(_how_it_ended(done.returncode, cpu_s))
    said = json.loads(answer.read_bytes()[:MAX_HEADER_BYTES])
    if "refused" in said:
        raise BadWeights(str(said["refused"]))
    if header_facts(output) != dict(facts):
        raise BadWeights("the converted file is not whole")
    return output


def header_facts(path: Path) -> dict[str, Any]:
    """Return the facts in a converted file's header. Raises BadWeights when it is no such file."""
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
        facts: dict[str, Any] = json.loads(metadata[HEADER])
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise BadWeights(f"the converted file cannot be read: {error}") from None
    return facts


def _how_it_ended(code: int, cpu_s: int) -> str:
    if -code in (9, 24):  # SIGKILL follows SIGXCPU where the soft limit is the hard one
        return f"reading it took more than {cpu_s} s of computing, or the machine ran out of memory"
    if code < 0:
        return f"reading it ended by signal {-code}: it asks for more than such a file may need"
    return f"reading it ended with code {code}"
