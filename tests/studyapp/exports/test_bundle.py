import hashlib
import json
from dataclasses import asdict
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest
from django.core.management import CommandError, call_command

from studyapp.exports.bundle import ExportFailed, data_file_name, export_study
from studyapp.exports.codebook import VARIABLES
from studyapp.exports.psych_ds_check import check_psych_ds
from studyapp.exports.tables import tables
from studyapp.models import AuditEntry, ChosenReason, Exclusion, RecruiterIdentity, Session, StoredAnalysis
from studyapp.selectors.analysis_data import data_fingerprint
from studyapp.selectors.analysis_plan import plan_in_force, planned_rules
from studyapp.vocab import Origin
from tests.factories import CONFIG, make_machine, make_session, make_version, make_wrong_catch

pytestmark = pytest.mark.django_db


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


def test_says_who_is_flagged_and_for_what(tmp_path: Path) -> None:
    config = CONFIG | {"screening": {"action": "flag"}, "attention": {"action": "flag", "max_wrong": 0}}
    version = make_version(slug="my-study_1", config=config | {"analysis": {"flagged": "leave_out"}})
    make_session(version, pseudonym="ANN")
    make_wrong_catch(make_session(version, pseudonym="BOB", screening_correct=1))
    export_study(study=version.study, folder=tmp_path / "out")
    for description, n in (("sessions", 1), ("trials", 9)):
        rows = _read(tmp_path / "out", description)
        of_bob = rows[rows["subject_id"] == "BOB"]
        assert of_bob["flag_rule"].tolist() == ["failed_headphone;failed_attention"] * n
        assert of_bob["flagged"].all() and not of_bob["analysed"].any()
        of_ann = rows[rows["subject_id"] == "ANN"]
        assert not of_ann["flagged"].any() and of_ann["analysed"].all() and of_ann["flag_rule"].isna().all()
    analysis = json.loads((tmp_path / "out/results/analysis.json").read_text())
    assert analysis["leaves_out_flagged"] and analysis["counts"]["n_judgements"] == 8
    assert json.loads((tmp_path / "out/results/flow.json").read_text())["flagged"] == 1


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


def test_is_valid_by_every_rule_of_the_standard(folder: Path) -> None:
    problems = check_psych_ds(folder)
    assert [str(each) for each in problems if each.is_error] == []
    # What it warns of: what the standard says nothing of, recommends and we do not know, or leaves open.
    assert {each.code for each in problems} == {
        "FILE_NOT_CHECKED",
        "JSON_KEY_RECOMMENDED",
        "MISSING_ANALYSIS_DIRECTORY",
        "MISSING_DIRECTORY_METADATA",
        "MISSING_PSYCHDSIGNORE",
        "MISSING_SIDECAR_METADATA",
    }


def test_the_command_checks_a_bundle_and_its_checksums(folder: Path) -> None:
    out = StringIO()
    call_command("check_bundle", folder, stdout=out)
    assert "valid Psych-DS 1.5.0" in out.getvalue()
    (folder / "README.md").write_text("changed")
    (folder / "CHANGES.md").unlink()
    with pytest.raises(CommandError, match="2 errors"):
        call_command("check_bundle", folder, "--quiet", stdout=out)
    assert "README.md: is missing, or not what was exported" in out.getvalue()
    with pytest.raises(CommandError, match="no folder"):
        call_command("check_bundle", folder / "README.md")


def test_readme_changes_and_flow_say_what_is_there(folder: Path) -> None:
    readme = (folder / "README.md").read_text()
    assert "study-mystudy1_description-trials_data.csv`: 18 rows; a row for each answered trial" in readme
    listed = [line.split("  ", 1)[1] for line in (folder / "CHECKSUMS.sha256").read_text().splitlines()]
    assert all(f"`{path}`" in readme for path in listed if path not in ("README.md", "CHANGES.md"))
    assert "Version 1, launched" in (folder / "CHANGES.md").read_text()
    flow = json.loads((folder / "results/flow.json").read_text())
    assert (flow["started"], flow["completed"], flow["open"], flow["by_exclusion"]) == (3, 2, 1, {"manual": 1})


def test_a_stored_analysis_of_these_data_is_taken_and_no_other(tmp_path: Path) -> None:
    version = make_version()
    make_session(version)
    study, rules = version.study, planned_rules(plan_in_force(version.study, Origin.LIVE))
    now = data_fingerprint(study=study, origin=Origin.LIVE, rules=rules)
    row = StoredAnalysis.objects.create(
        study=study,
        origin="live",
        **asdict(rules),
        fingerprint=now,
        result='{"origin": "live", "cautions": ["stored"], "flow": {"analysed": 77}}',
    )
    export_study(study=study, folder=tmp_path)
    assert json.loads((tmp_path / "results/analysis.json").read_text())["cautions"] == ["stored"]
    assert json.loads((tmp_path / "results/flow.json").read_text()) == {"analysed": 77}
    StoredAnalysis.objects.filter(pk=row.pk).update(fingerprint="0" * 64)
    export_study(study=study, folder=tmp_path)
    assert json.loads((tmp_path / "results/analysis.json").read_text())["counts"]["n_judgements"] == 8


def test_every_column_is_described(folder: Path) -> None:
    description = json.loads((folder / "dataset_description.json").read_text())
    described = {variable["name"] for variable in description["variableMeasured"]}
    assert all(variable["description"] for variable in description["variableMeasured"])
    codebook = pd.read_csv(folder / "documentation/codebook.csv")
    for path in (folder / "data").iterdir():
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
