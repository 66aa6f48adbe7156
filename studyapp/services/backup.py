"""Copy the whole installation, database and media, so that it can be restored and every file proven by its hash.

A folder of backups holds `media/`, shared by all of them (a stored file never changes, so that each is copied once),
and one folder for each backup with the database and `manifest.json`. The database is copied first: what its rows name
was stored before them, so that the media copied afterwards are complete, while the site goes on.
"""

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import Error, connection
from django.db.migrations.recorder import MigrationRecorder

from studyapp.errors import NotFound
from studyapp.services import media
from studyapp.services.backup_database import copy_database
from studyapp.services.backup_files import (
    MANIFEST,
    MEDIA,
    PARTIAL,
    PREFIX,
    SCHEMA,
    BackupFailed,
    Progress,
    backups_in,
    locked,
    read_manifest,
    remove_backup,
    remove_unfinished,
    sha256_of,
    sync_folder,
    write_whole,
)

PART_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Backup:
    """A finished backup. n_new: media files that no earlier backup had."""

    folder: Path
    n_rows: int
    n_files: int
    n_bytes: int
    n_new: int


def make_backup(*, root: Path, keep: int | None = None, say: Progress = lambda line: None) -> Backup:
    """Add a backup to the folder `root`, made when it is not there; with `keep`, delete all but the newest so many.

    A backup appears under its name whole or not at all. Raises BackupFailed.
    """
    if keep is not None and keep < 1:
        raise BackupFailed(f"{keep} backups to keep: use 1 or more")
    _refuse_within_media(root)
    try:
        root.mkdir(parents=True, exist_ok=True, mode=0o700)  # it holds what participants said, and secrets of sessions
        with locked(root, to_write=True):
            (root / MEDIA).mkdir(exist_ok=True, mode=0o700)
            (root / MEDIA).chmod(0o700)  # the folder around it may be somebody's own, open to others
            remove_unfinished(root)
            made = _make(root, say)
            if keep is not None:
                _forget(root, keep, say)
    except OSError as error:
        raise BackupFailed(f"The backup cannot be written: {error.strerror} ({error.filename or root}).") from None
    except (Error, sqlite3.Error) as error:
        raise BackupFailed(f"The database cannot be copied: {str(error).strip()}") from None
    return made


def _make(root: Path, say: Progress) -> Backup:
    name = f"{PREFIX}{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}"
    folder = root / f"{PARTIAL}{name}"
    folder.mkdir(mode=0o700)
    try:
        say("copying the database")
        database, rows = copy_database(folder)
        say("copying the media")
        files, n_new = _copy_media(root / MEDIA, _known(root, say), say)
        manifest = {
            "schema": SCHEMA,
            "version": settings.VERSION,
            "made_at": datetime.now(UTC).isoformat(),
            "engine": connection.vendor,
            "migrations": _migrations(),
            "database": {"file": database.name, "sha256": sha256_of(database), "n_bytes": database.stat().st_size},
            "rows": rows,
            "media": files,
        }
        write_whole(folder / MANIFEST, json.dumps(manifest, indent=1).encode())
        sync_folder(folder)
        folder.rename(root / name)
        sync_folder(root)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    n_bytes = sum(each["n_bytes"] for each in files)
    return Backup(folder=root / name, n_rows=sum(rows.values()), n_files=len(files), n_bytes=n_bytes, n_new=n_new)


def _refuse_within_media(root: Path) -> None:
    if not settings.S3_BUCKET and root.resolve().is_relative_to(Path(settings.MEDIA_ROOT).resolve()):
        raise BackupFailed(f"{root} is within the media, and would be copied into itself. Name another folder.")


def _known(root: Path, say: Progress) -> dict[str, Any]:
    """Return name -> what the newest backup that can be read says of a media file."""
    for earlier in reversed(backups_in(root)):
        try:
            return {each["name"]: each for each in read_manifest(earlier)["media"]}
        except BackupFailed as error:
            say(str(error))
    return {}


def _copy_media(target: Path, known: dict[str, Any], say: Progress) -> tuple[list[dict[str, Any]], int]:
    """Copy what no earlier backup has; return name, size and hash of every stored file, and how many were new."""
    files, n_new = [], 0
    for name in stored_names():
        path, earlier = target / name, known.get(name)
        try:
            if earlier and path.is_file() and path.stat().st_size == earlier["n_bytes"] == default_storage.size(name):
                files.append(earlier)
                continue
            files.append({"name": name, "sha256": _copy(name, path), "n_bytes": path.stat().st_size})
        except (FileNotFoundError, NotFound):
            continue  # deleted since it was listed: the state of a training that has gone on
        n_new += 1
        if n_new % 500 == 0:
            say(f"copying the media: {n_new} new files")
    return files, n_new


def _copy(name: str, path: Path) -> str:
    """Copy a stored file, whole or not at all, and return its hash."""
    digest = hashlib.sha256()
    with media.open_file(name) as source:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{PARTIAL}{path.name}")
        try:
            with partial.open("wb") as copy:
                while part := source.read(PART_BYTES):
                    digest.update(part)
                    copy.write(part)
                copy.flush()
                os.fsync(copy.fileno())
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    return digest.hexdigest()


def stored_names(folder: str = "") -> Iterator[str]:
    """Give the name of every file in the media storage, folder by folder; half-written ones are none."""
    try:
        folders, names = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in sorted(names):
        if name and not name.startswith(PARTIAL):
            yield f"{folder}/{name}".lstrip("/")
    for each in sorted(folders):
        yield from stored_names(f"{folder}/{each}".lstrip("/"))


def _forget(root: Path, keep: int, say: Progress) -> None:
    """Delete all but the newest backups, then the media that none of those left names."""
    for old in backups_in(root)[:-keep]:
        remove_backup(old)
    try:
        named = {each["name"] for folder in backups_in(root) for each in read_manifest(folder)["media"]}
    except BackupFailed as error:
        say(f"{error} What media it needs is not known, so that none are deleted.")
        return
    for path in (root / MEDIA).rglob("*"):
        if path.is_file() and path.relative_to(root / MEDIA).as_posix() not in named:
            path.unlink()


def _migrations() -> list[str]:
    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())
