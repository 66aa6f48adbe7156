"""Processes killed with SIGKILL in the middle of their work, and started again: at most ten epochs or a shard is lost.

Real processes of a scratch installation on SQLite. That a dead process is silent for 60 s is not waited for: the test
puts the row's heartbeat back.
"""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from studyapp.services.local_server import ROOT
from tests.detector.killed_job import SHARD_CLIPS
from tests.installation import EMBEDDED, Installation, new_installation, write_clips

pytestmark = [pytest.mark.once, pytest.mark.timeout(500)]
TRAIN = "train_detectors --set corpus --embedding aisfx --protocol leave-one-team-out --runs 2 --epochs 100"
EPOCH = re.compile(r"fold (\w+): epoch (\d+) of 100")


def run(place: Installation, words: str) -> tuple[str, str]:
    """Run manage.py, which must succeed; return what it printed, and what it said meanwhile."""
    done = place.attempt(*words.split())
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def kill_at(place: Installation, words: str, line: str) -> list[str]:
    """Start Python, kill it when the line is said, and return what was said up to then."""
    process = subprocess.Popen(
        [sys.executable, *words.split()],
        cwd=ROOT,
        env=place.environment | {"PYTHONUNBUFFERED": "1"},
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
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


def forget_heartbeat(place: Installation, table: str) -> None:
    place.query(f"UPDATE {table} SET heartbeat_at = '2020-01-01 00:00:00' WHERE state = 'running'")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Installation]:
    with new_installation(tmp_path, **EMBEDDED) as made:
        yield made


def test_a_killed_training_goes_on_when_it_is_asked_for_again_and_ends_as_if_nobody_had_killed_it(
    place: Installation,
) -> None:
    place.run_module("tests.detector.killed_job", "vectors")
    folds_seen: list[str] = []
    last = 0
    for fold, epoch in (("north", 50), ("south", 20), ("south", 60), ("west", 100)):
        said = kill_at(place, f"manage.py {TRAIN}", f"fold {fold}: epoch {epoch} ")
        found = [(name, int(number)) for name, number in EPOCH.findall("\n".join(said))]
        goes_on = [int(line.rpartition(" ")[2]) for line in said if "goes on after epoch" in line]
        if last:  # what it went on from is at most ten epochs before what was said last
            assert "goes on, since it was asked for in the same words" in said[0]
            assert len(goes_on) == 1 and goes_on[0] >= last - 10
        assert not {name for name, _ in found} & set(folds_seen[:-1])  # no fold that is there is done again
        folds_seen = list(dict.fromkeys([*folds_seen, *(name for name, _ in found)]))
        last = epoch
        forget_heartbeat(place, "detector_training")
    out, _ = run(place, "reconcile_jobs")
    assert "1 jobs back in the queue" in out
    out, said = run(place, f"{TRAIN} --json")
    assert "fold north" not in said and "fold south" not in said and "goes on after epoch 90" in said
    (killed,) = json.loads(out)
    out, said = run(place, f"{TRAIN} --json")
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
    kept = []
    for name in ("whole", "killed"):
        with new_installation(tmp_path / name, **EMBEDDED) as place:
            run(place, f"import_stimuli {tmp_path / 'clips'} --set sounds --layout folders")
            n_stored = kill_embedding(place) if name == "killed" else 0
            (answer,) = json.loads(place.run_module("tests.detector.killed_job", "embed"))
            assert answer["n_reused"] == n_stored
            assert answer["n_reused"] + answer["n_embedded"] == 40
            # A worker that takes up what the dead process left behind finds it done.
            place.run_module("tests.detector.killed_job", "leftovers")
            assert {state for (state,) in place.query("SELECT state FROM detector_embeddingrun")} == {"done"}
            counts = "SELECT count(*), count(DISTINCT audio_sha256) FROM detector_clipembedding"
            assert place.query(counts) == [(40, 40)]
            kept.append(place.query("SELECT sha256 FROM detector_vectorfile ORDER BY sha256"))
    assert len(kept[0]) == 5 and kept[0] == kept[1]


def kill_embedding(place: Installation) -> int:
    """Kill an embedding at 24 of its 40 clips, and return how many are stored."""
    kill_at(place, "-m tests.detector.killed_job embed", "24 of 40 clips")
    ((n_stored,),) = place.query("SELECT count(*) FROM detector_clipembedding")
    assert 24 - SHARD_CLIPS <= n_stored <= 24
    forget_heartbeat(place, "detector_embeddingshard")
    run(place, "reconcile_jobs")
    return int(n_stored)
