"""Simulated participants with a known d' and c walk a real server's pages, and the analysis gives both back."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.io import wavfile
from scipy.stats import norm

from studyapp.selectors.bot_truth import ClipTruth
from studyapp.services.simulation_listener import SimulatedListener
from studyapp.stats.observer_model import ObserverModel
from tests.installation import Installation, new_installation

N_CLIPS = 24
N_PARTICIPANTS = 10
SEED, D_PRIME, CRITERION_C = 7, 1.0, 0.2
N_ON_SECOND_DATABASE = 6  # there the walk itself is the test: row locks instead of one writer

CREATE = """
from studyapp.models import Study
from studyapp.services.launch import launch_study
from studyapp.services.study_create import create_study
study = create_study(
    config={"slug": "bots", "title": "Bots", "stimulus_set": "tones", "screening": {"n_trials": 2, "pass_mark": 2}},
    owner=None,
)
launch_study(study=study, as_pilot=True)
"""
STORED = """
import json
from collections.abc import Iterator
from studyapp.models import Response
rows = Response.objects.order_by("trial__session", "trial__position").values_list(
    "trial__session__seed", "trial__position", "choice",
    "trial__presentations__frozen_stimulus__label", "trial__presentations__frozen_stimulus__stimulus__sha256",
)
print(json.dumps(list(rows)))
"""
# What a worker does for a page.
BOT_RUN = """
from studyapp.models import BotRun, Study
from studyapp.services.bot_runs import do_bot_run, plan_bot_run
study = Study.objects.get(slug="bots")
run = plan_bot_run(study=study, owner=None, n=2, seed=8, d_prime=1.0, criterion_c=0.0, drop_out=1.0)
assert do_bot_run(bot_run_id=run.pk)
run.refresh_from_db()
print(run.state, run.result, run.error)
"""


def listener(index: int) -> SimulatedListener:
    """Return the listener of that number, as the test below asks for it."""
    return SimulatedListener(model=ObserverModel(d_prime=D_PRIME, criterion_c=CRITERION_C), seed=SEED, index=index)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Installation]:
    with new_installation(tmp_path, LOG_LEVEL="WARNING") as made:
        yield made


def _shell(code: str) -> tuple[str, ...]:
    return "shell", "-v0", "--no-imports", "-c", code


def _make_clips(folder: Path) -> None:
    """Write short tones: half in real/, half in fake/, no two alike."""
    for number in range(N_CLIPS):
        place = folder / ("real/rain" if number % 2 else "fake/maker/rain")
        place.mkdir(parents=True, exist_ok=True)
        tone = 0.3 * np.sin(2 * np.pi * (300 + 40 * number) * np.arange(4000) / 16000)
        wavfile.write(place / f"{number:02d}.wav", 16000, (tone * 32767).astype(np.int16))


def test_bots_of_known_sensitivity_come_back_from_the_analysis(site: Installation, tmp_path: Path) -> None:
    _make_clips(tmp_path / "clips")
    n_participants = N_ON_SECOND_DATABASE if site.environment.get("DATABASE_URL") else N_PARTICIPANTS
    arguments = [
        "--n",
        str(n_participants),
        "--seed",
        str(SEED),
        "--d-prime",
        str(D_PRIME),
        "--criterion",
        str(CRITERION_C),
    ]
    said = site.run_all(
        ("import_stimuli", str(tmp_path / "clips"), "--set", "tones"),
        _shell(CREATE),
        ("simulate_participants", "bots", *arguments),
    )
    assert f"{n_participants} completed, 0 left early, 0 ended otherwise, 0 failed" in said
    found = json.loads(site.run("analyze_study", "bots", "--json"))
    assert (found["origin"], found["is_data"]) == ("bot", False)
    assert found["flow"]["analysed"] == n_participants
    assert found["counts"]["n_judgements"] == n_participants * N_CLIPS
    assert found["reasons"]["n_asked_without_reason"] == 0
    stored = json.loads(site.run(*_shell(STORED)))
    _stored_is_what_was_answered(stored, n_participants)
    _analysis_is_of_what_is_stored(found["discrimination"]["pooled"], stored)
    if n_participants < N_PARTICIPANTS:
        return
    said = site.run(*_shell(BOT_RUN))
    assert said.startswith("done") and "'n_left_early': 2" in said


def _stored_is_what_was_answered(stored: list[list[Any]], n_participants: int) -> None:
    """Compare each stored answer with the one that its listener gave: one that is lost or exchanged is found."""
    listeners = {one.session_seed(): one for one in (listener(index) for index in range(n_participants))}
    assert len(stored) == n_participants * N_CLIPS
    assert {seed for seed, *_ in stored} == set(listeners)
    for seed, position, choice, label, sha256 in stored:
        clip = ClipTruth(is_fake=label == "fake", stimulus_sha256=sha256)
        assert (choice == "fake") == listeners[seed].says_fake(position=position, clip=clip)


def _analysis_is_of_what_is_stored(pooled: dict[str, float], stored: list[list[Any]]) -> None:
    """Compare the analysis with d' and c worked out here, with its correction for 0 and 1 (log-linear)."""
    called_fake = {
        label: [choice == "fake" for *_, choice, its_label, _ in stored if its_label == label]
        for label in ("fake", "real")
    }
    z_hit, z_false_alarm = (
        norm.ppf((sum(answers) + 0.5) / (len(answers) + 1)) for answers in (called_fake["fake"], called_fake["real"])
    )
    assert pooled["d_prime"] == pytest.approx(z_hit - z_false_alarm)
    assert pooled["criterion_c"] == pytest.approx(-(z_hit + z_false_alarm) / 2)


@pytest.mark.once
class TestListener:
    def test_their_answers_have_the_d_prime_and_c_that_they_were_made_with(self) -> None:
        """100 listeners, 9,600 answers: the standard error of either is 0.03, a fifth of what is allowed."""
        clips = [ClipTruth(is_fake=number % 2 == 0, stimulus_sha256=f"{number:064x}") for number in range(96)]
        rates: dict[bool, list[bool]] = {True: [], False: []}
        for index in range(100):
            for position, clip in enumerate(clips):
                rates[clip.is_fake].append(listener(index).says_fake(position=position, clip=clip))
        z_hit, z_false_alarm = norm.ppf(np.mean(rates[True])), norm.ppf(np.mean(rates[False]))
        assert z_hit - z_false_alarm == pytest.approx(1.0, abs=0.15)
        assert -(z_hit + z_false_alarm) / 2 == pytest.approx(0.2, abs=0.15)

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
