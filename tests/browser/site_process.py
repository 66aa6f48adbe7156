"""A real site for the browser tests: gunicorn in a process of its own, with its own data folder and SQLite."""

import os
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Site:
    """A running site, and its database for looking into."""

    url: str
    data_dir: Path
    process: subprocess.Popen[bytes]

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

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()


def environment(data_dir: Path) -> dict[str, str]:
    left_out = ("DATABASE_URL", "REDIS_URL", "DEBUG", "HTTPS_ONLY", "ALLOWED_HOSTS", "SECRET_KEY")
    kept = {key: value for key, value in os.environ.items() if key not in left_out}
    return {
        **kept,
        "EARWITNESS_DATA_DIR": str(data_dir),
        "DJANGO_SETTINGS_MODULE": "studyapp.settings",
        "LOG_LEVEL": "WARNING",
    }


def start_site(folder: Path) -> Site:
    """Make an installation below the folder, fill it, and serve it. Raises RuntimeError when it does not answer."""
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
    return serve(data_dir, path="/s/short/")


def serve(data_dir: Path, *, path: str) -> Site:
    """Serve an installation; it is up when the path answers. Raises RuntimeError when it does not."""
    bind = f"127.0.0.1:{_free_port()}"
    # Its control socket would stand in the home folder.
    command = ["-m", "gunicorn", "studyapp.wsgi", "--bind", bind, "--threads", "8", "--no-control-socket"]
    process = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=environment(data_dir))
    site = Site(url=f"http://{bind}", data_dir=data_dir, process=process)
    _wait_until_it_answers(site, path)
    return site


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_answers(site: Site, path: str) -> None:
    for _ in range(150):
        try:
            urllib.request.urlopen(f"{site.url}{path}", timeout=5).close()
            return
        except (URLError, OSError):
            time.sleep(0.2)
    site.stop()
    raise RuntimeError(f"the site at {site.url} does not answer")
