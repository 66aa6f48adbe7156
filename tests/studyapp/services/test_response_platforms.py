"""Files as Gorilla and jsPsych write them, with the columns and rows that nobody asked for, mapped by the command."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from studyapp.models import ChosenReason, RecruiterIdentity, Response, StudyVersion, Trial
from studyapp.services.response_import import import_responses
from studyapp.services.response_rows import ResponseMapping
from studyapp.vocab import Label
from tests.factories import make_version

pytestmark = pytest.mark.django_db

# Of a Task Builder file: one row for each event of each screen; the last row ends the file.
GORILLA = [
    "Event Index", "UTC Date", "Experiment ID", "Participant Public ID", "Participant Private ID", "Task Name",
    "Spreadsheet Row", "Trial Number", "Screen Number", "Screen Name", "Zone Name", "Zone Type", "Reaction Time",
    "Response", "Correct", "display", "Sound",
]  # fmt: skip


@pytest.fixture
def version() -> StudyVersion:
    return make_version(slug="s", n_fake=1, n_real=1, categories=("rain",))


def names(version: StudyVersion) -> list[str]:
    return list(version.frozen_stimuli.order_by("pk").values_list("stimulus__name", flat=True))


def gorilla_file(folder: Path, version: StudyVersion) -> Path:
    fake, real = (name.rsplit("/")[-1] for name in names(version))
    shown = [
        ("Instructions", "", "text", "", "", "instructions", ""),
        ("Judge", "1", "content_web_audio", "4003.1", "AUDIO PLAY EVENT FIRED", "Trial", fake),
        ("Judge", "1", "response_button_text", "5120.25", "Artificial", "Trial", fake),
        ("Why", "1", "response_button_text", "2100.5", "The sound is too repetitive", "Trial", fake),
        ("Judge", "2", "content_web_audio", "4003.0", "AUDIO PLAY EVENT FIRED", "Trial", real),
        ("Judge", "2", "response_button_text", "6120.75", "Natural", "Trial", real),
        ("End", "", "continue_button", "900", "", "end", ""),
    ]
    rows = []
    for number, (screen, trial, zone, rt, response, display, sound) in enumerate(shown):
        row = dict.fromkeys(GORILLA, "") | {"Event Index": str(number), "Participant Private ID": "8412907"}
        row |= {"Trial Number": trial, "Screen Name": screen, "Zone Type": zone, "Reaction Time": rt}
        rows.append(row | {"Response": response, "display": display, "Sound": sound})
    path = folder / "data_exp_1234-v5_task-abcd.csv"
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.DictWriter(file, GORILLA)
        writer.writeheader()
        writer.writerows(rows)
        file.write("END OF FILE\r\n")
    return path


def test_gorilla(version: StudyVersion, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Screens and sounds are rows too, and the reason stands in a row of its own, in the column of the answers."""
    mapped = {
        "participant_id": "Participant Private ID",
        "stimulus_id": "Sound",
        "response": "Response",
        "rt_ms": "Reaction Time",
        "trial_order": "Trial Number",
        "reason": "Response",
    }
    columns = [word for name, header in mapped.items() for word in ("--column", f"{name}={header}")]
    only = ["--only", "Screen Name=Judge", "--only", "Zone Type=response_button_text"]
    reasons = ["--reason-only", "Screen Name=Why"]
    words = ["--fake", "Artificial", "--real", "Natural"]
    call_command("import_responses", "s", str(gorilla_file(tmp_path, version)), *columns, *only, *reasons, *words)
    out = capsys.readouterr().out
    assert "2 judgements of 2 clips by 1 listener" in out and "5 rows left out by --only" in out
    told = Response.objects.order_by("trial__position").values_list("choice", "rt_from_onset_ms")
    assert list(told) == [("fake", 5120.25), ("real", 6120.75)]
    reason = ChosenReason.objects.get()
    assert (reason.code, reason.response.choice) == ("repetitive", "fake")
    assert RecruiterIdentity.objects.get().external_id == "8412907"


def jspsych_trials(version: StudyVersion) -> list[dict[str, Any]]:
    fake, real = names(version)
    audio = {"trial_type": "audio-button-response", "subject_id": "k3j9", "task": "judge"}
    rest = {"subject_id": "k3j9", "time_elapsed": 900, "internal_node_id": "0.0-1.0"}
    address = "https://example.org/study/sounds/"
    return [
        rest | {"trial_type": "preload", "success": True, "failed_audio": [], "trial_index": 0},
        rest | {"trial_type": "instructions", "rt": 812, "view_history": [{"page_index": 0}], "trial_index": 1},
        rest | audio | {"rt": 2204, "stimulus": address + fake, "response": 0, "trial_index": 2},
        rest | {"trial_type": "survey-multi-choice", "response": {"Why": "Too distorted"}, "rt": 999, "trial_index": 3},
        rest | audio | {"rt": None, "stimulus": address + real, "response": None, "trial_index": 4},
        rest | {"trial_type": "survey-multi-choice", "response": {"Why": ""}, "rt": None, "trial_index": 5},
    ]


