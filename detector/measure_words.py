"""What the measures of a detector are called on pages, and which way is better."""

from typing import Any

from studyapp.reports.numbers import DASH, number, percent

MEASURE_WORDS = {
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "roc_auc": "ROC-AUC",
    "eer": "Equal error rate",
    "average_precision": "Average precision",
    "tpr_at_fpr_01": "Fakes found at 1 % false alarms",
    "brier": "Brier score",
    "ece": "Expected calibration error",
}
LOWER_IS_BETTER = ("eer", "brier", "ece")


def words_of(measure: str) -> str:
    """Return a measure's name, saying where less is better.

    >>> words_of("eer")
    'Equal error rate (lower is better)'
    """
    return MEASURE_WORDS[measure] + (" (lower is better)" if measure in LOWER_IS_BETTER else "")


def share(value: float | None) -> str:
    """Return a measure as pages show it: three digits, or a dash.

    >>> share(0.91249), share(None)
    ('0.912', '–')
    """
    return number(value, 3)


def interval(low: float | None, high: float | None) -> str:
    """Return both ends of an interval, or a dash.

    >>> interval(0.5, 0.75)
    '0.500 to 0.750'
    """
    return DASH if low is None or high is None else f"{number(low, 3)} to {number(high, 3)}"


def level_words(level: float) -> str:
    """Return a level such as 95 %.

    >>> level_words(0.95)
    '95 %'
    """
    return percent(level, 0)


def overall_rows(overall: dict[str, dict[str, Any]]) -> list[dict[str, str]]:
    """Return `overall` of a report, measure by measure, as texts."""
    return [
        {
            "measure": words_of(measure),
            "mean": share(values["mean"]),
            "sd": share(values.get("sd")),
            "interval": interval(values.get("low"), values.get("high")),
        }
        for measure, values in overall.items()
    ]
