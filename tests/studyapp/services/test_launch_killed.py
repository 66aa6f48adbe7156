"""A real worker is killed in the middle of a launch; the next one makes one version of it."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.installation import WorkerProcess, until
from tests.installation import Installation, new_installation, write_clips

pytestmark = pytest.mark.timeout(300)
N_OF_EACH = 100  # of each label and category: seconds of work
ASK = """
from studyapp.models import StimulusSet
from studyapp.services.launch import plan_launch
from studyapp.services.study_create import create_study
config = {"slug": "killed", "title": "T", "stimulus_set": "noise", "screening": {"test": "none"}}
plan_launch(study=create_study(config=config, owner=None))
"""
ROW = "SELECT state, attempts, n_total FROM studyapp_studylaunch"


def n_rows(installation: Installation) -> list[int]:
    tables = ("studyapp_studyversion", "studyapp_frozenstimulus", "studyapp_block")
    return [int(installation.query(f"SELECT COUNT(*) FROM {table}")[0][0]) for table in tables]


def n_copies(installation: Installation) -> int:
    return len(list((installation.media / "presentation").rglob("*.wav")))


@contextmanager
def a_worker(name: str, installation: Installation) -> Iterator[WorkerProcess]:
    started = WorkerProcess(name, installation.environment, installation.data_dir / f"{name}.log")
    try:
        yield started
    finally:
        started.clear_away()
        print(started.log())  # shown where the test failed


def test_a_launch_begun_by_a_worker_that_is_killed_is_done_once(tmp_path: Path) -> None:
    write_clips(tmp_path / "clips", n=N_OF_EACH)
    with new_installation(tmp_path) as installation:
        installation.run_all(
            ("import_stimuli", str(tmp_path / "clips"), "--set", "noise", "--verbosity", "0"),
            ("shell", "-v0", "--no-imports", "-c", ASK),
        )
        with a_worker("first", installation) as first:
            until("some copies are made", lambda: n_copies(installation) >= 5)
            first.send(signal.SIGKILL)
            first.wait(10.0)
        assert installation.query(ROW) == [("running", 1, 4 * N_OF_EACH)]
        assert n_copies(installation) < 4 * N_OF_EACH
        assert n_rows(installation) == [0, 0, 0]
        assert installation.query("SELECT state FROM studyapp_study") == [("draft",)]

        installation.query("UPDATE studyapp_studylaunch SET heartbeat_at = '2020-01-01 00:00:00+00:00'")
        with a_worker("second", installation):
            until("the launch is done", lambda: installation.query(ROW)[0][0] == "done", within_s=120.0)
        assert installation.query(ROW) == [("done", 2, 4 * N_OF_EACH)]
        assert n_rows(installation) == [1, 4 * N_OF_EACH, 8]  # blocks of 50 trials
        assert installation.query("SELECT state FROM studyapp_study") == [("live",)]
        assert installation.query("SELECT COUNT(*) FROM studyapp_auditentry WHERE action = 'launch_study'") == [(1,)]
