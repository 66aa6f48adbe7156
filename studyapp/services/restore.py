"""Bring an installation back from a backup: every hash is checked before anything is written."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from studyapp.models import Worker
from studyapp.selectors.readiness import ALIVE_S
from studyapp.services import media
from studyapp.services.backup_database import count_rows, filled_tables, restore_database
from studyapp.services.backup_files import MEDIA, BackupFailed, Progress, locked, read_manifest, sha256_of


def check_backup(*, folder: Path, say: Progress = lambda line: None) -> dict[str, Any]:
    """Read a backup whole and compare every hash; return its manifest. Raises BackupFailed."""
    with locked(folder.parent, to_write=False):
        return _check(folder, say)


def restore_backup(*, folder: Path, say: Progress = lambda line: None) -> dict[str, Any]:
    """Restore a backup into this installation, whose database must be empty; return its manifest.

    Media files that are there already stay where they are the same. Afterwards the rows of each table are counted
    against the manifest, and migrations that the backup lacks are applied. Raises BackupFailed.
    """
    with locked(folder.parent, to_write=False):
        manifest = _check(folder, say)
        _refuse_another_kind(manifest)
        try:
            _refuse_unless_empty()
            say("restoring the media")
            for each in manifest["media"]:
                _restore_file(each, folder.parent / MEDIA / each["name"])
            say("restoring the database")
            restore_database(folder / manifest["database"]["file"])
            found = count_rows(manifest["rows"])
        except OSError as error:
            raise BackupFailed(f"The backup cannot be restored: {error.strerror} ({error.filename}).") from None
        except Error as error:
            raise BackupFailed(f"The database cannot be restored: {str(error).strip()}") from None
    wrong = [f"{table} {found[table]} of {n}" for table, n in manifest["rows"].items() if found[table] != n]
    if wrong:
        raise BackupFailed(f"Rows are missing after the restore: {', '.join(wrong)}.")
    call_command("migrate", verbosity=0)
    Worker.objects.all().delete()  # those of the installation that was backed up; none of them is here
    return manifest


def _check(folder: Path, say: Progress) -> dict[str, Any]:
    manifest = read_manifest(folder)
    say("checking every hash")
    _check_file(folder / manifest["database"]["file"], manifest["database"])
    for each in manifest["media"]:
        _check_file(folder.parent / MEDIA / each["name"], each)
    return manifest


def _check_file(path: Path, wanted: dict[str, Any]) -> None:
    try:
        digest = sha256_of(path)
    except OSError as error:
        raise BackupFailed(f"The backup is not whole: {path} cannot be read ({error.strerror}).") from None
    if digest != wanted["sha256"]:
        raise BackupFailed(f"The backup is damaged: {path} is not what was stored. Take an older backup.")


def _refuse_another_kind(manifest: dict[str, Any]) -> None:
    """Raise BackupFailed for another kind of database, or one of a newer Earwitness."""
    if manifest["engine"] != connection.vendor:
        raise BackupFailed(
            f"The backup is of another kind of database ({manifest['engine']}; this installation has "
            f"{connection.vendor}). Set DATABASE_URL accordingly."
        )
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).graph.nodes}
    if newer := sorted(set(manifest["migrations"]) - known):
        raise BackupFailed(
            f"The backup is of a newer Earwitness ({manifest['version']}; this one does not know {newer[0]}). "
            "Install that version, then restore."
        )


def _refuse_unless_empty() -> None:
    """Raise BackupFailed where the database holds more than what `migrate` puts there, or somebody works with it."""
    if filled := filled_tables():
        raise BackupFailed(
            f"The database of this installation is not empty ({', '.join(filled[:3])} have rows). "
            "Restore into a new one: name an empty database by DATABASE_URL, "
            "or another data folder by EARWITNESS_DATA_DIR."
        )
    has_workers = Worker._meta.db_table in connection.introspection.table_names()
    if has_workers and Worker.objects.filter(seen_at__gte=timezone.now() - timedelta(seconds=ALIVE_S)).exists():
        raise BackupFailed("A worker of this installation is at work. Stop workers and web server, then restore.")


def _restore_file(wanted: dict[str, Any], source: Path) -> None:
    """Store a file. One of its name that is something else, though of its size, gives way."""
    name = wanted["name"]
    if media.exists(name) and default_storage.size(name) == wanted["n_bytes"]:
        with media.local_path(name) as path:
            if sha256_of(path) == wanted["sha256"]:
                return
        media.delete(name)
    media.store_file(name, source)
