"""Weights and their provenance in one file: safetensors, with JSON in its header. Never a pickle."""

import hashlib
import json
from collections.abc import Collection, Mapping
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from studyapp.errors import EarwitnessError

HEADER = "earwitness"  # one key only: the order of several would change the bytes from one writing to the next
LENGTH_BYTES = 8  # of the number at the start that says how long the header is
MAX_HEADER_BYTES = 100_000_000  # as the format has it
DTYPES = {"bool": "BOOL", "uint8": "U8", "int64": "I64", "float32": "F32", "float64": "F64"}
Arrays = dict[str, NDArray[Any]]


class BadFile(EarwitnessError):
    """A stored file is not what was written."""


def dump(arrays: Mapping[str, NDArray[Any]], facts: Mapping[str, Any]) -> bytes:
    """Return the file's bytes; the same arrays and facts give the same bytes."""
    ordered = {name: np.asarray(arrays[name], order="C") for name in sorted(arrays)}
    return save(ordered, metadata={HEADER: json.dumps(facts, sort_keys=True)})


def dump_parts(arrays: Mapping[str, NDArray[Any]], facts: Mapping[str, Any]) -> list[bytes | memoryview]:
    """Return such a file as its header and one view of each array, for what is too large to copy on its way to disk.

    The views show the arrays as they are when they are read. Raises KeyError for a type of number not in DTYPES.
    """
    # The format asks for no order; wide numbers first keeps each of them at a multiple of its own width.
    ordered = {name: np.asarray(arrays[name], order="C") for name in sorted(arrays)}
    ordered = dict(sorted(ordered.items(), key=lambda item: -item[1].itemsize))
    header: dict[str, Any] = {"__metadata__": {HEADER: json.dumps(facts, sort_keys=True)}}
    start = 0
    for name, array in ordered.items():
        span = [start, start + array.nbytes]
        header[name] = {"dtype": DTYPES[str(array.dtype)], "shape": array.shape, "data_offsets": span}
        start += array.nbytes
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    views = [array.reshape(-1).view(np.uint8).data for array in ordered.values() if array.size]
    return [len(head).to_bytes(8, "little") + head, *views]


def parse(content: bytes, *, sha256: str = "") -> tuple[Arrays, dict[str, Any]]:
    """Return the arrays and facts of a file that `dump` made.

    Raises
    ------
    BadFile
        When the bytes do not have the given SHA-256 (checked where one is given), or are no such file.
    """
    if sha256 and digest(content) != sha256:
        raise BadFile(f"a stored file has changed: expected SHA-256 {sha256}, found {digest(content)}. Make it again.")
    try:
        arrays = load(content)
        length = int.from_bytes(content[:8], "little")
        header = json.loads(content[8 : 8 + length])
        facts = json.loads(header["__metadata__"][HEADER])
    except (SafetensorError, KeyError, ValueError) as error:
        raise BadFile(f"a stored file cannot be read: {error}") from error
    return arrays, facts


def digest(content: bytes) -> str:
    """Return the SHA-256 of some bytes, hex."""
    return hashlib.sha256(content).hexdigest()


def parse_some(file: BinaryIO, names: Collection[str]) -> tuple[Arrays, dict[str, Any]]:
    """Return some arrays, and the facts, of a file that `dump` made, reading nothing else of it.

    file: open for reading bytes, at its start, and seekable. names: float64 arrays; one that is not there is left out.

    Raises
    ------
    BadFile
        When it is no such file, or ends too early.
    """
    try:
        start = int.from_bytes(file.read(LENGTH_BYTES), "little")
        if start > MAX_HEADER_BYTES:
            raise ValueError(f"a header of {start} bytes")
        header = json.loads(file.read(start))
        facts = json.loads(header.pop("__metadata__")[HEADER])
        arrays: Arrays = {}
        for name in sorted(set(names) & set(header)):
            if header[name]["dtype"] != "F64":
                raise ValueError(f"{name} is {header[name]['dtype']}, not F64")
            low, high = header[name]["data_offsets"]
            file.seek(LENGTH_BYTES + start + low)
            arrays[name] = np.frombuffer(file.read(high - low), dtype="<f8").reshape(header[name]["shape"])
    except (KeyError, TypeError, ValueError) as error:
        raise BadFile(f"a stored file cannot be read: {error}") from error
    return arrays, facts
