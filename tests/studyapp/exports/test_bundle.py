import hashlib
import json
import re
from pathlib import Path

import pandas as pd
import pytest

from studyapp.exports.bundle import ExportFailed, data_file_name, export_study
from studyapp.exports.codebook import VARIABLES
from studyapp.exports.tables import tables
from studyapp.models import AuditEntry, ChosenReason, Exclusion, RecruiterIdentity, Session
from studyapp.vocab import Origin
from tests.factories import make_machine, make_session, make_version

pytestmark = pytest.mark.django_db

PSYCH_DS_NAME = re.compile(r"([a-z]+-[a-zA-Z0-9]+)(_[a-z]+-[a-zA-Z0-9]+)*_data\.csv")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A study with a complete, an excluded and a half session, a bot and a machine, exported."""
    version = make_version(slug="my-study_1")
    first = make_session(version, pseudonym="ANN")
    RecruiterIdentity.objects.create(participant=first.participant, recruiter="prolific", external_id="SECRET-PID")
    Exclusion.objects.create(session=make_session(version, pseudonym="BOB"), reason="manual")
    make_session(version, pseudonym="CAT", outcome=None, n_answers=2, reason=None)
    make_session(version, origin=Origin.BOT)
    make_machine(version, is_right=lambda frozen, index: index > 0)
    ChosenReason.objects.filter(response__trial__session=first, response__trial__position=0).update(
        code="other", text="=HYPERLINK(0)"
    )
    export_study(study=version.study, folder=tmp_path / "out")
    return tmp_path / "out"


def _read(folder: Path, description: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"data/study-mystudy1_description-{description}_data.csv")


def test_trials_open_in_pandas_and_give_the_counts(folder: Path) -> None:
    trials = _read(folder, "trials")
    assert len(trials) == 8 + 8 + 2
    assert trials["row_id"].is_unique
    assert set(trials["origin"]) == {"live"}
    assert trials["correct"].dtype == bool
    assert trials.groupby("subject_id")["analysed"].first().to_dict() == {"ANN": True, "BOB": False, "CAT": False}
    assert trials.loc[trials["subject_id"] == "BOB", "exclusion_rule"].unique().tolist() == ["manual"]
    assert trials.loc[0, "recruiter"] == "prolific"
    assert trials.loc[0, "rt_from_offset_ms"] == 500.0
    assert trials.loc[0, "output_latency_ms"] == 12.5
    assert trials.loc[0, "reason_other"] == "'=HYPERLINK(0)"


def test_tells_asked_and_unanswered_from_not_asked(folder: Path) -> None:
    path = folder / "data/study-mystudy1_description-trials_data.csv"
    trials = pd.read_csv(path, keep_default_na=False)
    assert set(trials.loc[trials["subject_id"] == "CAT", "reasons"]) == {"NA"}
    assert set(trials.loc[trials["choice"] == "real", "reasons"]) == {""}


def test_the_other_tables_hold_sessions_reasons_stimuli_and_predictions(folder: Path) -> None:
    assert len(_read(folder, "sessions")) == 3
    assert len(_read(folder, "reasons")) == 8
    assert len(_read(folder, "stimuli")) == 8
    predictions = _read(folder, "predictions")
    assert predictions["correct"].sum() == 7
    assert set(_read(folder, "trials")["stimulus_id"]) <= set(_read(folder, "stimuli")["stimulus_id"])


def test_nothing_says_who_a_participant_is_or_opens_a_session(folder: Path) -> None:
    everything = "".join(path.read_text() for path in folder.rglob("*") if path.is_file())
    assert "SECRET-PID" not in everything
    assert not any(token in everything for token in Session.objects.values_list("token", flat=True))


def test_every_column_is_described_and_every_file_is_named_by_the_standard(folder: Path) -> None:
    description = json.loads((folder / "dataset_description.json").read_text())
    described = {variable["name"] for variable in description["variableMeasured"]}
    assert all(variable["description"] for variable in description["variableMeasured"])
    codebook = pd.read_csv(folder / "documentation/codebook.csv")
    for path in (folder / "data").iterdir():
        assert PSYCH_DS_NAME.fullmatch(path.name)
        header = pd.read_csv(path, nrows=0).columns
        assert header.is_unique
        assert set(header) <= described
        assert set(header) <= set(codebook["variable"])


def test_checksums_hold_for_every_file(folder: Path) -> None:
    lines = (folder / "CHECKSUMS.sha256").read_text().splitlines()
    named = {line.split("  ", 1)[1]: line.split("  ", 1)[0] for line in lines}
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert set(named) == there - {"CHECKSUMS.sha256"}
    for name, sha256 in named.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == sha256


def test_leaves_an_audit_entry(folder: Path) -> None:
    entry = AuditEntry.objects.get(action="export_study")
    assert (entry.object_id, entry.detail["origin"]) == ("my-study_1", "live")


def test_replaces_an_earlier_export_and_nothing_else(tmp_path: Path) -> None:
    version = make_version()
    export_study(study=version.study, folder=tmp_path / "out")
    export_study(study=version.study, folder=tmp_path / "out")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/letter.txt").write_text("dear")
    with pytest.raises(ExportFailed, match="not empty"):
        export_study(study=version.study, folder=tmp_path / "mine")
    with pytest.raises(ExportFailed, match=r"letter\.txt"):
        export_study(study=version.study, folder=tmp_path / "mine/letter.txt/out")


@pytest.mark.parametrize("description", ['{"name": "Mine", "version": "1.0"}', '["a"]', "no JSON", '{"version": 3}'])
def test_another_programs_dataset_is_refused_and_kept(tmp_path: Path, description: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/study-mine_data.csv").write_text("a\n1\n")
    (tmp_path / "dataset_description.json").write_text(description)
    with pytest.raises(ExportFailed, match="no earlier export"):
        export_study(study=make_version().study, folder=tmp_path)
    assert (tmp_path / "data/study-mine_data.csv").read_text() == "a\n1\n"


def test_another_studys_export_is_refused(tmp_path: Path) -> None:
    first, second = make_version().study, make_version().study
    export_study(study=first, folder=tmp_path)
    with pytest.raises(ExportFailed, match=f"no earlier export of {second.slug}"):
        export_study(study=second, folder=tmp_path)


def test_only_files_that_the_earlier_export_lists_are_removed(tmp_path: Path) -> None:
    study, out = make_version().study, tmp_path / "out"
    export_study(study=study, folder=out)
    (out / "data/own_data.csv").write_text("mine")
    (out / "data/old_data.csv").write_text("listed")
    (tmp_path / "outside.csv").write_text("mine")
    with (out / "CHECKSUMS.sha256").open("a") as file:
        file.write(f"{'0' * 64}  data/old_data.csv\n{'0' * 64}  ../outside.csv\n")
    export_study(study=study, folder=out)
    assert (out / "data/own_data.csv").exists() and (tmp_path / "outside.csv").exists()
    assert not (out / "data/old_data.csv").exists()


def test_every_column_has_a_meaning() -> None:
    version = make_version()
    for table in tables(version.study, Origin.LIVE):
        assert set(table.header) <= set(VARIABLES)
    assert data_file_name(version.study, "trials").startswith("study-study")
