"""Identification by class of truth: counts, interval, the tests of section VI, and the naive test with its warning."""

from dataclasses import asdict
from typing import Any

import pandas as pd

from studyapp.stats.multiple import benjamini_hochberg, holm
from studyapp.stats.proportions import exact_binomial_p, proportion_z_test, wilson_interval
from studyapp.stats.section_vi import section_vi_panel
from studyapp.vocab import Label

CHANCE = 0.5
NAIVE_ASSUMPTION = "assumes independent trials"
NAIVE_WARNING = (
    "Answers of one listener resemble each other, and so do answers about one clip. This test ignores both and "
    "finds effects that are not there far more often than it says. Read the tests that hold instead."
)


def class_result(frame: pd.DataFrame, truth: Label) -> dict[str, Any]:
    """Return everything said of the clips of one class of truth; None wherever a number is not defined."""
    judged = frame[frame["truth"] == truth.value]
    k, n = int(judged["is_correct"].sum()), len(judged)
    by_listener = _panel(judged, "listener")
    return {
        "n_correct": k,
        "n_judgements": n,
        "n_clips": int(judged["clip"].nunique()),
        "n_listeners": int(judged["listener"].nunique()),
        "proportion_correct": k / n if n else None,
        "wilson_interval": interval_dict(wilson_interval(n_successes=k, n_trials=n)),
        "section_vi": {
            "by_listener": by_listener,
            "by_clip": _panel(judged, "clip"),
        },
        "naive_test": {**_naive_test(k, n), "design_effect": _design_effect(by_listener, k, n)},
    }


def category_results(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return one row per category and class of truth that was judged, sorted by both.

    Each is tested over its clips; `p_holm` and `p_bh` are corrected for the number of rows that have a test.
    """
    rows: list[dict[str, Any]] = []
    for (category, truth), judged in frame.groupby(["category", "truth"], sort=True):
        k, n = int(judged["is_correct"].sum()), len(judged)
        rows.append(
            {
                "category": category,
                "truth": truth,
                "n_clips": int(judged["clip"].nunique()),
                "n_correct": k,
                "n_judgements": n,
                "proportion_correct": k / n,
                "wilson_interval": interval_dict(wilson_interval(n_successes=k, n_trials=n)),
                "by_clip": _panel(judged, "clip"),
                "p_holm": None,
                "p_bh": None,
            }
        )
    tested = [row for row in rows if row["by_clip"]["p_two_sided"] is not None]
    p_values = [row["by_clip"]["p_two_sided"] for row in tested]
    for row, p_holm, p_bh in zip(tested, holm(p_values), benjamini_hochberg(p_values), strict=True):
        row["p_holm"], row["p_bh"] = p_holm, p_bh
    return rows


def interval_dict(interval: Any) -> dict[str, float] | None:
    return asdict(interval) if interval is not None else None


def _panel(judged: pd.DataFrame, unit: str) -> dict[str, Any]:
    shares = judged.groupby(unit, sort=True)["is_correct"].mean()
    return asdict(section_vi_panel([float(share) for share in shares], chance=CHANCE))


def _design_effect(by_listener: dict[str, Any], k: int, n: int) -> float | None:
    """Return the variance of the mean over listeners over that of as many independent answers (Kish 1965)."""
    if by_listener["sd"] is None or k in (0, n):
        return None
    return float(by_listener["sd"] ** 2 / by_listener["n_units"] / (k * (n - k) / n**3))


def _naive_test(k: int, n: int) -> dict[str, Any]:
    """Return the pooled tests, two-sided and against "no better than chance"."""
    two_sided = proportion_z_test(n_successes=k, n_trials=n, null=CHANCE)
    greater = proportion_z_test(n_successes=k, n_trials=n, null=CHANCE, alternative="greater")
    corrected = proportion_z_test(n_successes=k, n_trials=n, null=CHANCE, is_continuity_corrected=True)
    return {
        "assumption": NAIVE_ASSUMPTION,
        "warning": NAIVE_WARNING,
        "null": CHANCE,
        "z": two_sided.z,
        "p_two_sided": two_sided.p_value,
        "p_greater": greater.p_value,
        "z_continuity_corrected": corrected.z,
        "p_continuity_corrected": corrected.p_value,
        "exact_p_two_sided": exact_binomial_p(n_successes=k, n_trials=n, null=CHANCE),
        "exact_p_greater": exact_binomial_p(n_successes=k, n_trials=n, null=CHANCE, alternative="greater"),
    }
