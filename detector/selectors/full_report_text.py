"""The whole report of a training, and a comparison of several, as lines of text."""

from collections.abc import Mapping
from typing import Any

from detector.measure_words import (
    FEATURE_WORDS,
    FEW_CLUSTERS_WORDS,
    MEASURE_WORDS,
    difference,
    has_few_clusters,
    interval,
    share,
)
from detector.selectors.report_text import head_lines, matrix_lines, run_lines, spread
from detector.selectors.runs import NO_SYSTEMS, has_dealt_labels
from studyapp.reports.numbers import DASH, counted, p_statement, p_value

MEASURE_WIDTH = max(len(words) for words in MEASURE_WORDS.values())


def full_report_lines(report: Mapping[str, Any]) -> list[str]:
    """Return the report for a terminal: Tables I to III, intervals, systems, audit, quality and controls."""
    report = dict(report)
    is_control = has_dealt_labels(report["config"])
    parts = (
        head_lines(report),
        run_lines(report),
        ["", "Table I", *matrix_lines(report)],
        ["", "Table II", *_table2(report)],
        ["", "Table III: accuracy by category", *_table3(report)],
        ["", *_intervals(report)],
        *([["", f"Systems are left out: {NO_SYSTEMS}."]] if is_control else [["", *_systems(report)]]),
        ["", *_audit(report["shortcut_audit"], report["overall"])],
        *([] if is_control else [["", *_quality(report)]]),
        ["", *_controls(report)],
    )
    return [line for part in parts for line in part]


def _table2(report: Mapping[str, Any]) -> list[str]:
    epoch = report["seconds_per_epoch"]
    return [
        f"  Evaluation accuracy {_percent_spread(report['evaluation']['accuracy'])}, "
        f"validation accuracy {_percent_spread(report['validation']['accuracy'])}, "
        f"mean and SD over {counted(epoch['n_runs'], 'run')}",
        f"  Training time of an epoch: {epoch['all_runs']:.3f} s for all runs together, "
        f"{epoch['per_run']:.4f} s divided by the number of runs",
        *_timing(report["timing"]),
    ]


def _timing(timing: Mapping[str, Any] | None) -> list[str]:
    if timing is None:
        return ["  Inference was not timed."]
    words = {"end_to_end": "end to end (file to score)", "network": "networks only", "head": "head only"}
    found = [
        f"{words[part]} {_percent(timing[part]['percent_of_real_time'], timing[part]['percent_sd'], digits=3)}"
        for part in words
        if timing[part]
    ]
    clip = timing["clip"]
    return [
        f"  Inference in percent of real time, {counted(timing['n_runs'], 'run')}: {'; '.join(found)}",
        f"    one clip at a time ({clip['name']}, {clip['duration_s']:.2f} s), {timing['device']}: {timing['machine']}",
        f"    timed {timing['created_at'][:10]}; it is the encoder's, whatever it was trained for (--anew: once more)",
    ]


def _table3(report: Mapping[str, Any]) -> list[str]:
    best = report["confusion"]["best_on_evaluation"]["run"]
    lines = [f"  {'Category':<24}{'fake':>7}{'real':>7}{f'run {best}':>10}{'mean':>9}{'balanced':>10}"]
    for row in report["by_category"]:
        values = (row["accuracy_best_on_evaluation"], row["accuracy"], row["balanced_accuracy"])
        numbers = "".join(f"{share(value):>{width}}" for value, width in zip(values, (10, 9, 10), strict=True))
        lines.append(f"  {row['category']:<24}{row['n_fake']:>7}{row['n_real']:>7}{numbers}")
    return [*lines, f"  Run {best} was chosen on the evaluation set, as in the paper; means are over all runs."]


def _intervals(report: Mapping[str, Any]) -> list[str]:
    held, overall = report["held_out"], report["overall"]
    options = report["options"]
    lines = [
        f"On {counted(held['n'], 'held-out clip')} of {counted(held['n_folds'], 'fold')} ({held['n_fake']} fake, "
        f"{held['n_real']} real): mean over runs (SD), and interval over {held['n_clusters_fake']} clusters of fakes "
        f"({held['clusters']['fake']}) and {held['n_clusters_real']} of recordings ({held['clusters']['real']})",
    ]
    for measure, words in MEASURE_WORDS.items():
        value = overall[measure]
        lines.append(f"  {words:<{MEASURE_WIDTH}}  {spread(value):<20}{interval(value['low'], value['high'])}")
    lines.append(f"  {100 * options['level']:g} % intervals, cluster bootstrap, {options['n_resamples']} resamples")
    if has_few_clusters(held):
        lines.append(f"  {FEW_CLUSTERS_WORDS}")
    return lines


def _systems(report: Mapping[str, Any]) -> list[str]:
    short, frechet = report["systems"], report["frechet"]
    if short is None:
        return ["Systems: no held-out fake names its system."]
    distances = {row["system"]: row for row in frechet.get("systems", [])}
    n_categories = len(frechet.get("reference_n", ()))
    lines = [
        f"{counted(short['n'], 'system')}: mean hit rate {share(short['mean_hit_rate'])}, worst "
        f"{share(short['worst']['hit_rate'])} ({short['worst']['system']}); mean EER {share(short['mean_eer'])}"
        + (
            f", worst {share(short['worst_eer']['eer'])} ({short['worst_eer']['system']})" if short["worst_eer"] else ""
        ),
        f"  {'System':<26}{'track':>6}{'n':>7}{'hits':>8}{'BCE':>8}{'ROC-AUC':>9}{'EER':>8}{'FAD (categories)':>18}",
    ]
    for row in report["by_system"]:
        values = (row["hit_rate"], row["bce"], row["roc_auc"], row["eer"])
        numbers = "".join(f"{share(value):>{width}}" for value, width in zip(values, (8, 8, 9, 8), strict=True))
        fad = _distance(distances.get(row["system"]), n_categories)
        lines.append(f"  {row['system'][:25]:<26}{row['track']:>6}{row['n']:>7}{numbers}{fad:>18}")
    if "left_out" in frechet:
        return [*lines, f"  Fréchet distances left out: {frechet['left_out']}"]
    return [
        *lines,
        f"  FAD against {frechet['reference']}; categories below {frechet['min_clips']} clips are left out.",
    ]


