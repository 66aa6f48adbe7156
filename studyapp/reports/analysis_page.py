"""What the analysis page shows, in words and rounded numbers, so that its templates compute nothing."""

from typing import Any

from studyapp.reports.analysis_charts import draw_reasons
from studyapp.reports.analysis_sentences import FEW_LISTENERS, answer_sentences, few_listeners
from studyapp.reports.analysis_tests import scope_of, tests_page
from studyapp.reports.methods_text import methods_texts
from studyapp.reports.numbers import counted, cut_to_shares, number, number_interval, p_value, percent, percent_interval
from studyapp.reports.paper_panel import paper_panel
from studyapp.reports.people_page import people_page
from studyapp.reports.reasons_page import reasons_page
from studyapp.reports.scales_page import pairs_page, ratings_page
from studyapp.vocab import Origin, category_words

WHOSE_WORDS = {
    Origin.LIVE: "live participants",
    Origin.IMPORTED: "imported",
    Origin.PILOT: "pilots",
    Origin.PREVIEW: "previews",
    Origin.BOT: "simulated participants",
}
TRUTH_WORDS = {"fake": "fake", "real": "real"}
CUT = (
    "An interval of the t distribution around a mean of shares has no bounds; it is cut here to what a share can be. "
    "The JSON keeps it whole."
)
SHOWN_LISTENERS = 2000  # rows of the page's longest table
UNITS = (
    ("by_listener", "The paper’s own test, over listeners", "It speaks about other listeners who hear these clips."),
    ("by_clip", "The same over clips", "It speaks about other clips of this kind, heard by these listeners."),
)


def analysis_page(analysis: dict[str, Any], generalise: str | None = None) -> dict[str, Any]:
    """Return the template's context for one analysis; `generalise` as answer_sentences has it."""
    return {
        **people_page(analysis),
        "sentences": answer_sentences(analysis, generalise),
        **tests_page(analysis, scope_of(analysis, generalise)),
        "includes_excluded": analysis["includes_excluded"],
        "leaves_out_flagged": analysis["leaves_out_flagged"],
        "cautions": analysis["cautions"],
        "has_answers": bool(analysis["counts"]["n_judgements"]),
        "origin": analysis["origin"],
        "origin_words": WHOSE_WORDS[Origin(analysis["origin"])],
        "is_data": analysis["is_data"],
        "includes_incomplete": analysis["includes_incomplete"],
        "leaves_out_in_doubt": analysis["leaves_out_in_doubt"],
        "plan": analysis["plan"],
        "deviations": analysis["deviations"],
        "switches": origin_switches(analysis),
        "classes": [_class_row(truth, result) for truth, result in analysis["classes"].items()],
        "panels": [_panel(analysis["classes"], *unit) for unit in UNITS],
        "naive": _naive_rows(analysis["classes"]),
        "naive_warning": analysis["classes"]["fake"]["naive_test"]["warning"],
        "discrimination": _discrimination(analysis["discrimination"]),
        "ratings": ratings_page(analysis["ratings"]),
        "pairs": pairs_page(analysis["pairs"]),
        "categories": [_category_row(row) for row in analysis["categories"]],
        "reasons": reasons_page(analysis["reasons"]),
        "reason_chart": draw_reasons(analysis["reasons"]),
        "machines": [_machine(machine) for machine in analysis["machines"]],
        "paper": paper_panel(analysis),
        "methods": methods_texts(analysis),
    }


