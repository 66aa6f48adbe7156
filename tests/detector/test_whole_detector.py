"""The README's three commands on 2,058 clips of ten systems: from sounds to tables, once, on SQLite, by real processes.

What is tested is the paper's lesson: a detector that met a system's other clips does better on it than one that met
none of that system, by more than either number is unsure of.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.detector.synthetic_corpus import N_CLIPS, SYSTEMS, write_corpus
from tests.installation import EMBEDDED, Installation, new_installation

pytestmark = [pytest.mark.once, pytest.mark.timeout(1500)]

MIN_CLIPS, MIN_SYSTEMS = 2000, 8
EPOCHS = "20"


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the chain; return the folder of the reports."""
    folder = tmp_path_factory.mktemp("whole-detector")
    (folder / "corpus").mkdir()
    write_corpus(folder / "corpus", seed=5)
    with new_installation(folder, **EMBEDDED) as site:
        train_and_report(site, folder)
    return folder / "report"


def train_and_report(site: Installation, folder: Path) -> None:
    site.run("import_stimuli", str(folder / "corpus"), "--set", "corpus")
    (embedded,) = json.loads(site.run("embed_stimuli", "--set", "corpus", "--embedding", "aisfx", "--json"))
    assert (embedded["n_embedded"], embedded["failed"]) == (N_CLIPS, [])
    trainings = []
    for protocol in ("paper", "leave-one-team-out"):
        asked = ("--embedding", "aisfx", "--protocol", protocol, "--runs", "2", "--epochs", EPOCHS, "--json")
        (report,) = json.loads(site.run("train_detectors", "--set", "corpus", *asked))
        trainings.append(str(report["training"]))
    site.run("report_detectors", "--training", *trainings, "--timing-runs", "0", "--out", str(folder / "report"))


@pytest.fixture(scope="module")
def reports(out: Path) -> dict[str, dict[str, Any]]:
    """The report of each protocol."""
    return {each["protocol"]: each for each in json.loads((out / "report.json").read_text())}


def test_the_corpus_is_as_large_and_as_varied_as_asked() -> None:
    assert N_CLIPS >= MIN_CLIPS
    assert len(SYSTEMS) >= MIN_SYSTEMS


def test_unseen_teams_are_harder_than_the_random_split_beyond_both_intervals(
    reports: dict[str, dict[str, Any]],
) -> None:
    split, unseen = (reports[name]["overall"]["balanced_accuracy"] for name in ("paper", "leave-one-team-out"))
    assert unseen["mean"] < split["mean"]
    assert unseen["high"] < split["low"]


def test_under_leave_one_team_out_every_clip_is_held_out_once(reports: dict[str, dict[str, Any]]) -> None:
    held = reports["leave-one-team-out"]["held_out"]
    assert (held["n"], held["n_folds"], held["n_systems"]) == (N_CLIPS, len(SYSTEMS), len(SYSTEMS))
