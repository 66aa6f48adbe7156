"""Tables I to III cell by cell, from three runs whose answers are written down here; controls, and time per epoch."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command

from detector.fold_tables import read_table, table_bytes
from detector.ml.checkpoint import digest
from detector.ml.metrics import evaluate
from detector.ml.splits import EVALUATION, VALIDATION
from detector.models import DetectorRun, InferenceTiming, Training
from detector.selectors.report import training_report
from detector.selectors.report_text import doubts
from detector.selectors.reports import negative_controls
from detector.services.report_plan import plan_report
from detector.services.report_work import run_report
from studyapp.models import StimulusSet
from studyapp.services import media
from studyapp.vocab import JobState, Label
from tests.detector.drawn_training import draw_training
from tests.detector.material import make_set
from tests.factories import make_stimulus

pytestmark = pytest.mark.django_db
# Evaluated: four clips of each category and label. Wrong answers of runs 1 to 3 on them.
WRONG = {
    ("rain", Label.FAKE): (1, 0, 2),
    ("rain", Label.REAL): (0, 0, 0),
    ("dog_bark", Label.FAKE): (0, 2, 4),
    ("dog_bark", Label.REAL): (3, 0, 0),
}
WRONG_IN_VALIDATION = {Label.FAKE: (1, 2, 2), Label.REAL: (3, 1, 0)}  # of four fakes and four recordings
SECONDS_PER_EPOCH = 0.75
TIMING = {
    "n_runs": 7,
    "clip": {"stimulus": 1, "name": "rain/1.wav", "sha256": "0" * 64, "duration_s": 4.0},
    "network_means": "the network and the head",
    "end_to_end": {"mean_s": 0.5, "sd_s": 0.125, "percent_of_real_time": 12.5, "percent_sd": 3.125},
    "network": {"mean_s": 0.25, "sd_s": 0.0625, "percent_of_real_time": 6.25, "percent_sd": 1.5625},
    "head": {"mean_s": 0.125, "sd_s": 0.03125, "percent_of_real_time": 3.75, "percent_sd": 0.5},
}


@pytest.fixture
def training() -> Training:
    made = StimulusSet.objects.create(slug="corpus", title="Corpus")
    answers: dict[str, tuple[int, list[bool]]] = {}  # content hash -> split, and whether each run is wrong

    def add(label: Label, category: str, split: int, wrong: tuple[int, ...]) -> None:
        for place in range(4):
            clip = make_stimulus(made, label=label, category=category)
            answers[clip.sha256] = split, [place < n for n in wrong]

    for (category, label), wrong in WRONG.items():
        add(label, category, EVALUATION, wrong)
    for label, wrong in WRONG_IN_VALIDATION.items():
        add(label, "rain", VALIDATION, wrong)
    training = draw_training(made, n_runs=3)
    answer(training, answers)
    return training


def answer(training: Training, answers: dict[str, tuple[int, list[bool]]]) -> None:
    """Put the answers into the training's table, and what follows from them into its runs."""
    fold = training.folds.get()
    table = read_table(fold)
    assignment = np.array([answers[sha][0] for sha in table.shas], dtype=np.int8)
    is_wrong = np.array([answers[sha][1] for sha in table.shas]).T  # (runs, clips)
    scores = np.where(is_wrong != table.is_fake, 0.75, 0.25).astype(np.float32)
    content = table_bytes(replace(table, assignment=assignment, fake_scores=scores))
    fold.table_name, fold.table_sha256 = media.store(media.name_for("folds", content, ".st"), content), digest(content)
    fold.save()
    for run in fold.runs.all():
        for name, code in (("validation", VALIDATION), ("evaluation", EVALUATION)):
            part = assignment == code
            setattr(run, name, evaluate(table.is_fake[part], scores[run.number - 1, part]).as_json())
        run.seconds_per_epoch = SECONDS_PER_EPOCH
        run.save()


def tables(training: Training, folder: Path) -> dict[str, list[dict[str, str]]]:
    asked = ("--training", str(training.pk), "--resamples", "100", "--timing-runs", "0", "--out", str(folder))
    call_command("report_detectors", *asked, stdout=io.StringIO(), stderr=io.StringIO())
    found = {}
    for number in (1, 2, 3):
        with (folder / f"table{number}.csv").open(newline="") as file:
            found[f"table{number}"] = list(csv.DictReader(file))
    return found


