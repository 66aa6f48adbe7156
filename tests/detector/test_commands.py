"""The commands say what they did, and what to do when they cannot."""

import csv
import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from detector.fold_tables import read_table
from detector.ml.splits import TRAIN
from detector.models import Training
from detector.services import training as planning
from studyapp.models import MachineScore, SetMember, StimulusSet
from tests.detector.material import give_vectors, make_set, make_training

pytestmark = pytest.mark.django_db


def run(*args: object) -> str:
    out = io.StringIO()
    call_command(*[str(arg) for arg in args], stdout=out, stderr=io.StringIO())
    return out.getvalue()


@pytest.fixture
def training() -> Training:
    made = make_set("corpus", n=60)
    give_vectors(made, shift=0.05)
    return make_training(made)


def test_embed_stimuli_counts_what_was_there(training: Training) -> None:
    assert "60 clips, 0 embedded, 60 there already, 0 failed" in run(
        "embed_stimuli", "--set", "corpus", "--embedding", "aisfx"
    )
    (answer,) = json.loads(run("embed_stimuli", "--set", "corpus", "--embedding", "aisfx", "--json"))
    assert (answer["n_reused"], answer["failed"], answer["state"]) == (60, [], "done")


def test_train_detectors_trains_and_reports(training: Training, monkeypatch: pytest.MonkeyPatch) -> None:
    from detector.ml.config import HeadConfig

    monkeypatch.setattr(planning, "config_from_json", lambda data: HeadConfig(hidden=(8, 8, 8), **data))
    (report,) = json.loads(
        run("train_detectors", "--set", "corpus", "--embedding", "aisfx", "--runs", 2, "--epochs", 10, "--json")
    )
    assert len(report["runs"]) == 2 and report["config"]["n_epochs"] == 10
    text = run("train_detectors", "--set", "corpus", "--embedding", "aisfx", "--runs", 2, "--epochs", 10)
    number = Training.objects.order_by("pk").last().pk
    *_, done, report_it, select, score = text.splitlines()
    assert report_it.endswith(f"report_detectors --training {number}")
    assert done == f"Training {number}: done, 2 runs of aisfx on corpus. Next:"
    assert f"select_misclassified --training {number} --into corpus-errors-{number}" in select
    assert f"score_stimuli --training {number} --set corpus" in score


def test_report_detectors_writes_its_files(training: Training, tmp_path: Path) -> None:
    text = run("report_detectors", "--training", training.pk, "--out", tmp_path / "new")
    assert "Evaluation accuracy over 3 runs" in text
    with (tmp_path / "new/runs.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["run"] for row in rows] == ["1", "2", "3"]
    (report,) = json.loads((tmp_path / "new/report.json").read_text())
    assert report["training"] == training.pk


def test_score_stimuli_says_which_run_and_why(training: Training) -> None:
    text = run("score_stimuli", "--training", training.pk, "--set", "corpus")
    assert "best by validation accuracy" in text and "evaluation: 13" in text
    assert f"60 sounds of corpus scored by training {training.pk} on corpus, run" in text
    assert MachineScore.objects.count() == 60


def test_score_stimuli_says_when_no_clip_is_held_out(training: Training) -> None:
    known = make_set("known", n=0)
    table = read_table(training.folds.get())
    for pk, code in zip(table.stimulus_ids, table.assignment, strict=True):
        if code == TRAIN:
            SetMember.objects.create(stimulus_set=known, stimulus_id=pk)
    assert "none is held out" in run("score_stimuli", "--training", training.pk, "--set", "known")


def test_select_misclassified_makes_the_set(training: Training) -> None:
    text = run("select_misclassified", "--training", training.pk, "--per-class", 1, "--into", "hard")
    assert f"of the 13 held-out clips of training {training.pk} on corpus, by run" in text
    assert "Incorrect positives (recordings called fake, the highest score first): " in text
    assert StimulusSet.objects.filter(slug="hard").exists()


def test_select_misclassified_takes_buckets_caps_and_controls(training: Training) -> None:
    options = ["--bucket", "incorrect_positive", "--bucket", "sure_reals", "--per-source", 1, "--controls", 1]
    text = run("select_misclassified", "--training", training.pk, *options, "--into", "hard")
    assert "At most 1 of one source in a category" in text and "Sure reals (" in text
    assert "Controls (for each error 1 of the same label" in text
    assert "Incorrect negatives" not in text


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["embed_stimuli", "--set", "corpse", "--embedding", "aisfx"], "There are: corpus"),
        (["embed_stimuli", "--set", "corpus", "--embedding", "vgg"], "no encoder named 'vgg'"),
        (
            ["train_detectors", "--set", "corpus", "--embedding", "aisfx", "--protocol", "cross-track"],
            "exactly two tracks",
        ),
        (["train_detectors", "--set", "corpus", "--embedding", "aisfx", "--epochs", "15"], "multiple"),
        (["report_detectors", "--training", "99"], "no training 99"),
        (["score_stimuli", "--training", "99", "--set", "corpus"], "no training 99"),
        (["select_misclassified", "--training", "99", "--into", "x"], "no training 99"),
        (
            ["select_misclassified", "--training", "{}", "--per-source", "0", "--into", "x"],
            "0 clips per source",
        ),
    ],
)
def test_what_cannot_be_done_is_said_in_words(training: Training, args: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        run(*[arg.format(training.pk) for arg in args])


def test_reconcile_jobs_counts(training: Training) -> None:
    assert run("reconcile_jobs") == "0 jobs back in the queue, 0 given up, 0 messages sent\n"
