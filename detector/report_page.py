"""A training's report as its page shows it: the numbers of the JSON as texts, and the charts. Rounding happens here."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from detector.measure_words import (
    FEATURE_WORDS,
    MEASURE_WORDS,
    has_few_clusters,
    heading_of,
    level_words,
    overall_rows,
    share,
)
from detector.report_charts import draw_calibration, draw_heat_map, draw_quality, draw_roc
from detector.selectors.report_text import doubts
from detector.selectors.reports import MAX_CONTROLS
from detector.selectors.runs import NO_SYSTEMS, has_dealt_labels
from studyapp.reports.numbers import DASH, counted, number, percent

Row = dict[str, Any]
OUTCOMES = {
    ("real", "real"): "correct_rejection",
    ("real", "fake"): "incorrect_positive",
    ("fake", "real"): "incorrect_negative",
    ("fake", "fake"): "hit",
}
AXES = {
    "frechet": ("Fréchet audio distance", "(lower is nearer to the recordings)"),
    "official": ("official score",),
}
AGAINST = {"frechet": "Fréchet audio distance", "official": "official score"}
CONTROLS = {
    "permuted_labels": "labels dealt at random: should be at chance",
    "random_weights": "an encoder whose weights were drawn: what the front-end alone gives",
}
PARTS = {
    "end_to_end": "end to end: stored file to score",
    "network": "networks only",
    "head": "the detector's own network only",
}


def quick_parts(report: Row, timing: Row | None) -> Row:
    """Return what is there without the computed report: Table II and the confusion matrices.

    timing: the latest of the encoder, or None.
    """
    # Nobody is led from a matrix of dealt labels to clips: they are no errors.
    pk = None if has_dealt_labels(report["config"]) else report["training"]
    averaged, best = report["confusion"]["averaged_over_runs"], report["confusion"]["best_on_evaluation"]
    return {
        "doubts": doubts(report),
        "table2": _table2(report, timing),
        "confusions": [
            {
                "title": f"Averaged over {counted(report['evaluation']['accuracy']['n'], 'run')}",
                "note": "A cell leads to the clips of the run that is best by validation." if pk else "",
                **_matrix(averaged, pk, ""),
            },
            {"title": f"Run {best['run']}", "note": best["note"].capitalize() + ".", **_matrix(best, pk, best["run"])},
        ],
    }


def full_parts(report: Row) -> Row:
    """Return every section of a computed report; a section is None where the report has nothing for it."""
    held_out, is_of_dealt_labels = report["held_out"], has_dealt_labels(report["config"])
    pk = None if is_of_dealt_labels else report["training"]
    return {
        "no_systems": NO_SYSTEMS if is_of_dealt_labels else "",
        "held_out": held_out,
        "few_clusters": has_few_clusters(held_out),
        "level": level_words(report["overall"]["accuracy"]["level"]),
        "n_resamples": report["overall"]["accuracy"]["n_resamples"],
        "overall": overall_rows(report["overall"]),
        "by_fold": _by_fold(report),
        "roc": _roc(report),
        "calibration": _calibration(report),
        "categories": [_category(row, pk) for row in report["by_category"]],
        "systems": _systems(report, pk) if pk else None,
        "quality": [_quality(row) for row in report["quality"]] if pk else [],
        "frechet": _frechet(report["frechet"]) if pk else None,
        "audit": _audit(report),
        "controls": [_control(row) for row in report["negative_controls"]],
        "most_controls": MAX_CONTROLS if len(report["negative_controls"]) == MAX_CONTROLS else None,
        "timing": _timing(report["timing"]),
    }


def clips_address(pk: int, **filters: object) -> str:
    """Return the address of a training's held-out clips, of one kind."""
    return f"{reverse('detector:gallery', args=[pk])}?{urlencode(filters)}"


