"""A real site for the browser tests: gunicorn in a process of its own, with its own data folder and SQLite."""

import os
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studyapp.services.local_server import WebServer

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Site:
    """A running site, and its database for looking into."""

    url: str
    data_dir: Path

    def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """Return what the database answers. The site writes while this reads."""
        connection = sqlite3.connect(f"file:{self.data_dir / 'db.sqlite3'}?mode=ro", uri=True, timeout=10)
        connection.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in connection.execute(sql, values)]
        finally:
            connection.close()

    def start_session(self, slug: str) -> str:
        """Start a session without a browser, and return the address of its page."""
        with urllib.request.urlopen(
            urllib.request.Request(f"{self.url}/s/{slug}/start/", data=b"", method="POST")
        ) as answer:
            return str(answer.url)


def environment(data_dir: Path) -> dict[str, str]:
    left_out = ("DATABASE_URL", "REDIS_URL", "DEBUG", "HTTPS_ONLY", "ALLOWED_HOSTS", "SECRET_KEY")
    kept = {key: value for key, value in os.environ.items() if key not in left_out}
    return {
        **kept,
        "EARWITNESS_DATA_DIR": str(data_dir),
        "DJANGO_SETTINGS_MODULE": "studyapp.settings",
        "LOG_LEVEL": "WARNING",
    }


@contextmanager
def start_site(folder: Path) -> Iterator[Site]:
    """Make an installation below the folder, fill it, and serve it. Raises RuntimeError when that fails."""
    data_dir = folder / "data"
    variables = environment(data_dir)

    def run(*arguments: str) -> None:
        done = subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env=variables, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(arguments)} failed:\n{done.stdout}\n{done.stderr}")

    run("manage.py", "migrate", "--verbosity", "0")
    run("manage.py", "collectstatic", "--noinput", "--verbosity", "0")
    run("-m", "tests.browser.study_for_tests", str(folder / "clips"))
    with serve(data_dir) as site:
        yield site


@contextmanager
def serve(data_dir: Path) -> Iterator[Site]:
    """Serve an installation. Raises ServerFailed when it does not answer."""
    with WebServer(environment=environment(data_dir), workers=1, threads=8) as server:
        yield Site(url=server.url, data_dir=data_dir)
