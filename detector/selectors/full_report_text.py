"""The whole report of a training, and a comparison of several, as lines of text."""

from collections.abc import Mapping
from typing import Any

from detector.selectors.report_text import head_lines, matrix_lines, run_lines, share, spread
from studyapp.reports.numbers import counted

MEASURE_WORDS = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "roc_auc": "ROC-AUC",
    "eer": "EER",
    "average_precision": "average precision",
    "tpr_at_fpr_01": "TPR at 1 % FPR",
    "brier": "Brier score",
    "ece": "calibration error",
}
FEW_CLUSTERS = 20


def full_report_lines(report: Mapping[str, Any]) -> list[str]:
    """Return the report for a terminal: Tables I to III, intervals, systems, audit, quality and controls."""
    report = dict(report)
    parts = (
        head_lines(report),
        run_lines(report),
        ["", "Table I", *matrix_lines(report)],
        ["", "Table II", *_table2(report)],
        ["", "Table III: accuracy by category", *_table3(report)],
        ["", *_intervals(report)],
        ["", *_systems(report)],
        ["", *_audit(report["shortcut_audit"], report["overall"])],
        ["", *_quality(report)],
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
        lines.append(f"  {words:<20}{spread(value):<20}{_interval(value)}")
    lines.append(f"  {100 * options['level']:g} % intervals, cluster bootstrap, {options['n_resamples']} resamples")
    if min(held["n_clusters_fake"], held["n_clusters_real"]) < FEW_CLUSTERS:
        lines.append("  With so few clusters the intervals are too narrow; with a single one there are none.")
    return lines


def _systems(report: Mapping[str, Any]) -> list[str]:
    short, frechet = report["systems"], report["frechet"]
    if short is None:
        return ["Systems: no held-out fake names its system."]
    distances = {row["system"]: row["mean"] for row in frechet.get("systems", [])}
    lines = [
        f"{counted(short['n'], 'system')}: mean hit rate {share(short['mean_hit_rate'])}, worst "
        f"{share(short['worst']['hit_rate'])} ({short['worst']['system']}); mean EER {share(short['mean_eer'])}"
        + (
            f", worst {share(short['worst_eer']['eer'])} ({short['worst_eer']['system']})" if short["worst_eer"] else ""
        ),
        f"  {'System':<26}{'track':>6}{'n':>7}{'hits':>8}{'BCE':>8}{'ROC-AUC':>9}{'EER':>8}{'FAD':>10}",
    ]
    for row in report["by_system"]:
        distance = distances.get(row["system"])
        values = (row["hit_rate"], row["bce"], row["roc_auc"], row["eer"])
        numbers = "".join(f"{share(value):>{width}}" for value, width in zip(values, (8, 8, 9, 8), strict=True))
        fad = "-" if distance is None else f"{distance:.2f}"
        lines.append(f"  {row['system'][:25]:<26}{row['track']:>6}{row['n']:>7}{numbers}{fad:>10}")
    if "left_out" in frechet:
        return [*lines, f"  Fréchet distances left out: {frechet['left_out']}"]
    return [
        *lines,
        f"  FAD against {frechet['reference']}; categories below {frechet['min_clips']} clips are left out.",
    ]


def _audit(audit: Mapping[str, Any], overall: Mapping[str, Any]) -> list[str]:
    if "left_out" in audit:
        return [f"Shortcut audit left out: {audit['left_out']}"]
    lines = ["Shortcut audit: a logistic regression on " + ", ".join(audit["features"]) + " alone reaches"]
    for measure in ("balanced_accuracy", "roc_auc", "eer"):
        value = audit["overall"][measure]
        lines.append(
            f"  {MEASURE_WORDS[measure]:<20}{share(value['mean']):<8}{_interval(value):<18}"
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
    if not report["negative_controls"]:
        return ["Negative controls: none was trained on this set by this protocol."]
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
    names = {row["training"]: f"{row['training']} ({row['encoder']})" for row in comparison["trainings"]}
    lines = ["Over runs, Mann-Whitney on evaluation accuracy. Seed variability: says nothing about new data."]
    for row in comparison["seed_variability"]:
        lines.append(
            f"  {names[row['a']]} {share(row['mean_a'])} against {names[row['b']]} {share(row['mean_b'])}: "
            f"U = {row['u']:g}, p = {_p(row['p'])}, Holm {_p(row['p_holm'])}"
        )
    lines += ["", "Over the clips that both held out, paired cluster bootstrap of the difference:"]
    for row in comparison["paired"]:
        lines.append(
            f"  {names[row['a']]} less {names[row['b']]}, {MEASURE_WORDS[row['measure']]}: "
            f"{_signed(row['difference'])} {_interval(row, signed=True)}, p = {_p(row['p'])}, "
            f"Holm {_p(row['p_holm'])}, {counted(row['n_clips'], 'clip')}"
        )
    for row in comparison["left_out"]:
        lines.append(f"  {names[row['a']]} and {names[row['b']]} left out: {row['reason']}")
    return lines


def _correlation(found: Mapping[str, Any]) -> str:
    if found["r"] is None:
        return "-"
    return f"{_signed(found['r'])} {_interval(found, signed=True)}".strip()


def _interval(value: Mapping[str, Any], *, signed: bool = False) -> str:
    if value["low"] is None:
        return ""
    low, high = ((_signed if signed else share)(value[end]) for end in ("low", "high"))
    return f"[{low}, {high}]"


def _signed(value: float | None) -> str:
    return "-" if value is None else f"{value:+.3f}"


def _p(value: float | None) -> str:
    return "-" if value is None else "<.001" if value < 0.001 else f"{value:.3f}"


def _percent_spread(value: Mapping[str, Any]) -> str:
    return "-" if value["mean"] is None else _percent(100 * value["mean"], value["sd"] and 100 * value["sd"], digits=2)


def _percent(mean: float, sd: float | None, *, digits: int) -> str:
    return f"{mean:.{digits}f}" + ("" if sd is None else f" ± {sd:.{digits}f}") + " %"
