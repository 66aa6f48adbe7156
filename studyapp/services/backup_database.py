"""Copy the database as it was at one moment, and put such a copy in the place of an empty one."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from studyapp.services.backup_files import POSTGRES_FILE, SQLITE_FILE, BackupFailed

# What `migrate` fills by itself, and the rows of workers, which say nothing that outlasts them.
FILLED_BY_ITSELF = {"django_migrations", "django_content_type", "auth_permission", "studyapp_worker"}


def copy_database(folder: Path) -> tuple[Path, dict[str, int]]:
    """Copy the database into the folder; return the file, and the number of rows of each table in it."""
    return _copy_sqlite(folder) if connection.vendor == "sqlite" else _copy_postgresql(folder)


def restore_database(path: Path) -> None:
    """Put the copy in the place of this installation's database, which must be empty. Raises BackupFailed."""
    if path.name == SQLITE_FILE:
        _restore_sqlite(path)
    else:
        _restore_postgresql(path)


def count_rows(tables: Iterable[str]) -> dict[str, int]:
    """Return table -> rows of this installation's database; a table that is not there has none."""
    existing = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        counts = {}
        for table in sorted(tables):
            counts[table] = 0
            if table in existing:
                cursor.execute(f"SELECT COUNT(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608
                counts[table] = int(cursor.fetchone()[0])
        return counts


def filled_tables() -> list[str]:
    """Return the tables that hold more than what `migrate` puts there."""
    names = set(connection.introspection.table_names()) - FILLED_BY_ITSELF
    return [table for table, n in count_rows(names).items() if n]


def _copy_sqlite(folder: Path) -> tuple[Path, dict[str, int]]:
    """Copy by SQLite's own backup, in one step: it sees one state, and with a write-ahead log nobody waits for it.

    In several steps it would begin anew whenever somebody wrote in between: on a busy site, for ever.
    """
    path = folder / SQLITE_FILE
    source = Path(str(connection.settings_dict["NAME"])).absolute().as_uri()
    with (
        closing(sqlite3.connect(f"{source}?mode=ro", uri=True, timeout=20)) as live,
        closing(sqlite3.connect(path)) as copy,
    ):
        live.backup(copy, pages=-1)
    with closing(sqlite3.connect(path)) as copy:
        copy.execute("PRAGMA journal_mode=DELETE")
        (verdict,) = copy.execute("PRAGMA integrity_check").fetchone()
        if verdict != "ok":
            raise BackupFailed(f"The database is damaged: {verdict}. Stop the site, and restore the last backup.")
        found = copy.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        names = sorted(name for (name,) in found.fetchall())
        rows = {name: copy.execute(f'SELECT COUNT(*) FROM "{name}"').fetchone()[0] for name in names}  # noqa: S608
    return path, rows


def _copy_postgresql(folder: Path) -> tuple[Path, dict[str, int]]:
    """Dump by pg_dump within the snapshot in which the rows are counted."""
    path = folder / POSTGRES_FILE
    with _one_snapshot() as snapshot:
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={path}")
        return path, count_rows(connection.introspection.table_names())


@contextmanager
def _one_snapshot() -> Iterator[str]:
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        yield cursor.fetchone()[0]


def _restore_sqlite(path: Path) -> None:
    target = Path(str(connection.settings_dict["NAME"])).absolute()
    connection.close()
    partial = target.with_name(f".partial-{target.name}")
    try:
        shutil.copyfile(path, partial)
        with closing(sqlite3.connect(partial)) as copy:
            copy.execute("PRAGMA journal_mode=WAL")
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        for suffix in ("-wal", "-shm"):
            target.with_name(target.name + suffix).unlink(missing_ok=True)
        partial.replace(target)
    finally:
        for suffix in ("", "-wal", "-shm"):
            partial.with_name(partial.name + suffix).unlink(missing_ok=True)


def _restore_postgresql(path: Path) -> None:
    """Replace the empty tables, which may be those of a newer version and in the way of the backup's own."""
    ours = {*connection.introspection.django_table_names(only_existing=True), "django_migrations"}
    with transaction.atomic(), connection.cursor() as cursor:
        for table in sorted(ours):
            cursor.execute(f"DROP TABLE IF EXISTS {connection.ops.quote_name(table)} CASCADE")
    connection.close()
    _run("pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", str(path))


def _run(program: str, *arguments: str) -> None:
    """Run a program of PostgreSQL's on this installation's database. Raises BackupFailed with what it said."""
    where, password = _connection_info()
    command = [program, *arguments[:-1], f"--dbname={where}", arguments[-1]]
    environment = {**os.environ, **({"PGPASSWORD": password} if password else {})}
    try:
        done = subprocess.run(  # noqa: S603 (a fixed program; nothing of the command is anybody's text)
            command, env=environment, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise BackupFailed(
            f"{program} is not installed here: install PostgreSQL's client programs (Debian: postgresql-client), "
            "of the server's version or newer."
        ) from None
    if done.returncode:
        advice = ""
        if "server version mismatch" in done.stderr:
            advice = " Install PostgreSQL's client programs of the server's version or newer."
        raise BackupFailed(f"{program} failed: {done.stderr.strip()[-1000:]}{advice}")


def _connection_info() -> tuple[str, str]:
    """Return how to reach the database, with whatever DATABASE_URL says of TLS and the like, and apart the password.

    The password goes by way of the environment: every user of the machine sees the arguments of a process.
    """
    from psycopg import pq  # installations on SQLite do without
    from psycopg.conninfo import make_conninfo

    understood = {option.keyword.decode() for option in pq.Conninfo.get_defaults()}
    given: dict[str, Any] = connection.get_connection_params()
    kept = {key: value for key, value in given.items() if key in understood and value not in (None, "")}
    password = str(kept.pop("password", ""))
    return make_conninfo("", **kept), password