def origin_switches(analysis: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the origins that have sessions; the one shown is always among them."""
    counts = dict(analysis["origins"])
    counts.setdefault(analysis["origin"], 0)
    return [
        {
            "origin": origin,
            "words": f"{WHOSE_WORDS[Origin(origin)]} ({counted(n, 'session')})",
            "is_current": origin == analysis["origin"],
        }
        for origin, n in counts.items()
    ]


def _class_row(truth: str, result: dict[str, Any]) -> dict[str, Any]:
    return {
        "truth": TRUTH_WORDS[truth],
        "n_clips": result["n_clips"],
        "correct": f"{result['n_correct']} of {result['n_judgements']}",
        "percent": percent(result["proportion_correct"]),
        "interval": percent_interval(result["wilson_interval"]),
    }


def _panel(classes: dict[str, Any], unit: str, title: str, note: str) -> dict[str, Any]:
    rows, cuts = [], False
    for truth, result in classes.items():
        panel = result["section_vi"][unit]
        shown, cut = cut_to_shares(panel["interval"])
        cuts = cuts or bool(cut)
        rows.append(
            {
                "truth": TRUTH_WORDS[truth],
                "n": panel["n_units"],
                "mean": percent(panel["mean"]),
                "sd": percent(panel["sd"]),
                "interval": percent_interval(shown) + (f" ({cut})" if cut else ""),
                "d": number(panel["effect_size_d"]),
                "t": number(panel["t"]),
                "df": "–" if panel["df"] is None else panel["df"],
                "p_two_sided": p_value(panel["p_two_sided"]),
                "p_greater": p_value(panel["p_greater"]),
            }
        )
    notes = [CUT] if cuts else []
    n_listeners = max(result["section_vi"]["by_listener"]["n_units"] for result in classes.values())
    if unit == "by_listener" and 1 < n_listeners < FEW_LISTENERS:
        notes.append(few_listeners(counted(n_listeners, "listener")))
    return {"title": title, "note": note, "rows": rows, "notes": notes}


def _naive_rows(classes: dict[str, Any]) -> list[dict[str, str]]:
    return [
        {
            "truth": TRUTH_WORDS[truth],
            "z": number(result["naive_test"]["z"]),
            "p": p_value(result["naive_test"]["p_two_sided"]),
            "z_continuity": number(result["naive_test"]["z_continuity_corrected"]),
            "p_continuity": p_value(result["naive_test"]["p_continuity_corrected"]),
            "exact": p_value(result["naive_test"]["exact_p_two_sided"]),
            "design_effect": number(result["naive_test"]["design_effect"], 1),
        }
        for truth, result in classes.items()
    ]


def _discrimination(found: dict[str, Any]) -> dict[str, Any]:
    pooled, over = found["pooled"], found["over_listeners"]
    return {
        "correction": found["correction"],
        "without": counted(over["n_listeners_without"], "listener") if over["n_listeners_without"] else "",
        "rows": [
            {
                "name": name,
                "n": over[key]["n_units"],
                "mean": number(over[key]["mean"]),
                "sd": number(over[key]["sd"]),
                "interval": number_interval(over[key]["interval"]),
                "t": number(over[key]["t"]),
                "p": p_value(over[key]["p_two_sided"]),
                "pooled": number(pooled[key]),
            }
            for name, key in (("d′ (sensitivity)", "d_prime"), ("c (criterion)", "criterion_c"))
        ],
        "left_out": counted(max(len(found["listeners"]) - SHOWN_LISTENERS, 0), "listener"),
        "leaves_out": len(found["listeners"]) > SHOWN_LISTENERS,
        "listeners": [
            {
                "listener": row["listener"],
                "hit_rate": percent(row["hit_rate"]),
                "false_alarm_rate": percent(row["false_alarm_rate"]),
                "d_prime": number(row["d_prime"]),
                "criterion_c": number(row["criterion_c"]),
            }
            for row in found["listeners"][:SHOWN_LISTENERS]
        ],
    }


def _category_row(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "category": category_words(row["category"]),
        "truth": TRUTH_WORDS[row["truth"]],
        "n_clips": row["n_clips"],
        "correct": f"{row['n_correct']} of {row['n_judgements']}",
        "percent": percent(row["proportion_correct"]),
        "interval": percent_interval(row["wilson_interval"]),
        "mean": percent(row["by_clip"]["mean"]),
        "over_clips": percent_interval(cut_to_shares(row["by_clip"]["interval"])[0]),
        "p": p_value(row["by_clip"]["p_two_sided"]),
        "p_bh": p_value(row["p_bh"]),
        "p_holm": p_value(row["p_holm"]),
    }


def _machine(machine: dict[str, Any]) -> dict[str, Any]:
    return {
        "slug": machine["machine"],
        "title": machine["title"],
        "clips": counted(machine["n_clips"], "clip"),
        "n_clips": machine["n_clips"],
        "not_judged": counted(machine["n_clips_not_judged_by_machine"], "clip")
        if machine["n_clips_not_judged_by_machine"]
        else "",
        "cautions": machine["cautions"],
        "rows": [
            {
                "truth": TRUTH_WORDS[truth],
                "n_clips": row["n_clips"],
                "machine": _of(row["machine_right"], row["n_clips"]),
                "majority": _of(row["majority_right"], row["n_clips"]),
                "ties": row["ties"],
            }
            for truth, row in machine["by_truth"].items()
        ],
    }


def _of(n: int, total: int) -> str:
    return f"{n} of {total} ({percent(n / total)})" if total else "–"