def _distance(row: Mapping[str, Any] | None, n_categories: int) -> str:
    """Return a system's mean distance, and of how many of the categories it is a mean."""
    if row is None or row["mean"] is None:
        return DASH
    return f"{row['mean']:.2f} ({row['n_categories']} of {n_categories})"


def _audit(audit: Mapping[str, Any], overall: Mapping[str, Any]) -> list[str]:
    if "left_out" in audit:
        return [f"Shortcut audit left out: {audit['left_out']}"]
    lines = [
        "Shortcut audit: a logistic regression on "
        + ", ".join(FEATURE_WORDS.get(each, each) for each in audit["features"])
        + " alone reaches"
    ]
    for measure in ("balanced_accuracy", "roc_auc", "eer"):
        value = audit["overall"][measure]
        lines.append(
            f"  {MEASURE_WORDS[measure]:<20}{share(value['mean']):<8}{interval(value['low'], value['high']):<18}"
            f"the detector: {share(overall[measure]['mean'])}"
        )
    return lines


def _quality(report: Mapping[str, Any]) -> list[str]:
    if not report["quality"]:
        return ["BCE by system against quality: there are no systems with both numbers."]
    lines = ["Mean BCE of a system's fakes (low: easy to detect) against its quality"]
    for row in report["quality"]:
        found = "; ".join(f"{name.capitalize()} {_correlation(row[name])}" for name in ("spearman", "pearson"))
        against = "Fréchet distance" if row["against"] == "frechet" else report["options"]["official"]["name"]
        lines.append(f"  {against}, track {row['track']}, {counted(row['n'], 'system')}: {found}")
    return lines


def _controls(report: Mapping[str, Any]) -> list[str]:
    if not report["negative_controls"] and report["negative_control"]:
        return ["Negative controls: this training is one itself."]
    if not report["negative_controls"]:
        return [
            "Negative controls: none was trained on this set by this protocol. train_detectors --permute-labels makes",
            "  one, and so does a training on an encoder whose name ends in /random-weights.",
        ]
    lines = ["Negative controls (nothing, or little, can be learned):"]
    for row in report["negative_controls"]:
        words = f"  {row['kind'].replace('_', ' ')}, training {row['training']} ({row['encoder']}): "
        if row["overall"] is None:
            lines.append(words + "has no report yet")
        else:
            means = row["overall"]
            lines.append(words + f"balanced accuracy {share(means['balanced_accuracy'])}, EER {share(means['eer'])}")
    return lines


def comparison_lines(comparison: Mapping[str, Any]) -> list[str]:
    """Return the comparison for a terminal."""
    names = {
        row["training"]: f"{row['training']} ({row['encoder']}, {row['protocol']}"
        + (", negative control)" if row["negative_control"] else ")")
        for row in comparison["trainings"]
    }
    lines = ["Over runs, Mann-Whitney on evaluation accuracy. Seed variability: says nothing about new data."]
    for row in comparison["seed_variability"]:
        lines.append(
            f"  {names[row['a']]} {share(row['mean_a'])} against {names[row['b']]} {share(row['mean_b'])}: "
            f"U = {row['u']:g}, {p_statement(row['p'])} (from {row['n_a']} and {row['n_b']} runs "
            f"{p_value(row['p_least'])} at least), Holm {p_value(row['p_holm'])}"
        )
    lines += _left_out(comparison, "seed_variability", names)
    lines += ["", "Over the clips that both held out, paired cluster bootstrap of the difference:"]
    for row in comparison["paired"]:
        ends = interval(row["low"], row["high"], is_difference=True)
        lines.append(
            f"  {names[row['a']]} less {names[row['b']]}, {MEASURE_WORDS[row['measure']]}: "
            f"{difference(row['difference'])} ({ends}), {p_statement(row['p'])}, Holm {p_value(row['p_holm'])}, "
            f"{counted(row['n_clips'], 'clip')} in {counted(row['n_clusters_fake'], 'cluster')} of fakes and "
            f"{row['n_clusters_real']} of recordings"
        )
    if any(has_few_clusters(row) for row in comparison["paired"]):
        lines.append(f"  {FEW_CLUSTERS_WORDS}")
    return lines + _left_out(comparison, "paired", names)


def _left_out(comparison: Mapping[str, Any], kind: str, names: Mapping[int, str]) -> list[str]:
    rows = [row for row in comparison["left_out"] if row["kind"] == kind]
    return [f"  {names[row['a']]} and {names[row['b']]} left out: {row['reason']}" for row in rows]


def _correlation(found: Mapping[str, Any] | None) -> str:
    if found is None or found["r"] is None:
        return f"{DASH} (too few systems, or all alike)"
    between = "" if found["low"] is None else f" ({interval(found['low'], found['high'], is_difference=True)})"
    return f"{difference(found['r'])}{between}"


def _percent_spread(value: Mapping[str, Any]) -> str:
    return DASH if value["mean"] is None else _percent(100 * value["mean"], value["sd"] and 100 * value["sd"], digits=2)


def _percent(mean: float, sd: float | None, *, digits: int) -> str:
    return f"{mean:.{digits}f}" + ("" if sd is None else f" ± {sd:.{digits}f}") + " %"
