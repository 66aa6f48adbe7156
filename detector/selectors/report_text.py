"""The quick report of a training as lines of text, and as rows of a table."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from detector.measure_words import share
from detector.selectors.report import one_answer_runs
from studyapp.reports.numbers import counted

RUN_COLUMNS = (
    "fold",
    "held_out",
    "run",
    "chosen_epoch",
    "validation_accuracy",
    "evaluation_accuracy",
    "evaluation_balanced_accuracy",
    "evaluation_roc_auc",
)
MEASURES = ("accuracy", "balanced_accuracy", "roc_auc")


def report_lines(report: dict[str, Any]) -> list[str]:
    """Return the quick report for a terminal."""
    return [*head_lines(report), *run_lines(report), *_roc_auc_note(report), *matrix_lines(report)]


def head_lines(report: dict[str, Any]) -> list[str]:
    """Return what was trained, and the clips of each fold; with several folds, how each did."""
    lines = [f"Training {report['training']}: {report['encoder']} on {report['set']}, protocol {report['protocol']}"]
    lines += [f"  Caution: {line}" for line in report["caution"].splitlines()]
    if report["config"].get("permute_labels"):
        lines.append("  Negative control: the labels were dealt anew by chance; a ROC-AUC far from .5 is a leak")
    folds = report["folds"]
    lines += [f"  Caution: {line}" for line in doubts(report)]
    lines += _fold_lines(folds) if len(folds) > 1 else [f"  Clips: {fold_sizes(folds[0])}"]
    return [*lines, *(f"  {line}" for line in group_lines(folds))]


def run_lines(report: dict[str, Any]) -> list[str]:
    """Return one line for each run, all folds together, then their mean and spread."""
    epochs = {run["run"]: run["chosen_epoch"] for run in report["runs"]} if len(report["folds"]) == 1 else {}
    lines = ["  Run  epoch  validation  evaluation  balanced  ROC-AUC"]
    for row in report["by_run"]:
        values = [row["validation_accuracy"], *(row[measure] for measure in MEASURES)]
        numbers = "".join(f"{share(value):>{width}}" for value, width in zip(values, (12, 12, 10, 9), strict=True))
        lines.append(f"  {row['run']:>3}{epochs.get(row['run'], '-'):>7}{numbers}")
    evaluation = report["evaluation"]
    lines.append(
        f"  Evaluation accuracy over {len(report['by_run'])} runs: {spread(evaluation['accuracy'])}; "
        f"balanced {spread(evaluation['balanced_accuracy'])}; ROC-AUC {spread(evaluation['roc_auc'])}"
    )
    names = [fold["name"] for fold in report["folds"]]
    best = runs_in_words([each["run"] for each in report["best_by_validation"]], names)
    lines.append(f"  Best by validation accuracy: {best}")
    return lines


def runs_in_words(numbers: Sequence[int], fold_names: Sequence[str]) -> str:
    """Return which run was taken, or for each fold, named by what it holds out, which.

    >>> runs_in_words([3], [""]), runs_in_words([1, 2], ["gen-a", "gen-b"])
    ('run 3', 'run 1 for gen-a, 2 for gen-b')
    """
    if len(numbers) == 1:
        return f"run {numbers[0]}"
    return "run " + ", ".join(f"{number} for {name}" for number, name in zip(numbers, fold_names, strict=True))


def _roc_auc_note(report: dict[str, Any]) -> list[str]:
    if len(report["folds"]) == 1:
        return []
    return ["  ROC-AUC here is the mean over folds; report_detectors has it over all held-out clips together."]


FEW_STEPS = 1000  # in all; the paper's corpus gives 16,900


def doubts(report: dict[str, Any]) -> list[str]:
    """Return why the networks may not have learned what they could, in sentences; empty where nothing says so."""
    steps, same = report["n_steps"], one_answer_runs(report["by_run"])
    found = []
    if steps["in_all"] < FEW_STEPS:
        found.append(
            f"each network took {counted(steps['per_epoch'], 'step')} an epoch, {steps['in_all']} in all (on the "
            "paper's corpus 169 and 16,900), and may have learned little of what its clips could teach. Take more "
            "clips, or more epochs."
        )
    if same:
        runs = f"run {same[0]} calls" if len(same) == 1 else f"runs {', '.join(map(str, same))} call"
        found.append(f"{runs} every held-out clip the same.")
    return found


def fold_sizes(fold: dict[str, Any]) -> str:
    """Return how many clips each split of a fold has, in words."""
    n_unused = fold["facts"].get("n_unused", 0)
    left_out = f", {n_unused} left out" if n_unused else ""
    return f"{fold['n_train']} train, {fold['n_validation']} validation, {fold['n_evaluation']} evaluation{left_out}"


def group_lines(folds: Sequence[dict[str, Any]]) -> list[str]:
    """Return, in words, how many recordings and teams stand in two splits of a fold, which systems are nowhere trained
    on or evaluated, and why clips were left out."""
    lines = []
    for kind, word in (("source", "recordings"), ("team", "teams")):
        counts = [fold["facts"]["groups"][kind] for fold in folds if fold["facts"].get("groups")]
        if counts and counts[0]["n"]:
            most = max(counts, key=lambda count: count["n_split"])
            at_most = "up to " if len(folds) > 1 and most["n_split"] else ""
            lines.append(f"{at_most}{most['n_split']} of {most['n']} {word} stand in two splits".capitalize())
    lines += _generator_lines(folds)
    reasons: Counter[str] = Counter()
    for fold in folds:
        reasons.update(fold["facts"].get("unused", {}))
    return lines + [f"Left out {n} times: {reason}" for reason, n in sorted(reasons.items())]


def _generator_lines(folds: Sequence[dict[str, Any]]) -> list[str]:
    """Return which systems no fold trains on, and which none evaluates. Trainings of earlier versions do not say."""
    found = [fold["facts"]["generators"] for fold in folds if "generators" in fold["facts"]]
    lines = []
    for which, words in (("not_trained", "trained on"), ("not_evaluated", "evaluated")):
        if names := sorted(set.intersection(*(set(each[which]) for each in found))) if found else []:
            of_all = f"{len(names)} of {counted(found[0]['n'], 'system')}"
            lines.append(f"No clip of {of_all} is {words}: {', '.join(names)}")
    return lines


def run_rows(report: dict[str, Any]) -> list[list[Any]]:
    """Return one row for each network, under RUN_COLUMNS; unrounded."""
    names = {fold["number"]: fold["name"] for fold in report["folds"]}
    return [
        [
            run["fold"],
            names[run["fold"]],
            run["run"],
            run["chosen_epoch"],
            run["validation"]["accuracy"],
            run["evaluation"]["accuracy"],
            run["evaluation"]["balanced_accuracy"],
            run["evaluation"]["roc_auc"],
        ]
        for run in report["runs"]
    ]


def matrix_rows(matrix: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a confusion matrix for a page: truth, and under called_real and called_fake clips and percent of all."""
    return [
        {
            "truth": truth,
            **{
                f"called_{called}": {"clips": row[called], "percent": 100 * matrix["of_set"][truth][called]}
                for called in ("real", "fake")
            },
        }
        for truth, row in matrix["counts"].items()
    ]


