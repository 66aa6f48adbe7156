"""A real site for the browser tests: gunicorn in a process of its own, with its own data folder and SQLite."""

import shutil
import sqlite3
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from studyapp.services.local_server import WebServer
from tests.installation import EMBEDDED, Installation, environment_of, new_installation, scratch


@dataclass
class Site:
    """A running site, and its database for looking into."""

    url: str
    data_dir: Path
    told: str = ""  # what the module printed that filled it

    def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """Return what the database answers. The site writes while this reads."""
        connection = sqlite3.connect(f"file:{self.data_dir / 'db.sqlite3'}?mode=ro", uri=True, timeout=10)
        connection.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in connection.execute(sql, values)]
        finally:
            connection.close()

    def age_session(self, token: str, *, minutes: int) -> None:
        """Let a session have started so long ago."""
        with sqlite3.connect(self.data_dir / "db.sqlite3", timeout=10) as connection:
            connection.execute(
                "UPDATE studyapp_session SET started_at = datetime(started_at, ?) WHERE token = ?",
                (f"-{minutes} minutes", token),
            )
        connection.close()

    def start_session(self, slug: str, **parameters: str) -> str:
        """Start a session without a browser, and return the address of its page."""
        body = urllib.parse.urlencode(parameters).encode()
        with urllib.request.urlopen(
            urllib.request.Request(f"{self.url}/s/{slug}/start/", data=body, method="POST")
        ) as answer:
            return str(answer.url)


def environment(data_dir: Path) -> dict[str, str]:
    return environment_of(data_dir) | EMBEDDED | {"LOG_LEVEL": "WARNING"}


@cache
def _collected() -> Path:
    """Collect the static files once for this process: they are compressed, which takes seconds."""
    data_dir = scratch() / "collected"
    Installation(environment(data_dir), data_dir).run("collectstatic", "--noinput", "--verbosity", "0")
    return data_dir / "static"


@contextmanager
def start_site(folder: Path, *filler: str) -> Iterator[Site]:
    """Make an installation below the folder, let a module fill it if one is named, with its arguments, and serve it."""
    with new_installation(folder, **EMBEDDED, LOG_LEVEL="WARNING") as made:
        shutil.copytree(_collected(), made.data_dir / "static")
        told = made.run_module(*filler) if filler else ""
        with serve(made.data_dir) as site:
            site.told = told
            yield site


@contextmanager
def serve(data_dir: Path) -> Iterator[Site]:
    """Serve an installation. Raises ServerFailed when it does not answer."""
    with WebServer(environment=environment(data_dir), workers=1, threads=8) as server:
        yield Site(url=server.url, data_dir=data_dir)
