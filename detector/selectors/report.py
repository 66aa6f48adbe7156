"""What a training showed: every run, their mean and spread, and confusion matrices."""

from collections.abc import Sequence
from typing import Any

from detector.ml.metrics import mean_and_sd
from detector.models import DetectorRun, Training
from detector.selectors.runs import chosen_runs, needs_done

MEASURES = ("accuracy", "balanced_accuracy", "roc_auc")
COUNTS = ("hits", "misses", "false_alarms", "correct_rejections")


def training_report(training: Training) -> dict[str, Any]:
    """Return everything that `report_detectors` prints; fractions, unrounded, ready for JSON.

    Raises InvalidAction unless the training is done.
    """
    needs_done(training)
    runs = list(training.runs.select_related("fold"))
    folds = list(training.folds.all())
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
        "best_by_validation": [_name(run) for run in chosen_runs(training, "best")],
        "validation": summary(_over_folds(runs, "validation")),
        "evaluation": summary(_over_folds(runs, "evaluation")),
        "confusion": {
            "averaged_over_runs": confusion(list(_pooled(runs).values())),
            "best_on_evaluation": _best_on_evaluation(runs),
        },
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
    # Whole counts are added first: the sum of the means would miss the whole number that it is by rounding.
    n = sum(each[name] for each in metrics for name in COUNTS) / len(metrics)
    cells = {
        "real": {"real": counts["correct_rejections"], "fake": counts["false_alarms"]},
        "fake": {"real": counts["misses"], "fake": counts["hits"]},
    }
    return {
        "n": n,
        "counts": cells,
        "of_set": {truth: {called: value / n for called, value in row.items()} for truth, row in cells.items()},
    }


def _by_number(runs: Sequence[DetectorRun]) -> dict[int, list[DetectorRun]]:
    """Return run number -> its network in each fold."""
    numbered: dict[int, list[DetectorRun]] = {}
    for run in runs:
        numbered.setdefault(run.number, []).append(run)
    return numbered


def _over_folds(runs: Sequence[DetectorRun], split: str) -> list[dict[str, Any]]:
    """Return each run's measures, averaged over its folds, each fold counting once; None where a fold has none."""
    rows = []
    for same in _by_number(runs).values():
        metrics = [getattr(run, split) for run in same]
        means = {measure: [each[measure] for each in metrics] for measure in MEASURES}
        rows.append({name: None if None in found else sum(found) / len(found) for name, found in means.items()})
    return rows


def _pooled(runs: Sequence[DetectorRun]) -> dict[int, dict[str, int]]:
    """Return the counts of each run over the clips that its folds held out."""
    return {
        number: {name: sum(run.evaluation[name] for run in same) for name in COUNTS}
        for number, same in _by_number(runs).items()
    }


def _best_on_evaluation(runs: Sequence[DetectorRun]) -> dict[str, Any]:
    """Return the matrix that the paper shows: of the run with the highest evaluation accuracy, over all folds."""
    pooled = _pooled(runs)
    best = max(pooled, key=lambda number: (pooled[number]["hits"] + pooled[number]["correct_rejections"], -number))
    return {
        **confusion([pooled[best]]),
        "run": best,
        "note": "chosen on the evaluation set, as in the paper: too good by construction",
    }


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
