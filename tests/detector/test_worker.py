"""A real Celery worker does an embedding and a training: in an installation of its own, with this pass's services.

Runs in both passes: on SQLite and the filesystem broker, and on PostgreSQL and Redis.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import numpy as np
import psycopg
import pytest
import soundfile

from studyapp.services.local_server import ROOT, worker


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Return the environment of a new installation; a database made for it on the server of DATABASE_URL is dropped."""
    environment = {**os.environ, "EARWITNESS_DATA_DIR": str(tmp_path / "data"), "OMP_NUM_THREADS": "1"}
    environment["REDIS_KEY_PREFIX"] = f"earwitness-worker-test-{os.getpid()}:"
    server, name = environment.get("DATABASE_URL", ""), f"earwitness_worker_test_{os.getpid()}"
    if not server:
        yield environment
        return
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield environment | {"DATABASE_URL": urlunsplit(urlsplit(server)._replace(path=f"/{name}"))}
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def write_clips(folder: Path, *, n: int = 5) -> None:
    """Write n clips of noise for each label and category."""
    rng = np.random.default_rng(3)
    for label in ("real", "fake/generator_a"):
        for category in ("rain", "keyboard"):
            place = folder / label / category
            place.mkdir(parents=True)
            for number in range(n):
                soundfile.write(place / f"{number}.wav", 0.1 * rng.standard_normal(22_050), 22_050, subtype="PCM_16")


def test_a_worker_does_what_the_rows_ask_for(installation: dict[str, str], tmp_path: Path) -> None:
    write_clips(tmp_path / "clips")

    def run(*arguments: str) -> str:
        command = [sys.executable, *arguments]
        done = subprocess.run(command, cwd=ROOT, env=installation, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("manage.py", "migrate", "--verbosity", "0")
    with worker(environment=installation) as process:
        said = run("-m", "tests.detector.worker_job", str(tmp_path / "clips"))
        process.check()
    assert json.loads(said.splitlines()[-1]) == {"embedding": "done", "training": "done", "runs": 2}
