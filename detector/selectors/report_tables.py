"""A training's report as the paper's Tables I to III, its systems, and comparisons, as rows of CSV; unrounded."""

from typing import Any

Row = dict[str, Any]


def table1_rows(report: Row) -> list[Row]:
    """Return Table I: the confusion matrices in percent of the held-out clips, truth in rows."""
    rows = []
    for name, matrix in report["confusion"].items():
        for truth, called in matrix["of_set"].items():
            rows.append(
                {
                    "matrix": name,
                    "run": matrix.get("run", ""),
                    "truth": truth,
                    "called_real_percent": 100 * called["real"],
                    "called_fake_percent": 100 * called["fake"],
                    "n": matrix["n"],
                }
            )
    return rows


def table2_rows(report: Row) -> list[Row]:
    """Return Table II: accuracies over runs, time for an epoch, and time for a clip in percent of its duration."""
    timing = report["timing"] or {}
    row: Row = {
        "n_runs": report["evaluation"]["accuracy"]["n"],
        "evaluation_accuracy_mean": report["evaluation"]["accuracy"]["mean"],
        "evaluation_accuracy_sd": report["evaluation"]["accuracy"]["sd"],
        "validation_accuracy_mean": report["validation"]["accuracy"]["mean"],
        "validation_accuracy_sd": report["validation"]["accuracy"]["sd"],
        "epoch_s_all_runs_together": report["seconds_per_epoch"]["all_runs"],
        "epoch_s_divided_by_runs": report["seconds_per_epoch"]["per_run"],
    }
    for part in ("end_to_end", "network", "head"):
        found = timing.get(part) or {}
        row[f"{part}_percent_of_real_time"] = found.get("percent_of_real_time")
        row[f"{part}_percent_sd"] = found.get("percent_sd")
    row["timing_runs"] = timing.get("n_runs")
    row["device"], row["machine"] = timing.get("device"), timing.get("machine")
    return [row]


def table3_rows(report: Row) -> list[Row]:
    """Return Table III: each category's accuracy, of the paper's choice of run and averaged over runs."""
    return list(report["by_category"])


def system_rows(report: Row) -> list[Row]:
    """Return each system with its Fréchet distance and official score, where there are any."""
    distances = {row["system"]: row["mean"] for row in report["frechet"].get("systems", [])}
    official = (report["options"]["official"] or {}).get("scores", {})
    return [
        {**row, "frechet": distances.get(row["system"]), "official": official.get(row["system"])}
        for row in report["by_system"]
    ]


def comparison_rows(comparison: Row) -> list[Row]:
    """Return one row for each comparison of a pair: over seeds, then over clips."""
    seeds = [
        {
            "kind": "seed variability (says nothing about new data)",
            "a": row["a"],
            "b": row["b"],
            "measure": "accuracy",
            "mean_a": row["mean_a"],
            "mean_b": row["mean_b"],
            "difference": row["mean_a"] - row["mean_b"],
            "low": None,
            "high": None,
            "u": row["u"],
            "p": row["p"],
            "p_holm": row["p_holm"],
            "n_clips": None,
        }
        for row in comparison["seed_variability"]
    ]
    names = ("a", "b", "measure", "mean_a", "mean_b", "difference", "low", "high")
    paired = [
        {
            "kind": "paired cluster bootstrap",
            **{name: row[name] for name in names},
            "u": None,
            "p": row["p"],
            "p_holm": row["p_holm"],
            "n_clips": row["n_clips"],
        }
        for row in comparison["paired"]
    ]
    return seeds + paired
