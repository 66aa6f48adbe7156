"""Keep files in the media storage (a folder, or an object store). Names follow from content: none is rewritten."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage

from studyapp.errors import NotFound


def name_for(folder: str, content: bytes, suffix: str) -> str:
    """Return the content-addressed name of some bytes, such as audio/ab/<sha256>.wav."""
    digest = hashlib.sha256(content).hexdigest()
    return f"{folder}/{digest[:2]}/{digest}{suffix}"


def exists(name: str) -> bool:
    """Whether the storage holds a file of that name."""
    return default_storage.exists(name)


def store(name: str, content: bytes) -> str:
    """Put the bytes under the name and return it. Storing the same again does nothing.

    The name must follow from the content (see `name_for`). A file appears under its name whole or not at all.
    """
    if default_storage.exists(name) and default_storage.size(name) == len(content):
        return name
    path = _path(name)
    if path is None:
        return default_storage.save(name, ContentFile(content))
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, partial = tempfile.mkstemp(prefix=".partial-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            os.fchmod(file.fileno(), 0o644)
        Path(partial).replace(path)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise
    return name


def read(name: str) -> bytes:
    """Return the bytes stored under the name. Raises NotFound."""
    with open_file(name) as file:
        content: bytes = file.read()
    return content


def open_file(name: str) -> "File[bytes]":
    """Return the stored file, open for reading. Raises NotFound."""
    try:
        return default_storage.open(name, "rb")
    except FileNotFoundError:
        raise NotFound(f"the stored file {name} is missing; import its set again") from None


@contextmanager
def local_path(name: str) -> Iterator[Path]:
    """Give a path of the stored file on this machine, for as long as the context lasts. Raises NotFound."""
    path = _path(name)
    if path is not None:
        if not path.exists():
            raise NotFound(f"the stored file {name} is missing; import its set again")
        yield path
        return
    with tempfile.NamedTemporaryFile(suffix=Path(name).suffix) as copy:
        copy.write(read(name))
        copy.flush()
        yield Path(copy.name)


def _path(name: str) -> Path | None:
    try:
        return Path(default_storage.path(name))
    except NotImplementedError:
        return None
