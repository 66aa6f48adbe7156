import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from studyapp.models import Study
from studyapp.services.local_server import ServerFailed, WebServer
from studyapp.vocab import Label, Origin, StudyState
from tests.factories import CONFIG, make_machine, make_session, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    return make_version(slug="sounds").study


def _run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, stderr=out)
    return out.getvalue()


def test_analyze_study_prints_one_json_object(study: Study) -> None:
    make_session(study.versions.get())
    found = json.loads(_run("analyze_study", "sounds", "--json"))
    assert found["counts"]["n_judgements"] == 8
    assert json.loads(_run("analyze_study", "sounds", "--origin", "bot", "--json"))["counts"]["n_judgements"] == 0


def test_analyze_study_prints_sentences(study: Study) -> None:
    make_machine(study.versions.get(), is_right=lambda frozen, index: False)
    for offset in range(3):
        make_session(
            study.versions.get(),
            origin=Origin.BOT,
            says_fake=lambda frozen, index, offset=offset: (frozen.label == Label.FAKE) != (index < offset),
        )
    said = _run("analyze_study", "sounds")
    assert "! 3 sessions by simulated participants; these are no listeners" in said
    assert "assumes independent trials" in said
    assert "0 by construction" in said


def test_analyze_study_leaves_out_flagged_sessions_where_it_is_asked_to() -> None:
    version = make_version(slug="flags", config=CONFIG | {"screening": {"action": "flag"}})
    make_session(version, screening_correct=1)
    make_session(version)
    said = _run("analyze_study", "flags", "--leave-out-flagged")
    assert (
        "1 flagged, 1 analysed" in said and "1 session is flagged (headphone test not passed: 1) and left out" in said
    )
    assert "1 flagged, 2 analysed" in _run("analyze_study", "flags", "--no-leave-out-flagged")


def test_analyze_study_on_a_study_without_answers_says_so(study: Study) -> None:
    assert "Nobody has taken part yet." in _run("analyze_study", "sounds")


def test_export_study_names_what_it_wrote(study: Study, tmp_path: Path) -> None:
    make_session(study.versions.get())
    said = _run("export_study", "sounds", "--out", str(tmp_path / "out"))
    assert "live answers" in said
    assert "study-sounds_description-trials_data.csv  8 rows" in said


def test_export_study_refuses_a_study_that_was_never_launched(study: Study, tmp_path: Path) -> None:
    Study.objects.create(slug="draft", title="T", stimulus_set=study.stimulus_set, config={})
    with pytest.raises(CommandError, match="draft was never launched, so there is nothing to export; launch it first"):
        _run("export_study", "draft", "--out", str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("out", ["thesis.txt", "thesis.txt/data"])
def test_export_study_says_that_a_file_is_no_folder(study: Study, tmp_path: Path, out: str) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(CommandError, match=r"thesis\.txt is a file: name a folder"):
        _run("export_study", "sounds", "--out", str(tmp_path / out))
    assert (tmp_path / "thesis.txt").read_text() == "mine"


@pytest.mark.parametrize("command", ["analyze_study", "export_study", "simulate_participants"])
def test_an_unknown_study_is_refused(command: str, tmp_path: Path) -> None:
    more = ["--out", str(tmp_path)] if command == "export_study" else []
    with pytest.raises(CommandError, match="there is no study 'none'"):
        _run(command, "none", *more)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--n", "0"], "at least 1"),
        (["--drop-out", "1.5"], r"drop-out must lie in \[0, 1\]"),
        (["--d-prime", "nan"], "must be finite"),
        (["--listener-sd", "-1"], "must not be negative"),
        (["--reasons", "/no/such/file"], "cannot be read"),
        (["--n", "1"], "1 of 1 simulated participants failed"),
    ],
)
def test_simulate_participants_says_what_is_wrong(study: Study, arguments: list[str], message: str) -> None:
    # Nothing listens on port 9 of this machine: what is wrong in the arguments is said before any request.
    with pytest.raises(CommandError, match=message):
        _run("simulate_participants", "sounds", "--url", "http://127.0.0.1:9", *arguments)


def test_simulate_participants_refuses_reasons_that_are_no_weights(study: Study, tmp_path: Path) -> None:
    (tmp_path / "reasons.yaml").write_text("distorted: much\n")
    with pytest.raises(CommandError, match="reason codes and weights"):
        _run("simulate_participants", "sounds", "--reasons", str(tmp_path / "reasons.yaml"))


def test_simulate_participants_refuses_a_study_that_is_not_live(study: Study) -> None:
    Study.objects.update(state=StudyState.DRAFT.value)
    with pytest.raises(CommandError, match="launch it first"):
        _run("simulate_participants", "sounds")


@pytest.mark.once
def test_a_server_that_cannot_start_is_reported_with_the_end_of_its_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "much")
    with pytest.raises(ServerFailed, match="LOG_LEVEL"), WebServer():
        pytest.fail("the server came up")
