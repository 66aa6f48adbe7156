"""A report says what the stored tables say, is computed once, and can be cancelled, asked for anew and compared."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from detector.fold_tables import read_table
from detector.ml.metrics import evaluate
from detector.ml.splits import EVALUATION
from detector.models import Report, Training
from detector.selectors.full_report_text import comparison_lines, full_report_lines
from detector.selectors.report import training_report
from detector.selectors.report_tables import system_rows
from detector.selectors.report_text import report_lines
from detector.selectors.reports import negative_controls, stored_report
from detector.services.comparison import compare_trainings
from detector.services.report_plan import plan_report, report_after_training
from detector.services.report_work import report_planned, run_report
from detector.services.timing import timing_of
from studyapp.errors import InvalidAction
from studyapp.models import StimulusSet
from studyapp.reports.numbers import DASH
from studyapp.services.jobs import cancel
from studyapp.vocab import JobState, Label
from tests.detector.drawn_training import draw_training
from tests.detector.material import TINY, give_audio, give_vectors, make_set, make_training, plan_training, run_training
from tests.detector.report_example import example_report

pytestmark = pytest.mark.django_db
SYSTEMS = ("north", "south", "east", "west")


@pytest.fixture
def corpus() -> StimulusSet:
    """80 clips: fakes of four systems on two tracks, recordings in pairs from one source."""
    made = make_set("corpus", n=80)
    for place, stimulus in enumerate(made.own_stimuli.filter(label=Label.FAKE.value).order_by("pk")):
        stimulus.generator, stimulus.track = SYSTEMS[place % 4], "AB"[place % 2]
        stimulus.save()
    for place, stimulus in enumerate(made.own_stimuli.filter(label=Label.REAL.value).order_by("pk")):
        stimulus.source_group, stimulus.level_dbfs = f"recording {place // 2}", -30.0 + place % 5
        stimulus.save()
    give_vectors(made)
    return made


def report_of(training: Training, **asked: Any) -> dict[str, Any]:
    run_report(report=plan_report(training=training, n_resamples=200, **asked))
    found = stored_report(training)
    assert found is not None
    return found


def held_out(training: Training) -> dict[str, np.ndarray]:
    """Return truth, categories, systems and scores (runs, clips) of all held-out clips, straight from the tables."""
    parts: dict[str, list[np.ndarray]] = {"is_fake": [], "category": [], "system": [], "scores": []}
    for fold in training.folds.all():
        table = read_table(fold)
        held = table.assignment == EVALUATION
        parts["is_fake"].append(table.is_fake[held])
        parts["category"].append(np.array(table.categories)[held])
        parts["system"].append(np.array(table.generators)[held])
        parts["scores"].append(table.fake_scores[:, held])
    return {name: np.concatenate(values, axis=-1) for name, values in parts.items()}


def test_overall_numbers_and_table_i_are_those_of_the_tables(corpus: StimulusSet) -> None:
    training = draw_training(corpus, n_folds=4, protocol="leave-one-team-out")
    report, held = report_of(training), held_out(training)
    runs = [evaluate(held["is_fake"], scores) for scores in held["scores"]]
    accuracy = np.array([run.accuracy for run in runs])
    overall = report["overall"]["accuracy"]
    assert overall["mean"] == pytest.approx(accuracy.mean()) and overall["sd"] == pytest.approx(accuracy.std(ddof=1))
    assert overall["low"] < overall["mean"] < overall["high"] and overall["n_resamples"] == 200
    best = runs[int(accuracy.argmax())]
    table = report["confusion"]["best_on_evaluation"]
    assert table["counts"]["fake"] == {"real": best.misses, "fake": best.hits}
    assert table["of_set"]["real"]["fake"] == pytest.approx(best.false_alarms / 80)
    assert (report["held_out"]["n"], report["held_out"]["n_folds"], report["held_out"]["n_systems"]) == (80, 4, 4)
    assert report["held_out"]["clusters"] == {"fake": "generator", "real": "source_group"}


def test_table_iii_and_systems_are_those_of_the_tables(corpus: StimulusSet) -> None:
    training = draw_training(corpus, n_folds=4)
    report, held = report_of(training), held_out(training)
    called = held["scores"] >= 0.5
    right = called == held["is_fake"]
    best = int(right.mean(axis=1).argmax())
    for row in report["by_category"]:
        here = held["category"] == row["category"]
        assert row["accuracy"] == pytest.approx(right[:, here].mean())
        assert row["accuracy_best_on_evaluation"] == pytest.approx(right[best, here].mean())
    for row in report["by_system"]:
        here = held["system"] == row["system"]
        assert row["hit_rate"] == pytest.approx(called[:, here].mean())
        assert row["bce"] == pytest.approx(-np.log(held["scores"][:, here].astype(float)).mean())
    assert {row["system"] for row in report["by_system"]} == set(SYSTEMS)
    assert report["systems"]["mean_hit_rate"] == pytest.approx(np.mean([r["hit_rate"] for r in report["by_system"]]))


def test_distances_are_of_the_encoders_frames_and_scores_of_others_are_set_against_them(corpus: StimulusSet) -> None:
    training = draw_training(corpus, n_folds=4)
    official = {"name": "ratings", "scores": {"north": 1.0, "south": 2.0, "east": 3.0, "west": 4.0}}
    report = report_of(training, official=official)
    assert all(row["mean"] > 0 for row in report["frechet"]["systems"])
    assert {row["against"] for row in report["quality"]} == {"frechet", "official"}
    assert {row["track"] for row in report["quality"]} == {"A", "B", "all"}


def test_levels_that_differ_by_label_are_found_by_the_shortcut_audit(corpus: StimulusSet) -> None:
    fakes = corpus.own_stimuli.filter(label=Label.FAKE.value)
    fakes.update(level_dbfs=-12.0)
    audit = report_of(draw_training(corpus, n_folds=4))["shortcut_audit"]
    assert audit["overall"]["roc_auc"]["mean"] == pytest.approx(1.0)
    corpus.own_stimuli.all().update(level_dbfs=-20.0)
    nothing = report_of(draw_training(corpus, n_folds=4, seed=1))["shortcut_audit"]
    assert nothing["overall"]["roc_auc"]["mean"] < 0.75


def test_a_set_without_systems_or_sources_takes_each_clip_for_itself() -> None:
    plain = make_set("plain", n=60)
    plain.own_stimuli.all().update(generator="", team="", source_group="")
    give_vectors(plain)
    report = report_of(draw_training(plain, n_folds=3))
    assert report["held_out"]["clusters"] == {"fake": "clip", "real": "clip"}
    assert report["overall"]["roc_auc"]["low"] is not None


def test_a_report_is_computed_once_and_anew_when_asked(corpus: StimulusSet) -> None:
    training = draw_training(corpus)
    first = report_of(training)
    row = Report.objects.get()
    assert plan_report(training=training, n_resamples=200).state == JobState.DONE.value
    assert not report_planned(report_id=row.pk)
    assert report_of(training, anew=True) == first
    assert Report.objects.get().pk == row.pk
    more = plan_report(training=training, n_resamples=300)
    assert more.state == JobState.QUEUED.value and more.options["n_resamples"] == 300
    with pytest.raises(InvalidAction, match="resamples"):
        plan_report(training=training, n_resamples=1)


def test_a_cancelled_report_stores_nothing(corpus: StimulusSet) -> None:
    report = plan_report(training=draw_training(corpus), n_resamples=200)

    def stop(line: str) -> None:
        assert cancel(Report.objects.filter(pk=report.pk)) or "part 1" not in line

    assert not report_planned(report_id=report.pk, say=stop)
    report.refresh_from_db()
    assert (report.state, report.content_name) == (JobState.CANCELLED.value, "")


def test_a_finished_training_plans_its_report_and_an_unfinished_one_does_not(corpus: StimulusSet) -> None:
    unfinished = plan_training(stimulus_set=corpus, encoder="aisfx", n_runs=1, config=TINY, device="cpu")
    report_after_training(training_id=unfinished.pk)
    assert not Report.objects.exists()
    run_training(training=unfinished)
    report_after_training(training_id=unfinished.pk)
    assert Report.objects.get().training_id == unfinished.pk


def test_permuted_labels_are_listed_as_a_control(corpus: StimulusSet) -> None:
    training = draw_training(corpus, n_folds=4)
    control = draw_training(corpus, n_folds=4, strength=0.0, seed=3)
    control.config["permute_labels"] = True
    control.save()
    run_report(report=plan_report(training=control, n_resamples=200))
    (listed,) = report_of(training)["negative_controls"]
    assert (listed["kind"], listed["training"]) == ("permuted_labels", control.pk)
    assert 0.2 < listed["overall"]["roc_auc"] < 0.8


def test_a_control_report_says_nothing_of_systems(corpus: StimulusSet) -> None:
    control = draw_training(corpus, n_folds=4, strength=0.0)
    control.config["permute_labels"] = True
    control.save()
    report = report_of(control, official={"name": "ratings", "scores": {"north": 1.0, "south": 2.0, "east": 3.0}})
    assert (report["by_system"], report["systems"], report["by_system_category"]) == ([], None, [])
    assert "dealt anew" in report["frechet"]["left_out"] and report["quality"] == []
    text = "\n".join(full_report_lines(report))
    assert "Systems are left out: the labels were dealt anew" in text and "Negative control" in text
    assert "north" not in text and "names its system" not in text and "against its quality" not in text


def test_the_newest_controls_are_listed_and_no_more_than_ten(
    corpus: StimulusSet, django_assert_max_num_queries: Any
) -> None:
    training = draw_training(corpus)
    controls = [draw_training(corpus, n_runs=1, encoder="aisfx/random-weights", seed=seed) for seed in range(12)]
    draw_training(corpus, n_runs=1)
    with django_assert_max_num_queries(1):
        listed = negative_controls(training)
    assert [row["training"] for row in listed] == [control.pk for control in controls[2:]]
    assert {row["kind"] for row in listed} == {"random_weights"}


def test_a_mean_distance_says_of_how_many_categories_it_is(corpus: StimulusSet) -> None:
    report = example_report(draw_training(corpus)) | {"negative_controls": [], "timing": None}
    report["frechet"]["systems"][0] |= {"mean": 6.5, "n_categories": 1}
    report["frechet"]["systems"][1] |= {"mean": None, "n_categories": 0}
    lines = [line for line in full_report_lines(report) if line.startswith("  system 0")]
    assert [line.split("  ")[-1].strip() for line in lines] == ["6.50 (1 of 2)", DASH, "7.00 (2 of 2)"]
    assert [row["frechet_n_categories"] for row in system_rows(report)] == [1, 0, 2]


def test_a_better_training_is_told_from_a_worse_one_on_the_same_clips(corpus: StimulusSet) -> None:
    good = draw_training(corpus, n_folds=4, strength=4.0)
    poor = draw_training(corpus, n_folds=4, strength=0.0)
    found = compare_trainings([good, poor], n_resamples=200)
    rows = {row["measure"]: row for row in found["paired"]}
    assert rows["roc_auc"]["difference"] > 0.2 and rows["roc_auc"]["low"] > 0
    assert rows["roc_auc"]["n_clips"] == 80 and rows["roc_auc"]["p_holm"] >= rows["roc_auc"]["p"]
    (seeds,) = found["seed_variability"]
    assert seeds["u"] == 9 and seeds["p"] <= 0.1  # every run better; with ties p is no longer exact
    assert seeds["p_least"] == 0.1  # 2 / C(6, 3)
    assert (rows["roc_auc"]["n_clusters_fake"], rows["roc_auc"]["n_clusters_real"]) == (4, 20)
    with pytest.raises(InvalidAction, match="two different"):
        compare_trainings([good, good])


def test_no_seeds_are_compared_where_the_clips_differ(corpus: StimulusSet) -> None:
    whole, part = draw_training(corpus, n_folds=4), draw_training(corpus, n_folds=1, protocol="paper")
    found = compare_trainings([whole, part], n_resamples=200)
    assert found["seed_variability"] == [] and found["paired"]
    assert [(row["kind"], "different clips" in row["reason"]) for row in found["left_out"]] == [
        ("seed_variability", True)
    ]
    text = "\n".join(comparison_lines(found))
    assert f"{whole.pk} (aisfx, {whole.protocol}) and {part.pk} (aisfx, paper) left out: They were evaluated" in text
    assert "fewer than 20 clusters" in text


def test_the_roc_auc_of_runs_and_of_their_mean_is_over_all_folds_together(corpus: StimulusSet) -> None:
    training = draw_training(corpus, n_folds=4)
    report, quick = report_of(training), training_report(training)
    pooled = [run["roc_auc"] for run in report["by_run"]]
    assert report["evaluation"]["roc_auc"]["mean"] == pytest.approx(np.mean(pooled))
    assert report["overall"]["roc_auc"]["mean"] == pytest.approx(np.mean(pooled))
    assert quick["evaluation"]["accuracy"] == report["evaluation"]["accuracy"]
    assert quick["evaluation"]["roc_auc"]["mean"] != pytest.approx(np.mean(pooled))
    assert "is the mean over folds" in "\n".join(report_lines(quick))
    assert "is the mean over folds" not in "\n".join(full_report_lines(report))


def test_the_folder_is_made_before_the_work(corpus: StimulusSet, tmp_path: Path) -> None:
    taken = tmp_path / "file"
    taken.write_text("")
    with pytest.raises(CommandError, match="cannot be a folder"):
        call_command("report_detectors", "--training", str(draw_training(corpus).pk), "--out", str(taken))
    assert not Report.objects.exists()


def test_the_command_writes_the_tables_of_all_trainings(corpus: StimulusSet, tmp_path: Path) -> None:
    numbers = [str(draw_training(corpus, n_folds=4, seed=seed).pk) for seed in (1, 2)]
    out = io.StringIO()
    asked = ("--training", *numbers, "--resamples", "200", "--timing-runs", "0", "--out", str(tmp_path))
    call_command("report_detectors", *asked, stdout=out, stderr=io.StringIO())
    assert "truth in rows" in out.getvalue() and "says nothing about new" in out.getvalue()
    reports = json.loads((tmp_path / "report.json").read_text())
    assert [str(each["training"]) for each in reports] == numbers
    for name in ("runs", "table1", "table2", "table3", "systems", "comparison"):
        with (tmp_path / f"{name}.csv").open(newline="") as file:
            assert list(csv.DictReader(file)), name


def test_bad_official_scores_are_refused_with_their_line(corpus: StimulusSet, tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    path.write_text("system,score\nnorth,1\nsouth,many\n")
    training = draw_training(corpus)
    with pytest.raises(CommandError, match="Line 3"):
        call_command("report_detectors", "--training", str(training.pk), "--official", str(path))
    assert not Report.objects.exists()


def test_a_clip_is_timed_from_the_stored_file_to_the_score_and_the_timing_is_kept(corpus: StimulusSet) -> None:
    give_audio(corpus, seconds=0.5)
    training = make_training(corpus, n_runs=1)
    timing = timing_of(training=training, n_runs=3)
    found = timing.results
    assert found["n_runs"] == 3 and found["clip"]["sha256"] == min(clip.sha256 for clip in corpus.own_stimuli.all())
    assert 0 < found["head"]["mean_s"] < found["network"]["mean_s"] < found["end_to_end"]["mean_s"]
    share = 100 * found["end_to_end"]["mean_s"] / found["clip"]["duration_s"]
    assert found["end_to_end"]["percent_of_real_time"] == pytest.approx(share)
    assert timing_of(training=training, n_runs=3).pk == timing.pk
    assert timing_of(training=training, n_runs=3, anew=True).pk != timing.pk
    with pytest.raises(InvalidAction, match="timing runs"):
        timing_of(training=training, n_runs=0, anew=True)
