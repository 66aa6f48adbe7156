"""Simulated participants with a known d' and c walk a real server's pages, and the analysis gives both back."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from scipy.io import wavfile

from studyapp.selectors.bot_truth import ClipTruth
from studyapp.services.simulation_listener import SimulatedListener
from studyapp.stats.observer_model import ObserverModel

N_CLIPS = 24
N_PARTICIPANTS = 40
N_ON_SECOND_DATABASE = 6  # there the walk itself is the test: row locks instead of one writer

CREATE = """
from studyapp.models import Study
from studyapp.services.launch import launch_study
from studyapp.services.study_create import create_study
study = create_study(
    config={"slug": "bots", "title": "Bots", "stimulus_set": "tones", "screening": {"n_trials": 2, "pass_mark": 2}},
    owner=None,
)
launch_study(study=study)
"""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of an installation of its own, on the kind of database that the tests run on."""
    environ = {**os.environ, "EARWITNESS_DATA_DIR": str(tmp_path / "var"), "LOG_LEVEL": "WARNING"}
    database = settings.DATABASES["default"]
    if not database["ENGINE"].endswith("postgresql"):
        environ.pop("DATABASE_URL", None)
        yield environ
        return
    import psycopg

    name = f"earwitness_bots_{os.getpid()}"
    server = {"host": database["HOST"], "port": database["PORT"], "user": database["USER"]}
    server |= {"password": database["PASSWORD"]} if database["PASSWORD"] else {}
    with psycopg.connect(dbname="postgres", autocommit=True, **server) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        secret = f":{database['PASSWORD']}" if database["PASSWORD"] else ""
        place = f"{database['USER']}{secret}@{database['HOST']}:{database['PORT'] or 5432}"
        try:
            yield {**environ, "DATABASE_URL": f"postgresql://{place}/{name}"}
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _manage(environ: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), *arguments]
    done = subprocess.run(command, env=environ, cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{arguments}: {done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done.stdout


def _make_clips(folder: Path) -> None:
    """Write short tones: half in real/, half in fake/, no two alike."""
    for number in range(N_CLIPS):
        place = folder / ("real/rain" if number % 2 else "fake/maker/rain")
        place.mkdir(parents=True, exist_ok=True)
        tone = 0.3 * np.sin(2 * np.pi * (300 + 40 * number) * np.arange(4000) / 16000)
        wavfile.write(place / f"{number:02d}.wav", 16000, (tone * 32767).astype(np.int16))


def test_bots_of_known_sensitivity_come_back_from_the_analysis(site: dict[str, str], tmp_path: Path) -> None:
    _make_clips(tmp_path / "clips")
    _manage(site, "migrate", "-v0")
    _manage(site, "import_stimuli", str(tmp_path / "clips"), "--set", "tones")
    _manage(site, "shell", "-v0", "-c", CREATE)
    n_participants = N_ON_SECOND_DATABASE if "DATABASE_URL" in site else N_PARTICIPANTS
    arguments = ["--n", str(n_participants), "--seed", "7", "--d-prime", "1.0", "--criterion", "0.2"]
    said = _manage(site, "simulate_participants", "bots", *arguments)
    assert f"{n_participants} completed, 0 left early, 0 ended otherwise, 0 failed" in said
    found = json.loads(_manage(site, "analyze_study", "bots", "--json"))
    assert (found["origin"], found["is_data"]) == ("bot", False)
    assert found["flow"]["analysed"] == n_participants
    assert found["counts"]["n_judgements"] == n_participants * N_CLIPS
    assert found["reasons"]["n_asked_without_reason"] == 0
    if n_participants < N_PARTICIPANTS:
        return
    pooled = found["discrimination"]["pooled"]
    assert pooled["d_prime"] == pytest.approx(1.0, abs=0.15)
    assert pooled["criterion_c"] == pytest.approx(0.2, abs=0.15)
    over_listeners = found["discrimination"]["over_listeners"]
    assert over_listeners["d_prime"]["mean"] == pytest.approx(1.0, abs=0.15)
    assert over_listeners["criterion_c"]["mean"] == pytest.approx(0.2, abs=0.15)


@pytest.mark.once
class TestListener:
    CLIPS = [ClipTruth(is_fake=number % 2 == 0, stimulus_sha256=f"{number:064x}") for number in range(60)]

    def _answers(self, **settings_: object) -> list[bool]:
        listener = SimulatedListener(
            **{"model": ObserverModel(listener_sd=0.5, clip_sd=0.5), "seed": 1, "index": 0} | settings_
        )
        return [listener.says_fake(position=position, clip=clip) for position, clip in enumerate(self.CLIPS)]

    def test_answers_depend_on_seed_and_number_alone(self) -> None:
        assert self._answers() == self._answers()
        assert self._answers() != self._answers(seed=2)
        assert self._answers() != self._answers(index=1)
        assert self._answers(seed=-1) == self._answers(seed=-1)

    def test_leaves_never_without_and_always_with_certain_drop_out(self) -> None:
        stays = [SimulatedListener(model=ObserverModel(), seed=1, index=index) for index in range(30)]
        leaves = [SimulatedListener(model=ObserverModel(), seed=1, index=index, drop_out=1.0) for index in range(30)]
        assert {listener.last_position(10) for listener in stays} == {None}
        positions = {listener.last_position(10) for listener in leaves}
        assert positions <= set(range(10))
        assert len(positions) > 3
        assert len({listener.session_seed() for listener in stays}) == 30
