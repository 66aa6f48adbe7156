"""A training's report as lines of text, and as rows of a table."""

from typing import Any

RUN_COLUMNS = (
    "fold",
    "run",
    "chosen_epoch",
    "validation_accuracy",
    "evaluation_accuracy",
    "evaluation_balanced_accuracy",
    "evaluation_roc_auc",
)


def report_lines(report: dict[str, Any]) -> list[str]:
    """Return the report for a terminal."""
    sizes = ", ".join(
        f"{fold['n_train']} train, {fold['n_validation']} validation, {fold['n_evaluation']} evaluation"
        for fold in report["folds"]
    )
    lines = [f"Training {report['training']}: {report['encoder']} on {report['set']}, protocol {report['protocol']}"]
    lines += [f"  Caution: {line}" for line in report["caution"].splitlines()]
    lines += [f"  Clips: {sizes}", "  Run  epoch  validation  evaluation  balanced  ROC-AUC"]
    for row in run_rows(report):
        numbers = "".join(f"{_share(value):>{width}}" for value, width in zip(row[3:], (12, 12, 10, 9), strict=True))
        lines.append(f"  {row[1]:>3}{row[2]:>7}{numbers}")
    evaluation = report["evaluation"]
    lines.append(
        f"  Evaluation accuracy over {len(report['runs'])} runs: {_spread(evaluation['accuracy'])}; "
        f"balanced {_spread(evaluation['balanced_accuracy'])}; ROC-AUC {_spread(evaluation['roc_auc'])}"
    )
    best = ", ".join(str(each["run"]) for each in report["best_by_validation"])
    lines.append(f"  Best run by validation accuracy: {best}")
    lines += _matrix("averaged over runs", report["confusion"]["averaged_over_runs"])
    chosen = report["confusion"]["best_on_evaluation"]
    lines += _matrix(f"run {chosen['run']}, {chosen['note']}", chosen)
    return lines


def run_rows(report: dict[str, Any]) -> list[list[Any]]:
    """Return one row for each run, under RUN_COLUMNS; unrounded."""
    return [
        [
            run["fold"],
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


def _matrix(title: str, matrix: dict[str, Any]) -> list[str]:
    lines = [f"  Confusion matrix, percent of the evaluation clips, truth in rows ({title}):"]
    lines.append(f"    {'':<6}{'called real':>13}{'called fake':>13}")
    for row in matrix_rows(matrix):
        real, fake = row["called_real"]["percent"], row["called_fake"]["percent"]
        lines.append(f"    {row['truth']:<6}{real:>12.1f}%{fake:>12.1f}%")
    return lines


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _spread(value: dict[str, Any]) -> str:
    if value["mean"] is None:
        return "-"
    return f"{value['mean']:.3f}" + ("" if value["sd"] is None else f" (SD {value['sd']:.3f})")