def test_every_cell_of_the_three_tables(training: Training, tmp_path: Path) -> None:
    InferenceTiming.objects.create(
        encoder="aisfx", fingerprint=training.fingerprint, device="cpu", machine="A machine", results=TIMING
    )
    found = tables(training, tmp_path)
    about = {"training": str(training.pk), "encoder": "aisfx", "protocol": "paper", "negative_control": ""}
    # Misses 1, 2, 6 and false alarms 3, 0, 0 of 16 clips: 3 and 1 on average. Run 2 has the fewest errors.
    averaged, best = {"matrix": "averaged_over_runs", "run": ""}, {"matrix": "best_on_evaluation", "run": "2"}
    assert found["table1"] == [
        {**about, **matrix, "truth": truth, "called_real_percent": real, "called_fake_percent": fake, "n": "16"}
        for matrix, truth, real, fake in (
            (averaged, "real", "43.75", "6.25"),
            (averaged, "fake", "18.75", "31.25"),
            (best, "real", "50.0", "0.0"),
            (best, "fake", "12.5", "37.5"),
        )
    ]
    # Right are 12, 14 and 10 of 16; in validation 4, 5 and 6 of 8.
    assert found["table2"] == [
        {
            **about,
            "n_runs": "3",
            "evaluation_accuracy_mean": "0.75",
            "evaluation_accuracy_sd": "0.125",
            "validation_accuracy_mean": "0.625",
            "validation_accuracy_sd": "0.125",
            "epoch_s_all_runs_together": "0.75",
            "epoch_s_divided_by_runs": "0.25",
            "end_to_end_percent_of_real_time": "12.5",
            "end_to_end_percent_sd": "3.125",
            "network_percent_of_real_time": "6.25",
            "network_percent_sd": "1.5625",
            "head_percent_of_real_time": "3.75",
            "head_percent_sd": "0.5",
            "timing_runs": "7",
            "device": "cpu",
            "machine": "A machine",
        }
    ]
    # Of 8 clips each: barks 5, 6 and 4 right, rain 7, 8 and 6.
    counts = {"n": "8", "n_fake": "4", "n_real": "4"}
    assert found["table3"] == [
        {
            **about,
            "category": category,
            **counts,
            "accuracy": accuracy,
            "balanced_accuracy": accuracy,  # as many fakes as recordings
            "accuracy_best_on_evaluation": best_accuracy,
        }
        for category, accuracy, best_accuracy in (("dog_bark", "0.625", "0.75"), ("rain", "0.875", "1.0"))
    ]


def test_the_averaged_matrix_is_the_mean_of_the_counts_of_all_runs(training: Training) -> None:
    confusion = training_report(training)["confusion"]
    averaged, best = confusion["averaged_over_runs"], confusion["best_on_evaluation"]
    assert averaged["n"] == best["n"] == 16
    assert averaged["counts"] == {"real": {"real": 7, "fake": 1}, "fake": {"real": 3, "fake": 5}}
    assert averaged["of_set"]["fake"] == {"real": 3 / 16, "fake": 5 / 16}
    assert best["counts"] == {"real": {"real": 8, "fake": 0}, "fake": {"real": 2, "fake": 6}}
    assert (best["run"], best["fold"]) == (2, 0)


def test_the_time_of_an_epoch_is_a_mean_over_folds_and_is_shared_by_the_runs() -> None:
    training = draw_training(make_set("timed", n=80), n_runs=4, n_folds=2)
    for fold, seconds in ((0, 2.0), (1, 6.0)):
        DetectorRun.objects.filter(training=training, fold__number=fold).update(seconds_per_epoch=seconds)
    assert training_report(training)["seconds_per_epoch"] == {"all_runs": 4.0, "per_run": 1.0, "n_runs": 4}


def test_finished_trainings_on_random_weights_and_permuted_labels_are_the_controls() -> None:
    made = make_set("controlled", n=80)
    training = draw_training(made)
    drawn = draw_training(made, encoder="aisfx/random-weights", seed=1)
    permuted = draw_training(made, encoder="aisfx/random-weights", seed=2)
    permuted.config["permute_labels"] = True
    permuted.save()
    draw_training(made, seed=3)  # an ordinary one
    draw_training(made, encoder="aisfx/random-weights", protocol="grouped")
    Training.objects.filter(pk=draw_training(made, encoder="aisfx/random-weights").pk).update(
        state=JobState.RUNNING.value
    )
    run_report(report=plan_report(training=drawn, n_resamples=100))
    listed = negative_controls(training)
    assert [(row["kind"], row["training"], row["encoder"]) for row in listed] == [
        ("random_weights", drawn.pk, "aisfx/random-weights"),
        ("permuted_labels", permuted.pk, "aisfx/random-weights"),
    ]
    accuracy = np.mean([run.evaluation["accuracy"] for run in drawn.runs.all()])
    assert listed[0]["overall"]["accuracy"] == pytest.approx(accuracy)
    assert listed[1]["overall"] is None  # it has no report yet
    assert [row["training"] for row in negative_controls(drawn)] == [permuted.pk]


def test_a_training_of_few_steps_or_one_answer_is_doubted() -> None:
    few = {"n_steps": {"per_epoch": 1, "in_all": 100}, "by_run": [{"run": 1, "n": 21, "n_called_fake": 21}]}
    said = doubts(few)
    assert "1 step an epoch, 100 in all" in said[0] and said[1] == "run 1 calls every held-out clip the same."
    many = {"n_steps": {"per_epoch": 169, "in_all": 16900}, "by_run": [{"run": 1, "n": 21, "n_called_fake": 20}]}
    assert doubts(many) == []
