"""What the measures of a detector are called, on pages and in the terminal, and how their values are written."""

from collections.abc import Mapping
from typing import Any

from studyapp.reports.numbers import DASH, number, percent

MEASURE_WORDS = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "roc_auc": "ROC-AUC",
    "eer": "equal error rate",
    "average_precision": "average precision",
    "tpr_at_fpr_01": "fakes found at 1 % false alarms",
    "brier": "Brier score",
    "ece": "expected calibration error",
}
FEATURE_WORDS = {
    "level_dbfs": "level",
    "peak_dbfs": "peak",
    "dc_offset": "DC offset",
    "bandwidth_hz": "bandwidth",
    "longest_zero_run_s": "longest run of zeros",
    "leading_silence_s": "leading silence",
}
LOWER_IS_BETTER = ("eer", "brier", "ece")
FEW_CLUSTERS = 20
FEW_CLUSTERS_WORDS = (
    "With fewer than 20 clusters of a kind intervals are too narrow and p too small; with one there are none."
)


def heading_of(measure: str) -> str:
    """Return a measure's name as a heading.

    >>> heading_of("eer"), heading_of("roc_auc")
    ('Equal error rate', 'ROC-AUC')
    """
    words = MEASURE_WORDS[measure]
    return words[0].upper() + words[1:]


def words_of(measure: str) -> str:
    """Return a measure's name as a heading, saying where less is better.

    >>> words_of("eer")
    'Equal error rate (lower is better)'
    """
    return heading_of(measure) + (" (lower is better)" if measure in LOWER_IS_BETTER else "")


def has_few_clusters(counts: Mapping[str, Any]) -> bool:
    """Return whether there are too few clusters of a kind for an interval to be trusted.

    >>> has_few_clusters({"n_clusters_fake": 30, "n_clusters_real": 19})
    True
    """
    return bool(min(counts["n_clusters_fake"], counts["n_clusters_real"]) < FEW_CLUSTERS)


def share(value: float | None) -> str:
    """Return a measure with three digits, or a dash.

    >>> share(0.91249), share(None)
    ('0.912', '–')
    """
    return number(value, 3)


def difference(value: float | None) -> str:
    """Return a difference of measures with its sign and three digits, or a dash.

    >>> difference(0.0249), difference(-0.5), difference(0.0001), difference(None)
    ('+0.025', '−0.500', '0.000', '–')
    """
    text = number(value, 3)
    return f"+{text}" if value is not None and value > 0 and float(text) else text


def interval(low: float | None, high: float | None, *, is_difference: bool = False) -> str:
    """Return both ends of an interval, or a dash.

    >>> interval(0.5, 0.75), interval(-0.1, 0.2, is_difference=True)
    ('0.500 to 0.750', '−0.100 to +0.200')
    """
    words = difference if is_difference else share
    return DASH if low is None or high is None else f"{words(low)} to {words(high)}"


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
