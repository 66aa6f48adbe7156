"""Keep files in the media storage (a folder, or an object store). Names follow from content: none is rewritten."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage

from studyapp.errors import NotFound

Part = bytes | memoryview
COPY_BYTES = 1 << 20


def name_for(folder: str, content: bytes, suffix: str) -> str:
    """Return the content-addressed name of some bytes, such as audio/ab/<sha256>.wav."""
    return name_for_digest(folder, hashlib.sha256(content).hexdigest(), suffix)


def name_for_digest(folder: str, sha256: str, suffix: str) -> str:
    """Return the name of content that has that SHA-256 (hex)."""
    return f"{folder}/{sha256[:2]}/{sha256}{suffix}"


def exists(name: str) -> bool:
    """Whether the storage holds a file of that name."""
    return default_storage.exists(name)


def store(name: str, content: bytes) -> str:
    """Put the bytes under the name and return it. Storing the same again does nothing.

    The name must follow from the content (see `name_for`). A file appears under its name whole or not at all.
    """
    if _holds(name, len(content)):
        return name
    path = _path(name)
    if path is None:
        return default_storage.save(name, ContentFile(content))
    with _appearing(path) as file:
        file.write(content)
    return name


def store_parts(folder: str, parts: Iterable[Part], suffix: str) -> str:
    """Store the parts, one after the other, as one file and return its name, as `store` with `name_for` would.

    For what is too large to hold a second time: the parts are hashed while they are written.
    """
    base = _path(folder)
    digest = hashlib.sha256()
    if base is None:
        with tempfile.NamedTemporaryFile() as copy:
            for part in parts:
                digest.update(part)
                copy.write(part)
            copy.flush()
            return store_file(name_for_digest(folder, digest.hexdigest(), suffix), Path(copy.name))
    with _partial(base) as (file, partial):
        for part in parts:
            digest.update(part)
            file.write(part)
        _finish(file)
        name = f"{folder}/{digest.hexdigest()[:2]}/{digest.hexdigest()}{suffix}"
        path = base / name.removeprefix(f"{folder}/")
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.replace(path)
    return name


@contextmanager
def _partial(folder: Path) -> Iterator[tuple[IO[bytes], Path]]:
    """Give a new file in the folder, which is deleted if the block fails."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=".partial-", dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file, Path(name)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _finish(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())
    os.fchmod(file.fileno(), 0o644)


def store_file(name: str, source: Path) -> str:
    """Put a copy of the file under the name, as `store` does with bytes, without holding it in memory."""
    if _holds(name, source.stat().st_size):
        return name
    path = _path(name)
    with source.open("rb") as content:
        if path is None:
            return default_storage.save(name, File(content))
        with _appearing(path) as file:
            shutil.copyfileobj(content, file, COPY_BYTES)
    return name


def delete_folder(folder: str) -> None:
    """Remove every stored file below the folder, and the folder; nothing happens where there is none."""
    path = _path(folder)
    if path is not None:
        shutil.rmtree(path, ignore_errors=True)
        return
    folders, files = default_storage.listdir(folder)
    for name in files:
        default_storage.delete(f"{folder}/{name}")
    for name in folders:
        delete_folder(f"{folder}/{name}")


def list_folders(folder: str) -> list[str]:
    """Return the names of the folders right below the folder."""
    try:
        return default_storage.listdir(folder)[0]
    except FileNotFoundError:
        return []


def place_in(folder: Path, name: str) -> Path:
    """Return a path of the stored file on this machine: where it is, else of a copy in the folder. Raises NotFound."""
    path = _path(name)
    if path is None:
        path = folder / hashlib.sha256(name.encode()).hexdigest()
        with open_file(name) as stored, path.open("wb") as copy:
            shutil.copyfileobj(stored, copy, COPY_BYTES)
    elif not path.exists():
        raise NotFound(f"the stored file {name} is missing; send it again")
    return path


def delete(name: str) -> None:
    """Remove a stored file that is damaged or that no row names any more; nothing happens where there is none."""
    default_storage.delete(name)


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
        with open_file(name) as stored:
            shutil.copyfileobj(stored, copy, COPY_BYTES)
        copy.flush()
        yield Path(copy.name)


def _holds(name: str, n_bytes: int) -> bool:
    return default_storage.exists(name) and default_storage.size(name) == n_bytes


@contextmanager
def _appearing(path: Path) -> Iterator[IO[bytes]]:
    """Give a file to write that takes its place at the path when all went well, and disappears otherwise."""
    with _partial(path.parent) as (file, partial):
        yield file
        _finish(file)
        partial.replace(path)


def _path(name: str) -> Path | None:
    try:
        return Path(default_storage.path(name))
    except NotImplementedError:
        return None