def jspsych_mapping(reason: str) -> ResponseMapping:
    return ResponseMapping(
        columns={
            "participant_id": "subject_id",
            "stimulus_id": "stimulus",
            "response": "response",
            "rt_ms": "rt",
            "trial_order": "trial_index",
            "reason": reason,
        },
        words={"0": Label.FAKE, "1": Label.REAL},
        only={"task": "judge"},
        unanswered=frozenset({"null", ""}),
        reason_only={"trial_type": "survey-multi-choice"},
    )


@pytest.mark.parametrize("kind", ["list", "lists", "csv"])
def test_jspsych(version: StudyVersion, tmp_path: Path, kind: str) -> None:
    """One list of trials, one list a line as servers collect them, or CSV as jsPsych writes it: null and objects."""
    trials = jspsych_trials(version)
    labels = {"Too distorted": next(item["label"] for item in version.config["task"]["reasons"]["items"])}
    for trial in trials:
        if isinstance(trial.get("response"), dict):
            trial["response"] = {"Why": labels.get(trial["response"]["Why"], "")}
    path = tmp_path / ("data.csv" if kind == "csv" else "data.json")
    if kind == "csv":
        header = list(dict.fromkeys(name for trial in trials for name in trial))
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, quoting=csv.QUOTE_ALL)
            writer.writerow(header)
            for trial in trials:
                cells = [trial.get(name, "") for name in header]
                writer.writerow([each if isinstance(each, str) else json.dumps(each) for each in cells])
    else:
        path.write_text(json.dumps(trials) if kind == "list" else f"{json.dumps(trials)}\n[]\n")
    found = import_responses(path=path, slug="s", mapping=jspsych_mapping("response"))
    assert (found.n_judgements, found.n_unanswered, found.n_left_out) == (1, 1, 2)
    response = Response.objects.get()
    assert (response.choice, response.rt_from_onset_ms) == ("fake", 2204.0)
    assert ChosenReason.objects.count() == 1 and Trial.objects.get().kind == "main"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "is no JSON"),
        ("[[1]]", "no list of trials"),
        ("3", "is no JSON"),
        ('[{"subject_id": "a"}]', "no column"),
        ('[{"subject_id": "a", "stimulus": "x", "response": null, "task": "judge", "rt": 1, "trial_index": 1, '
         '"trial_type": "x"}]', "1 judgements have no answer"),
        ('[{"subject_id": "a", "stimulus": "x", "response": "why", "task": "", "rt": 1, "trial_index": 1, '
         '"trial_type": "survey-multi-choice"}]', "row 1: a reason of a, of whom there is no judgement above it"),
    ],
)  # fmt: skip
def test_json_that_is_no_data_is_refused(version: StudyVersion, tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "data.json"
    path.write_text(content)
    with pytest.raises(CommandError, match=words):
        mapped = [f"{name}={header}" for name, header in jspsych_mapping("response").columns.items()]
        arguments = [word for each in mapped for word in ("--column", each)]
        rules = ["--only", "task=judge", "--reason-only", "trial_type=survey-multi-choice", "--unanswered", "null", ""]
        call_command("import_responses", "s", str(path), *arguments, *rules, "--fake", "0", "--real", "1")
    assert not Response.objects.exists()


def test_two_reasons_for_one_judgement_are_refused(version: StudyVersion, tmp_path: Path) -> None:
    path = gorilla_file(tmp_path, version)
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    doubled = [line for line in lines for _ in range(2 if ",Why," in line else 1)]
    path.write_text("\n".join(doubled), encoding="utf-8")
    with pytest.raises(CommandError, match="a second reason for the judgement in row 4"):
        call_command(
            "import_responses", "s", str(path), "--column", "participant_id=Participant Private ID",
            "--column", "stimulus_id=Sound", "--column", "response=Response", "--column", "reason=Response",
            "--only", "Screen Name=Judge", "--only", "Zone Type=response_button_text",
            "--reason-only", "Screen Name=Why", "--fake", "Artificial", "--real", "Natural",
        )  # fmt: skip