def _table2(report: Row, timing: Row | None) -> Row:
    """Return Table II: accuracies over runs, time for an epoch, and time for a clip where it was measured."""
    epoch = report["seconds_per_epoch"]
    return {
        "n_runs": epoch["n_runs"],
        "accuracies": [
            (words, _percent_spread(report[part]["accuracy"]))
            for part, words in (("evaluation", "Evaluation accuracy"), ("validation", "Validation accuracy"))
        ],
        "epoch_all": f"{number(epoch['all_runs'], 3)} s",
        "epoch_divided": f"{number(epoch['per_run'], 4)} s",
        "inference": [
            (words, f"{_spread(timing[part]['percent_of_real_time'], timing[part]['percent_sd'], 2)} %")
            for part, words in PARTS.items()
            if timing[part]
        ]
        if timing
        else [],
        "timed": f"{counted(timing['n_runs'], 'time')} on {timing['machine']} ({timing['device']})" if timing else "",
    }


def _percent_spread(value: Row) -> str:
    """Return a mean over runs in percent, with its SD where there are several."""
    if value["mean"] is None:
        return DASH
    return f"{_spread(100 * value['mean'], value['sd'] and 100 * value['sd'], 2)} %"


def _matrix(matrix: Row, pk: int | None, run: object) -> Row:
    rows = []
    for truth, called in matrix["counts"].items():
        cells = [
            {
                "clips": number(called[each], 0 if float(called[each]).is_integer() else 1),
                "percent": percent(matrix["of_set"][truth][each], 1),
                "address": pk
                and clips_address(pk, outcome=OUTCOMES[(truth, each)], **({"run": run} if run != "" else {})),
            }
            for each in ("real", "fake")
        ]
        rows.append({"truth": truth, "cells": cells})
    return {"n": f"{matrix['n']:g}", "rows": rows}


def _by_fold(report: Row) -> Row | None:
    if len(report["by_fold"]) < 2:
        return None
    rows = [
        {
            "name": row["name"] or f"fold {row['fold'] + 1}",
            "n": row["n"],
            "values": [share(row[m]) for m in MEASURE_WORDS],
        }
        for row in report["by_fold"]
    ]
    return {"measures": [heading_of(measure) for measure in MEASURE_WORDS], "rows": rows}


