"""How a folder of backups lies on the disk: its lock, its manifests, files written so that they last."""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from studyapp.errors import EarwitnessError

SCHEMA = 1
MANIFEST, MEDIA, PREFIX, PARTIAL, LOCK = "manifest.json", "media", "backup-", ".partial-", ".lock"
SQLITE_FILE, POSTGRES_FILE = "database.sqlite3", "database.dump"
Progress = Callable[[str], None]


class BackupFailed(EarwitnessError):
    """A backup could not be made or restored; the words say why and what to do."""


@contextmanager
def locked(root: Path, *, to_write: bool) -> Iterator[None]:
    """Keep others from writing to a folder of backups. The system drops the lock of a process that dies.

    Readers may be several; a folder that cannot be written needs no lock to be read. Raises BackupFailed.
    """
    try:
        descriptor = os.open(root / LOCK, os.O_RDWR | os.O_CREAT if to_write else os.O_RDONLY, 0o600)
    except OSError:
        if to_write:
            raise
        yield
        return
    try:
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_EX if to_write else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupFailed(f"{root} is in use by another backup or restore. Try again when it has ended.") from None
        yield
    finally:
        os.close(descriptor)


def backups_in(root: Path) -> list[Path]:
    """Return the finished backups of a folder, oldest first."""
    return sorted(path for path in root.glob(f"{PREFIX}*") if (path / MANIFEST).is_file())


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return a backup's manifest. Raises BackupFailed when it is no such folder, or of another program."""
    try:
        found: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
        if found["schema"] == SCHEMA:
            _refuse_odd_names(found)
    except (OSError, ValueError, KeyError, TypeError):
        raise BackupFailed(
            f"{folder} is no backup: it has no readable {MANIFEST}. "
            f"Name a folder {PREFIX}... within the folder of backups."
        ) from None
    if found["schema"] != SCHEMA:
        raise BackupFailed(f"{folder} was made by another version of Earwitness ({found.get('version')}).")
    return found


def _refuse_odd_names(manifest: dict[str, Any]) -> None:
    """Raise ValueError for a manifest that names files outside the backup, KeyError where it lacks something."""
    if manifest["database"]["file"] not in (SQLITE_FILE, POSTGRES_FILE):
        raise ValueError(manifest["database"]["file"])
    for each in (manifest["database"], *manifest["media"]):
        int(each["n_bytes"]), str(each["sha256"])
    for each in manifest["media"]:
        path = PurePosixPath(each["name"])
        if path.is_absolute() or ".." in path.parts:
            raise ValueError(each["name"])
    manifest["engine"], manifest["made_at"], manifest["migrations"], dict(manifest["rows"])


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_whole(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Have the names within a folder outlast a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_backup(folder: Path) -> None:
    """Delete a backup; one that is half deleted has no name that a backup has."""
    doomed = folder if folder.name.startswith(PARTIAL) else folder.rename(folder.with_name(f"{PARTIAL}{folder.name}"))
    shutil.rmtree(doomed)


def remove_unfinished(root: Path) -> None:
    """Delete what a backup left that was killed. The folder must be locked."""
    for path in root.glob(f"{PARTIAL}*"):
        shutil.rmtree(path)
    for path in (root / MEDIA).rglob(f"{PARTIAL}*"):
        path.unlink()
