"""A real Celery worker does an embedding and a training: in an installation of its own, with this pass's services.

Runs in both passes: on SQLite and the filesystem broker, and on PostgreSQL and Redis.
"""

import json
from pathlib import Path

from studyapp.services.local_server import worker

from ..installation import new_installation, write_clips


def test_a_worker_does_what_the_rows_ask_for(tmp_path: Path) -> None:
    write_clips(tmp_path / "clips")
    with new_installation(tmp_path) as installation, worker(environment=installation.environment) as process:
        said = installation.run_module("tests.detector.worker_job", str(tmp_path / "clips"))
        process.check()
    assert json.loads(said.splitlines()[-1]) == {"embedding": "done", "training": "done", "runs": 2}
