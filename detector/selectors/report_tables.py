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
    distances = {row["system"]: row for row in report["frechet"].get("systems", [])}
    official = (report["options"]["official"] or {}).get("scores", {})
    return [
        {
            **row,
            "frechet": distances.get(row["system"], {}).get("mean"),
            "frechet_n_categories": distances.get(row["system"], {}).get("n_categories"),
            "official": official.get(row["system"]),
        }
        for row in report["by_system"]
    ]


COMPARISON_COLUMNS = (
    "kind",
    "a",
    "b",
    "measure",
    "mean_a",
    "mean_b",
    "difference",
    "low",
    "high",
    "level",
    "u",
    "effect",
    "p",
    "p_least",
    "p_holm",
    "n_a",
    "n_b",
    "n_clips",
    "n_fake",
    "n_real",
    "n_clusters_fake",
    "n_clusters_real",
    "reason",
)


def comparison_rows(comparison: Row) -> list[Row]:
    """Return one row for each comparison of a pair, over seeds, then over clips, then the pairs that were left out.

    Every row has every column of COMPARISON_COLUMNS, None where it has nothing for it; `reason` is why a pair was left
    out.
    """
    seeds = [
        {"kind": "seed_variability", "measure": "accuracy", "difference": row["mean_a"] - row["mean_b"], **row}
        for row in comparison["seed_variability"]
    ]
    paired = [{"kind": "paired", **row} for row in comparison["paired"]]
    return [{name: row.get(name) for name in COMPARISON_COLUMNS} for row in [*seeds, *paired, *comparison["left_out"]]]
