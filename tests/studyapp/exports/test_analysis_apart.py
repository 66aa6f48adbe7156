"""The analysis of many answers, computed by a child of the export."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from studyapp.exports.analysis_apart import analysis_apart
from studyapp.exports.written import ExportFailed
from studyapp.models import Study
from studyapp.services.local_server import ROOT
from studyapp.vocab import Origin
from tests.installation import Installation, new_installation

ENOUGH = "40"  # sessions, of which 32 are analysed with 80 answers each: more than are few
WATCHED = """
import sys
from studyapp.exports.bundle import export_study
from studyapp.models import Study
beats = []
export_study(study=Study.objects.get(), folder=__import__("pathlib").Path(OUT), on_part=lambda: beats.append(1))
print(f"statistics here: {'studyapp.services.analysis' in sys.modules}, beats: {len(beats) > 1}")
"""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with new_installation(tmp_path_factory.mktemp("many")) as installation:
        environment = installation.environment | {"DJANGO_SETTINGS_MODULE": "studyapp.settings"}
        command = [sys.executable, "-m", "benchmarks.analysis", "fill", ENOUGH]
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
        yield installation


def asked(monkeypatch: pytest.MonkeyPatch, installation: Installation, **more: Any) -> dict[str, Any]:
    """Ask in this process for an analysis that its child reads from the installation."""
    for name in ("EARWITNESS_DATA_DIR", "DATABASE_URL"):
        if name in installation.environment:
            monkeypatch.setenv(name, installation.environment[name])
    more = {"slug": "large", "on_part": lambda: None} | more
    return analysis_apart(study=Study(slug=more["slug"]), origin=Origin.LIVE, on_part=more["on_part"])


def test_an_export_of_many_answers_holds_the_analysis_and_loads_no_statistics(
    filled: Installation, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    said = filled.run("shell", "-v0", "--no-imports", "-c", WATCHED.replace("OUT", repr(str(out))))
    assert "statistics here: False, beats: True" in said
    exported = json.loads((out / "results/analysis.json").read_text(encoding="utf-8"))
    assert exported == json.loads(filled.run("analyze_study", "large", "--json"))
    assert exported["counts"]["n_judgements"] == 32 * 80


def test_a_child_that_fails_says_why(filled: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ExportFailed, match="the analysis ended with 1: CommandError: there is no study 'gone'"):
        asked(monkeypatch, filled, slug="gone")


def test_who_stops_the_export_stops_the_child(filled: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def kept(*arguments: Any, **more: Any) -> subprocess.Popen[bytes]:
        started.append(popen(*arguments, **more))
        return started[0]

    def stop() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess, "Popen", kept)
    monkeypatch.setattr("studyapp.exports.analysis_apart.BEAT_S", 0.01)
    with pytest.raises(KeyboardInterrupt):
        asked(monkeypatch, filled, on_part=stop)
    assert started[0].returncode == -9
