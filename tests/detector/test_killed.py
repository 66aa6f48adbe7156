"""Processes killed with SIGKILL in the middle of their work, and started again: at most ten epochs or a shard is lost.

Real processes of a scratch installation on SQLite. That a dead process is silent for 60 s is not waited for: the test
puts the row's heartbeat back.
"""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from studyapp.services.local_server import ROOT
from tests.detector.killed_job import SHARD_CLIPS
from tests.detector.test_worker import write_clips

pytestmark = [pytest.mark.once, pytest.mark.timeout(500)]
TRAIN = "manage.py train_detectors --set corpus --embedding aisfx --protocol leave-one-team-out --runs 2 --epochs 100"
EPOCH = re.compile(r"fold (\w+): epoch (\d+) of 100")


class Installation:
    """A scratch installation: its processes, and its rows as they stand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **os.environ,
            "EARWITNESS_DATA_DIR": str(folder),
            "DATABASE_URL": "",
            "REDIS_URL": "",
            "OMP_NUM_THREADS": "1",
            "DJANGO_SETTINGS_MODULE": "studyapp.settings",
            "PYTHONUNBUFFERED": "1",
        }
        self.run("manage.py migrate --verbosity 0")

    def start(self, words: str) -> "subprocess.Popen[str]":
        command = [sys.executable, *words.split()]
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(command, cwd=ROOT, env=self.environment, start_new_session=True, **pipes)

    def run(self, words: str) -> tuple[str, str]:
        process = self.start(words)
        out, said = process.communicate()
        assert process.returncode == 0, said
        return out, said

    def kill_at(self, words: str, line: str) -> list[str]:
        """Start, kill when the line is said, and return what was said up to then."""
        process = self.start(words)
        assert process.stderr is not None
        said = []
        for each in process.stderr:
            said.append(each.strip())
            if line in each:
                os.killpg(process.pid, signal.SIGKILL)
                break
        else:
            pytest.fail(f"ended before {line!r}: {said}")
        process.wait()
        assert process.returncode == -signal.SIGKILL
        return said

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(next(self.folder.glob("*.sqlite3"))) as connection:
            return connection.execute(statement).fetchall()

    def forget_heartbeat(self, table: str) -> None:
        self.query(f"UPDATE {table} SET heartbeat_at = '2020-01-01 00:00:00' WHERE state = 'running'")


def test_a_killed_training_goes_on_when_it_is_asked_for_again_and_ends_as_if_nobody_had_killed_it(
    tmp_path: Path,
) -> None:
    place = Installation(tmp_path)
    place.run("-m tests.detector.killed_job vectors")
    folds_seen: list[str] = []
    last = 0
    for fold, epoch in (("north", 50), ("south", 20), ("south", 60), ("west", 100)):
        said = place.kill_at(TRAIN, f"fold {fold}: epoch {epoch} ")
        found = [(name, int(number)) for name, number in EPOCH.findall("\n".join(said))]
        goes_on = [int(line.rpartition(" ")[2]) for line in said if "goes on after epoch" in line]
        if last:  # what it went on from is at most ten epochs before what was said last
            assert "goes on, since it was asked for in the same words" in said[0]
            assert len(goes_on) == 1 and goes_on[0] >= last - 10
        assert not {name for name, _ in found} & set(folds_seen[:-1])  # no fold that is there is done again
        folds_seen = list(dict.fromkeys([*folds_seen, *(name for name, _ in found)]))
        last = epoch
        place.forget_heartbeat("detector_training")
    out, _ = place.run("manage.py reconcile_jobs")
    assert "1 jobs back in the queue" in out
    out, said = place.run(f"{TRAIN} --json")
    assert "fold north" not in said and "fold south" not in said and "goes on after epoch 90" in said
    (killed,) = json.loads(out)
    out, said = place.run(f"{TRAIN} --json")
    (whole,) = json.loads(out)
    assert (killed["training"], whole["training"]) == (1, 2) and "goes on" not in said
    # The tables hold every network's score of every clip: the same bytes are the same networks.
    tables = [
        place.query(f"SELECT number, name, table_sha256 FROM detector_fold WHERE training_id = {pk} ORDER BY number")
        for pk in (1, 2)
    ]
    assert len(tables[0]) == 3 and tables[0] == tables[1]
    for name in ("runs", "evaluation", "validation", "confusion"):
        assert _without_files(killed[name]) == _without_files(whole[name])


def _without_files(part: Any) -> Any:
    """Leave out what names the training, or the time it took."""
    if isinstance(part, list):
        return [_without_files(each) for each in part]
    unlike = ("checkpoint_sha256", "seconds_per_epoch_all_runs")
    return {name: value for name, value in part.items() if name not in unlike}


def test_a_killed_embedding_does_at_most_one_shard_again_and_stores_none_twice(tmp_path: Path) -> None:
    write_clips(tmp_path / "clips", n=10)  # 40 clips: five shards
    stored = "SELECT sha256 FROM detector_vectorfile ORDER BY sha256"
    kept = []
    for name in ("whole", "killed"):
        place = Installation(tmp_path / name)
        place.run(f"manage.py import_stimuli {tmp_path / 'clips'} --set sounds --layout folders")
        if name == "killed":
            place.kill_at("-m tests.detector.killed_job embed", "24 of 40 clips")
            ((n_stored,),) = place.query("SELECT count(*) FROM detector_clipembedding")
            assert 24 - SHARD_CLIPS <= n_stored <= 24
            place.forget_heartbeat("detector_embeddingshard")
            place.run("manage.py reconcile_jobs")
        out, _ = place.run("-m tests.detector.killed_job embed")
        (answer,) = json.loads(out)
        assert answer["n_reused"] == (n_stored if name == "killed" else 0)
        assert answer["n_reused"] + answer["n_embedded"] == 40
        # A worker that takes up what the dead process left behind finds it done.
        place.run("-m tests.detector.killed_job leftovers")
        assert {state for (state,) in place.query("SELECT state FROM detector_embeddingrun")} == {"done"}
        assert place.query("SELECT count(*), count(DISTINCT audio_sha256) FROM detector_clipembedding") == [(40, 40)]
        kept.append(place.query(stored))
    assert len(kept[0]) == 5 and kept[0] == kept[1]
