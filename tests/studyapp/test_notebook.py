"""docs/notebook.ipynb computes the page's numbers from a bundle, without a line of Earwitness."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings

from studyapp.exports.bundle import export_study
from studyapp.models import Exclusion, FrozenStimulus, Stimulus, StudyVersion
from studyapp.selectors.answer_tables import answer_tables
from studyapp.selectors.judgements import judgement_frame
from studyapp.stats.observer_model import ObserverModel, draw_shift, fake_probability
from studyapp.stats.quasi_t import quasi_t
from studyapp.vocab import PAPER_REASONS, Label, Origin, Outcome
from tests.factories import CONFIG, make_session, make_version

pytestmark = pytest.mark.django_db
NOTEBOOK = settings.BASE_DIR / "docs/notebook.ipynb"
CODES = list(PAPER_REASONS)
MODEL = ObserverModel(d_prime=0.9, criterion_c=0.2, listener_sd=0.4, clip_sd=0.4)


def cells(kind: str) -> list[str]:
    found = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in found if cell["cell_type"] == kind]


def run(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Run the notebook on a bundle, as a kernel does: one cell after the other, in one namespace."""
    monkeypatch.setenv("EARWITNESS_BUNDLE", str(bundle))
    names: dict[str, Any] = {}
    for number, source in enumerate(cells("code"), start=1):
        exec(compile(source, f"{NOTEBOOK.name}, code cell {number}", "exec"), names)
    return names


def simulate(version: StudyVersion, n: int, **session: Any) -> None:
    """Let simulated listeners take the study, each with a reason after most answers "fake"."""
    rng = np.random.default_rng(11)
    clips = {each.pk: draw_shift(MODEL.clip_sd, rng) for each in version.frozen_stimuli.order_by("pk")}
    for number in range(n):
        listener = draw_shift(MODEL.listener_sd, rng)

        def says_fake(frozen: FrozenStimulus, index: int, listener: float = listener) -> bool:
            is_fake = frozen.label == Label.FAKE
            return rng.random() < fake_probability(
                MODEL, is_fake=is_fake, listener_shift=listener, clip_shift=clips[frozen.pk]
            )

        make_session(
            version,
            says_fake=says_fake,
            reason=lambda index, n=number: CODES[(index * 7 + n) % len(CODES)],
            pseudonym=f"00{number}",  # a table's reader that takes it for a number loses listeners
            origin=Origin.BOT,
            **session,
        )


def test_it_finds_the_numbers_of_a_study_that_is_complete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    version = make_version(n_fake=7, n_real=6)
    simulate(version, 6)
    export_study(study=version.study, folder=tmp_path / "out", origin=Origin.BOT)
    names = run(tmp_path / "out", monkeypatch)
    compared = names["compared"]
    assert len(compared) > 90 and compared["difference"].max() < 1e-9
    shown = json.loads((tmp_path / "out/results/analysis.json").read_text())
    assert names["found"]["classes", "fake", "proportion_correct"] == shown["classes"]["fake"]["proportion_correct"]
    tables = answer_tables(judgement_frame(study=version.study, origin=Origin.BOT))
    for truth, table in (("fake", tables[Label.FAKE]), ("real", 1 - tables[Label.REAL])):
        ours, theirs = quasi_t(table), names["quasi"][truth]
        for key in ("mean", "standard_error", "t", "df", "p_two_sided"):
            assert theirs[key] == pytest.approx(getattr(ours, key), abs=1e-9)


def test_it_takes_in_the_answers_that_the_plan_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = {"analysis": {"incomplete": "include", "label_in_doubt": "leave_out"}}
    version = make_version(n_fake=7, n_real=6, config=CONFIG | plan)
    simulate(version, 5)
    half = make_session(version, origin=Origin.BOT, outcome=None, n_answers=9)
    Exclusion.objects.create(session=make_session(version, origin=Origin.BOT), reason="manual")
    turned_away = make_session(version, origin=Origin.BOT, outcome=Outcome.INELIGIBLE, n_answers=0)
    Stimulus.objects.filter(pk=version.frozen_stimuli.order_by("pk")[1].stimulus_id).update(label_in_doubt=True)
    export_study(study=version.study, folder=tmp_path / "out", origin=Origin.BOT)
    names = run(tmp_path / "out", monkeypatch)
    assert names["compared"]["difference"].max() < 1e-9 and names["quasi"].keys() == {"fake"}
    assert half.participant.pseudonym in names["listeners"].index and len(names["kept"]) == 5 * 12 + 8
    # The bundle's other numbers follow the same plan: the flow, and `analysed` of sessions.
    shown, flow = (json.loads((tmp_path / f"out/results/{name}.json").read_text()) for name in ("analysis", "flow"))
    assert flow == shown["flow"] and flow["analysed"] == 6
    sessions = names["read_table"]("sessions")
    left_out = sessions[sessions["analysed"] == "false"]
    assert (len(sessions), len(left_out), set(left_out["excluded"])) == (8, 2, {"true", "false"})
    assert turned_away.participant.pseudonym in set(left_out["subject_id"])
    # R reads no other rows than pandas does.
    (in_r,) = (text for text in cells("markdown") if "glmer" in text)
    for condition in ('phase == "main"', 'analysed == "true"', "choice %in%", "truth %in%"):
        assert condition in in_r


def test_it_compares_and_does_not_only_print(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    version = make_version(n_fake=7, n_real=6)
    simulate(version, 4)
    export_study(study=version.study, folder=tmp_path / "out", origin=Origin.BOT)
    path = tmp_path / "out/results/analysis.json"
    shown = json.loads(path.read_text())
    shown["discrimination"]["pooled"]["d_prime"] += 1e-6
    path.write_text(json.dumps(shown))
    with pytest.raises(ValueError, match=r"discrimination\.pooled\.d_prime"):
        run(tmp_path / "out", monkeypatch)


@pytest.mark.once
def test_it_imports_nothing_of_earwitness_and_keeps_no_output() -> None:
    found = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    imported = set(re.findall(r"^(?:import|from) (\w+)", "\n".join(cells("code")), re.MULTILINE))
    assert imported == {"json", "os", "pathlib", "numpy", "pandas", "scipy", "statsmodels"}
    assert all(cell["outputs"] == [] for cell in found["cells"] if cell["cell_type"] == "code")
    assert (found["nbformat"], found["nbformat_minor"]) == (4, 5)
    assert "glmer(" in "\n".join(cells("markdown"))