def _fold_lines(folds: Sequence[dict[str, Any]]) -> list[str]:
    """Return a line for each fold: its sizes and the mean over its runs. The runs themselves are in runs.csv."""
    width = max(len("Held out"), *(len(fold["name"]) for fold in folds))
    lines = [f"  {'Held out':<{width}}  train  valid.  eval.  unused  accuracy  balanced  ROC-AUC  (means of the runs)"]
    for fold in folds:
        sizes = (fold["n_train"], fold["n_validation"], fold["n_evaluation"], fold["facts"].get("n_unused", 0))
        counts = "".join(f"{size:>{n}}" for size, n in zip(sizes, (7, 8, 7, 8), strict=True))
        means = [fold["evaluation"][measure]["mean"] for measure in ("accuracy", "balanced_accuracy", "roc_auc")]
        numbers = "".join(f"{share(mean):>{n}}" for mean, n in zip(means, (10, 10, 9), strict=True))
        lines.append(f"  {fold['name']:<{width}}{counts}{numbers}")
    return lines


def matrix_lines(report: dict[str, Any]) -> list[str]:
    """Return Table I: both confusion matrices."""
    chosen = report["confusion"]["best_on_evaluation"]
    return [
        *_matrix("averaged over runs", report["confusion"]["averaged_over_runs"]),
        *_matrix(f"run {chosen['run']}, {chosen['note']}", chosen),
    ]


def _matrix(title: str, matrix: dict[str, Any]) -> list[str]:
    lines = [f"  Confusion matrix, percent of the evaluation clips, truth in rows ({title}):"]
    lines.append(f"    {'':<6}{'called real':>13}{'called fake':>13}")
    for row in matrix_rows(matrix):
        real, fake = row["called_real"]["percent"], row["called_fake"]["percent"]
        lines.append(f"    {row['truth']:<6}{real:>12.1f}%{fake:>12.1f}%")
    return lines


def spread(value: dict[str, Any]) -> str:
    """Return a mean with its SD, as far as they are known.

    >>> spread({"mean": 0.5, "sd": None}), spread({"mean": 0.5, "sd": 0.1})
    ('0.500', '0.500 (SD 0.100)')
    """
    return share(value["mean"]) + ("" if value["sd"] is None else f" (SD {share(value['sd'])})")
