"""Write files of a bundle as their lines or bytes come, hashed on the way."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from studyapp.errors import EarwitnessError


class ExportFailed(EarwitnessError):
    """The export cannot be written."""


@dataclass(frozen=True, kw_only=True)
class ExportedFile:
    """A file of the bundle and, for tables, how many rows it has."""

    path: str
    n_rows: int | None
    sha256: str


def write_lines(folder: Path, path: str, lines: Iterable[str], *, n_headers: int | None = None) -> ExportedFile:
    """Write the lines as they come. n_headers: lines that are no rows; None where the file is no table."""
    digest, n_lines = hashlib.sha256(), 0
    with (folder / path).open("wb") as file:
        for line in lines:
            content = line.encode("utf-8")
            digest.update(content)
            file.write(content)
            n_lines += 1
    return ExportedFile(path=path, n_rows=None if n_headers is None else n_lines - n_headers, sha256=digest.hexdigest())


def write_parts(folder: Path, path: str, parts: Iterable[bytes]) -> ExportedFile:
    """Write bytes as they come."""
    digest = hashlib.sha256()
    with (folder / path).open("wb") as file:
        for part in parts:
            digest.update(part)
            file.write(part)
    return ExportedFile(path=path, n_rows=None, sha256=digest.hexdigest())