def _roc(report: Row) -> Row | None:
    roc = report["roc"]
    if roc is None:
        return None
    points = roc["points"]
    step = max(1, len(points) // 20)
    return {
        "chart": draw_roc(points),
        "points": [(share(x), share(y)) for x, y in [*points[:-1:step], points[-1]]],
        "tpr": share(roc["tpr_at_fpr_01"]),
        "runs": _runs(roc["runs"]),
    }


def _calibration(report: Row) -> Row:
    found = report["calibration"]
    return {
        "chart": draw_calibration(found["bins"]),
        "rows": [
            {
                "scores": f"{number(each['low'], 1)} to {number(each['high'], 1)}",
                "n": each["n"],
                "mean_score": share(each["mean_score"]),
                "share_fake": share(each["share_fake"]),
            }
            for each in found["bins"]
        ],
        "brier": share(found["brier"]),
        "ece": share(found["ece"]),
        "runs": _runs(found["runs"]),
    }


def _runs(runs: list[Row]) -> str:
    """Return which runs a curve is of, in words."""
    if len(runs) == 1:
        return f"run {runs[0]['run']}, the best by validation"
    return f"the best run by validation of each of {len(runs)} folds"


def _category(row: Row, pk: int | None) -> Row:
    return {
        **row,
        "accuracy": percent(row["accuracy"]),
        "balanced_accuracy": percent(row["balanced_accuracy"]),
        "chosen": percent(row["accuracy_best_on_evaluation"]),
        "address": pk and clips_address(pk, outcome="errors", category=row["category"]),
    }


def _systems(report: Row, pk: int) -> Row | None:
    short = report["systems"]
    if not short:
        return None
    cells = [
        {**cell, "clips": clips_address(pk, outcome="fake", system=cell["system"], category=cell["category"])}
        for cell in report["by_system_category"]
    ]
    worst_eer = short["worst_eer"]
    return {
        "n": short["n"],
        "mean_hit_rate": percent(short["mean_hit_rate"]),
        "worst": short["worst"]["system"],
        "worst_hit_rate": percent(short["worst"]["hit_rate"]),
        "mean_eer": percent(short["mean_eer"]),
        "worst_eer": f"{percent(worst_eer['eer'])} ({worst_eer['system']})" if worst_eer else DASH,
        "rows": [_system(row, pk) for row in report["by_system"]],
        "chart": draw_heat_map(cells),
        **_grid(cells, [row["system"] for row in report["by_system"]]),
    }


def _system(row: Row, pk: int) -> Row:
    return {
        **row,
        "hit_rate": percent(row["hit_rate"]),
        "roc_auc": share(row["roc_auc"]),
        "eer": percent(row["eer"]),
        "bce": share(row["bce"]),
        "address": clips_address(pk, outcome="fake", system=row["system"]),
    }


def _grid(cells: list[Row], systems: list[str]) -> Row:
    """Return the heat map's numbers: a row for each system, a cell for each category, None where it made nothing."""
    categories = sorted({cell["category"] for cell in cells})
    found = {(cell["system"], cell["category"]): cell for cell in cells}
    rows = []
    for system in systems:
        places = [found.get((system, category)) for category in categories]
        values = [
            each and {"hit_rate": percent(each["hit_rate"], 0), "n": each["n"], "address": each["clips"]}
            for each in places
        ]
        rows.append({"system": system, "cells": values})
    return {"grid_categories": categories, "grid": rows}


def _quality(row: Row) -> Row:
    def correlation(found: Row | None) -> str:
        if not found or found["r"] is None:
            return DASH
        if found["low"] is None:
            return number(found["r"])
        return f"{number(found['r'])} ({number(found['low'])} to {number(found['high'])})"

    return {
        "id": f"quality-{row['against']}-{row['track']}",
        "against": AGAINST[row["against"]],
        "track": "all tracks" if row["track"] == "all" else f"track {row['track']}",
        "is_all": row["track"] == "all",
        "n": row["n"],
        "pearson": correlation(row["pearson"]),
        "spearman": correlation(row["spearman"]),
        "chart": draw_quality(row["points"], axis=AXES[row["against"]]) if row["track"] == "all" else None,
        "points": [
            {"system": p["system"], "track": p["track"], "value": share(p["value"]), "bce": share(p["bce"])}
            for p in row["points"]
        ],
    }


def _frechet(found: Row) -> Row:
    if "left_out" in found:
        return found
    categories = sorted(found["reference_n"])
    return {
        "reference": found["reference"],
        "categories": [(each, found["reference_n"][each]) for each in categories],
        "rows": [
            {
                "system": row["system"],
                "track": row["track"],
                "mean": share(row["mean"]),
                "n_categories": f"{row['n_categories']} of {len(categories)}",
                "values": [share((row["by_category"].get(each) or {}).get("value")) for each in categories],
            }
            for row in found["systems"]
        ],
    }


def _audit(report: Row) -> Row:
    found: Row = report["shortcut_audit"]
    if "left_out" in found:
        return found
    return {
        "rows": [
            {
                "measure": row["measure"],
                "mean": row["mean"],
                "interval": row["interval"],
                "detector": share(report["overall"][measure]["mean"]),
            }
            for measure, row in zip(found["overall"], overall_rows(found["overall"]), strict=True)
        ],
        "coefficients": [
            (FEATURE_WORDS.get(c["feature"], c["feature"]), number(c["mean"], 2)) for c in found["coefficients"]
        ],
    }


def _control(row: Row) -> Row:
    overall = row["overall"]
    return {
        "training": row["training"],
        "encoder": row["encoder"],
        "what": CONTROLS[row["kind"]],
        "values": [share(overall[measure]) for measure in ("accuracy", "balanced_accuracy", "roc_auc")]
        if overall
        else None,
    }


def _timing(found: Row | None) -> Row | None:
    if not found:
        return None
    return {
        **{name: found[name] for name in ("device", "machine", "n_runs", "network_means")},
        "duration": number(found["clip"]["duration_s"], 1),
        "rows": [
            {
                "part": words,
                "percent": _spread(found[part]["percent_of_real_time"], found[part]["percent_sd"], 2),
                "ms": _spread(1000 * found[part]["mean_s"], found[part]["sd_s"] and 1000 * found[part]["sd_s"], 1),
            }
            for part, words in PARTS.items()
            if found[part]
        ],
    }


def _spread(mean: float, sd: float | None, digits: int) -> str:
    return number(mean, digits) + ("" if sd is None else f" (SD {number(sd, digits)})")
