"""What a training showed: every run, their mean and spread, and confusion matrices."""

from collections.abc import Sequence
from typing import Any

from detector.ml.metrics import mean_and_sd
from detector.ml.report.known import mean_known
from detector.models import DetectorRun, Fold, Training
from detector.selectors.runs import chosen_runs, control_kind, needs_done

MEASURES = ("accuracy", "balanced_accuracy", "roc_auc")
COUNTS = ("hits", "misses", "false_alarms", "correct_rejections")


def training_report(training: Training) -> dict[str, Any]:
    """Return everything that `report_detectors` prints; fractions, unrounded, ready for JSON.

    Raises InvalidAction unless the training is done.
    """
    needs_done(training)
    runs = list(training.runs.select_related("fold").defer("curves"))
    folds = list(training.folds.all())
    pooled = {part: pool_folds(runs, part) for part in ("validation", "evaluation")}
    return {
        "training": training.pk,
        "set": training.stimulus_set.slug,
        "caution": training.stimulus_set.caution,
        "is_stand_in": training.stimulus_set.is_stand_in,
        "encoder": training.encoder,
        "fingerprint": training.fingerprint,
        "protocol": training.protocol,
        "seed": training.seed,
        "config": training.config,
        "negative_control": control_kind(training) or None,
        "n_steps": steps_of(training, folds),
        "code_version": training.code_version,
        "folds": [
            {
                "number": fold.number,
                "name": fold.name,
                "n_train": fold.n_train,
                "n_validation": fold.n_validation,
                "n_evaluation": fold.n_evaluation,
                "facts": fold.facts,
                "evaluation": summary([run.evaluation for run in runs if run.fold_id == fold.pk]),
            }
            for fold in folds
        ],
        "runs": [_run(run) for run in runs],
        "by_run": _by_run(pooled),
        "best_by_validation": [_name(run) for run in chosen_runs(training, "best")],
        "validation": summary(list(pooled["validation"].values())),
        "evaluation": summary(list(pooled["evaluation"].values())),
        "confusion": {
            "averaged_over_runs": confusion(list(pooled["evaluation"].values())),
            "best_on_evaluation": _best_on_evaluation(runs, pooled["evaluation"]),
        },
        "seconds_per_epoch": _seconds_per_epoch(runs, training.n_runs),
    }


def steps_of(training: Training, folds: Sequence[Fold]) -> dict[str, int]:
    """Return how many steps each network of the fold with the fewest clips took: in an epoch, and in all."""
    n_train = min(fold.n_train for fold in folds)
    per_epoch = -(-n_train // int(training.config["batch_size"]))
    n_epochs = int(training.config["n_epochs"]) + int(training.config.get("warm_up_epochs", 0))
    return {"per_epoch": per_epoch, "in_all": per_epoch * n_epochs}


def one_answer_runs(by_run: Sequence[dict[str, Any]]) -> list[int]:
    """Return the numbers of the runs that call every held-out clip the same: they have learned nothing."""
    return [row["run"] for row in by_run if row["n_called_fake"] in (0, row["n"])]


def pool_folds(runs: Sequence[DetectorRun], part: str) -> dict[int, dict[str, Any]]:
    """Return run number -> its metrics over all folds: counts are added up, ROC-AUC is the mean over folds.

    part: validation or evaluation. Scores of different folds come from different networks, so that a ROC over all of
    them is another thing: `detector.ml.report` has it.
    """
    by_number: dict[int, list[dict[str, Any]]] = {}
    for run in runs:
        by_number.setdefault(run.number, []).append(getattr(run, part))
    return {number: _added_up(metrics) for number, metrics in by_number.items()}


def _by_run(pooled: dict[str, dict[int, dict[str, Any]]]) -> list[dict[str, Any]]:
    return [
        {
            "run": number,
            "validation_accuracy": pooled["validation"][number]["accuracy"],
            "n": metrics["n"],
            "n_called_fake": metrics["hits"] + metrics["false_alarms"],
            **{measure: metrics[measure] for measure in MEASURES},
        }
        for number, metrics in sorted(pooled["evaluation"].items())
    ]


def _added_up(metrics: Sequence[dict[str, Any]]) -> dict[str, Any]:
    counts = {name: sum(each[name] for each in metrics) for name in COUNTS}
    n_fake, n_real = counts["hits"] + counts["misses"], counts["false_alarms"] + counts["correct_rejections"]
    return {
        **counts,
        "n": n_fake + n_real,
        "accuracy": (counts["hits"] + counts["correct_rejections"]) / (n_fake + n_real),
        "balanced_accuracy": (
            (counts["hits"] / n_fake + counts["correct_rejections"] / n_real) / 2 if n_fake and n_real else None
        ),
        "roc_auc": mean_known([each["roc_auc"] for each in metrics]),
    }


def summary(metrics: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return mean and SD (n - 1) over runs of each measure; None where a run does not have it."""
    result: dict[str, Any] = {}
    for measure in MEASURES:
        values = [each[measure] for each in metrics]
        known = values and all(value is not None for value in values)
        mean, sd = mean_and_sd(values) if known else (None, None)
        result[measure] = {"mean": mean, "sd": sd, "n": len(values)}
    return result


def confusion(metrics: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the confusion matrix averaged over runs: mean counts, and each as a fraction of the set. Truth in rows."""
    counts = {name: sum(each[name] for each in metrics) / len(metrics) for name in COUNTS}
    n = sum(metrics[0][name] for name in COUNTS)  # every run has the same clips
    cells = {
        "real": {"real": counts["correct_rejections"], "fake": counts["false_alarms"]},
        "fake": {"real": counts["misses"], "fake": counts["hits"]},
    }
    return {
        "n": n,
        "counts": cells,
        "of_set": {truth: {called: value / n for called, value in row.items()} for truth, row in cells.items()},
    }


def _best_on_evaluation(runs: Sequence[DetectorRun], pooled: dict[int, dict[str, Any]]) -> dict[str, Any]:
    """Return the matrix that the paper shows: of the run with the highest evaluation accuracy over all folds."""
    best = max(pooled, key=lambda number: (pooled[number]["accuracy"], -number))
    folds = {run.fold.number for run in runs}
    return {
        **confusion([pooled[best]]),
        "fold": folds.pop() if len(folds) == 1 else None,
        "run": best,
        "note": "chosen on the evaluation set, as in the paper: too good by construction",
    }


def _seconds_per_epoch(runs: Sequence[DetectorRun], n_runs: int) -> dict[str, Any]:
    """Return the training time of an epoch, mean over folds: of all runs together, and divided by their number."""
    mean, _ = mean_and_sd([run.seconds_per_epoch for run in runs])
    return {"all_runs": mean, "per_run": mean / n_runs, "n_runs": n_runs}


def _name(run: DetectorRun) -> dict[str, Any]:
    return {"fold": run.fold.number, "run": run.number}


def _run(run: DetectorRun) -> dict[str, Any]:
    return {
        **_name(run),
        "seed": run.seed,
        "chosen_epoch": run.chosen_epoch,
        "validation": run.validation,
        "evaluation": run.evaluation,
        "seconds_per_epoch_all_runs": run.seconds_per_epoch,
        "checkpoint_sha256": run.checkpoint_sha256,
    }
