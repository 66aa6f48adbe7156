"""An installation of its own for a test: a data folder and, where the tests run on PostgreSQL, a database there.

Its database is migrated: the first one of a process is, and the others are copies.
"""

import atexit
import itertools
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import numpy as np
import psycopg
import redis
import soundfile

from studyapp.services.local_server import ROOT

EMBEDDED = {"DATABASE_URL": "", "REDIS_URL": ""}  # the default, whatever services the tests run on
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Installation:
    """Its environment, and what one asks of it from outside."""

    environment: dict[str, str]
    data_dir: Path

    @property
    def media(self) -> Path:
        return self.data_dir / "media"

    def attempt(self, *arguments: str, **more: Any) -> subprocess.CompletedProcess[str]:
        """Run manage.py, however it ends."""
        return self._python("manage.py", *arguments, **more)

    def run(self, *arguments: str, **more: Any) -> str:
        """Run manage.py and return what it says; it must succeed."""
        return _said(self.attempt(*arguments, **more))

    def run_all(self, *commands: tuple[str, ...]) -> str:
        """Run manage.py's commands in order, in one process, and return what they say; all must succeed."""
        return self.run_module("tests.several_commands", json.dumps(commands))

    def run_module(self, name: str, *arguments: str) -> str:
        """Run a module and return what it says; it must succeed."""
        return _said(self._python("-m", name, *arguments))

    def run_code(self, code: str) -> str:
        """Run Python code and return what it prints; it must succeed."""
        return _said(self._python("-c", code))

    def _python(self, *words: str, **more: Any) -> subprocess.CompletedProcess[str]:
        environment = self.environment | more.pop("environment", {})
        command = [sys.executable, *words]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, **more)

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        """Start manage.py and leave it running."""
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.Popen(
            command, cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def query(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Return what the database answers; the values stand where it has its placeholders."""
        if url := self.environment.get("DATABASE_URL"):
            with psycopg.connect(url, autocommit=True) as connection:
                cursor = connection.execute(sql, values or None)
                return cursor.fetchall() if cursor.description else []
        with closing(sqlite3.connect(self.data_dir / "db.sqlite3", timeout=20, isolation_level=None)) as connection:
            return connection.execute(sql, values).fetchall()

    def tables(self) -> list[str]:
        if self.environment.get("DATABASE_URL"):
            found = self.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        else:
            found = self.query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        return sorted(name for (name,) in found)

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return all rows of all tables."""
        return {name: sorted(self.query(f'SELECT * FROM "{name}"'), key=repr) for name in self.tables()}


def _said(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, f"{done.args[1:]}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout


@contextmanager
def new_installation(folder: Path, *, is_migrated: bool = True, **more: str) -> Iterator[Installation]:
    """Give an installation below the folder; a database made for it on the server of DATABASE_URL is dropped."""
    own = {"OMP_NUM_THREADS": "1", "REDIS_KEY_PREFIX": f"earwitness-installation-{os.getpid()}-{next(_numbers)}:"}
    made = Installation(environment_of(folder / "data") | own | more, folder / "data")
    server = made.environment.get("DATABASE_URL")
    try:
        if not server:
            if is_migrated:
                made.data_dir.mkdir(parents=True)
                shutil.copy(_migrated_file(), made.data_dir / "db.sqlite3")
            yield made
            return
        with _new_database(server, template=_migrated_database(server) if is_migrated else "template1") as url:
            yield Installation(made.environment | {"DATABASE_URL": url}, made.data_dir)
    finally:
        _forget_messages(made.environment)


def environment_of(data_dir: Path) -> dict[str, str]:
    """Return this process's environment for another data folder, without what was set for one installation."""
    left_out = re.compile("S3_.*|CELERY_.*|DEBUG|HTTPS_ONLY|ALLOWED_HOSTS|SECRET_KEY")
    kept = {name: value for name, value in os.environ.items() if not left_out.fullmatch(name)}
    return kept | {"DJANGO_SETTINGS_MODULE": "studyapp.settings", "EARWITNESS_DATA_DIR": str(data_dir)}


@cache
def scratch() -> Path:
    """Return a folder that lives as long as this process."""
    folder = tempfile.mkdtemp(prefix="earwitness-installations-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


@cache
def _migrated_file() -> Path:
    with new_installation(scratch() / "migrated", is_migrated=False, **EMBEDDED) as made:
        made.run("migrate", "--verbosity", "0")
        return made.data_dir / "db.sqlite3"


@cache
def _migrated_database(server: str) -> str:
    made = _new_database(server, template="template1")
    url = made.__enter__()
    atexit.register(made.__exit__, None, None, None)
    Installation(environment_of(scratch() / "migrated") | {"DATABASE_URL": url}, scratch()).run("migrate", "-v", "0")
    return urlsplit(url).path.removeprefix("/")


@contextmanager
def _new_database(server: str, *, template: str) -> Iterator[str]:
    """Make a database on the server and give its address."""
    name = f"earwitness_installation_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    finally:
        # A server of a test's own is gone before what is dropped at the end of the process.
        with suppress(psycopg.OperationalError), psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _forget_messages(environment: dict[str, str]) -> None:
    if url := environment.get("REDIS_URL"):
        with redis.Redis.from_url(url) as broker:
            for key in broker.scan_iter(f"{environment['REDIS_KEY_PREFIX']}*"):
                broker.delete(key)


def write_clips(folder: Path, *, n: int = 5) -> None:
    """Write n clips of noise for each label and category."""
    rng = np.random.default_rng(3)
    for label in ("real", "fake/generator_a"):
        for category in ("rain", "keyboard"):
            place = folder / label / category
            place.mkdir(parents=True)
            for number in range(n):
                soundfile.write(place / f"{number}.wav", 0.1 * rng.standard_normal(22_050), 22_050, subtype="PCM_16")
