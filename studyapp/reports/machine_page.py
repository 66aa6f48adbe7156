"""What the page of listeners and machines shows, in words and rounded numbers: its templates compute nothing."""

from collections.abc import Mapping
from typing import Any

from studyapp.reports.analysis_page import WHOSE_WORDS, origin_switches
from studyapp.reports.machine_charts import MOST_DOTS, draw_crowds, draw_shares
from studyapp.reports.machine_sentences import machine_sentences
from studyapp.reports.methods_text import methods_texts
from studyapp.reports.numbers import DASH, counted, number, number_interval, p_value, percent
from studyapp.vocab import Origin, category_words

Row = dict[str, Any]
ALL = "all"
WHO_WORDS = {
    ALL: "all clips",
    "both_right": "both right",
    "only_human_right": "only the majority of listeners right",
    "only_machine_right": "only the machine right",
    "both_wrong": "both wrong",
    "ties_machine_right": "listeners tied, machine right",
    "ties_machine_wrong": "listeners tied, machine wrong",
}
BY_WORDS = {"truth": "fake or real", "category": "category", "generator": "generator, fakes only"}
TRUTH_ROWS = (("fake", "fakes"), ("real", "real sounds"))


def machines_head(analysis: Row) -> Row:
    """Return whose answers the page is about, as the results page has it."""
    return {
        "origin_words": WHOSE_WORDS[Origin(analysis["origin"])],
        "switches": origin_switches(analysis),
        "has_answers": analysis["counts"]["n_judgements"] > 0,
        "methods": methods_texts(analysis),
        "is_data": analysis["is_data"],
        "cautions": analysis["cautions"],
        # Every switch that the analysis was made by.
        **{name: value for name, value in analysis.items() if name.startswith(("includes_", "leaves_out_"))},
    }


def machine_list(machines: list[Row], *, current: Row) -> list[Row]:
    """Return one row for each machine of the study, which says how it does and which one is shown."""
    return [
        {
            "slug": each["machine"],
            "title": each["title"],
            "is_current": each is current,
            "n_clips": each["n_clips"],
            "fakes": _of(each["by_truth"]["fake"]["machine_right"], each["by_truth"]["fake"]["n_clips"]),
            "reals": _of(each["by_truth"]["real"]["machine_right"], each["by_truth"]["real"]["n_clips"]),
            "machine_auc": number(each["areas"]["machine"]["auc"]) if each["areas"]["machine"] else DASH,
            "crowd_auc": number(each["areas"]["crowd"]["auc"]) if each["areas"]["crowd"] else DASH,
        }
        for each in machines
    ]


def machine_page(machine: Row, *, sounds: Mapping[int, str]) -> Row:
    """Return what the page shows of one machine, but for the table of its clips. sounds: addresses by clip."""
    n_scored = machine["n_clips_with_score"]
    return {
        "slug": machine["machine"],
        "title": machine["title"],
        "n_clips": machine["n_clips"],
        "clips": counted(machine["n_clips"], "clip"),
        "not_judged": counted(machine["n_clips_not_judged_by_machine"], "clip")
        if machine["n_clips_not_judged_by_machine"]
        else "",
        "seed": machine["seed"],
        "is_corrected": _is_corrected(machine),
        "cautions": machine["cautions"],
        "sentences": machine_sentences(machine),
        "shares_chart": f"shares-{machine['machine']}",
        "crowd_chart": f"crowd-{machine['machine']}",
        "scatter": draw_shares(machine["clips"], sounds=sounds, threshold=machine["threshold"]),
        "thinned": counted(n_scored, "clip") if n_scored > MOST_DOTS else "",
        "no_scores": "" if n_scored else machine["areas"]["why"],
        "correlations": _correlations(machine["correlations"]),
        "areas": _areas(machine["areas"]),
        "overlap": _overlap(machine),
        "consistency": _consistency(machine["error_consistency"]),
        "interactions": [_interaction(each) for each in machine["interactions"] if each["strata"]],
        # The same sentence once, whatever number of tables it stands for.
        "no_interactions": list(dict.fromkeys(each["why"] for each in machine["interactions"] if not each["strata"])),
        "crowd": _crowd(machine["crowd"], machine["by_truth"]),
        "combination": _combination(machine["combination"]),
    }


def clip_list(machine: Row, *, who: str) -> list[Row]:
    """Return the clips about which those are right, the ones on which listeners and machine differ most first."""
    found = [clip for clip in machine["clips"] if who in (ALL, clip["who_is_right"])]
    return sorted(found, key=lambda clip: (-_disagreement(clip), clip["name"], clip["clip"]))


def clip_row(clip: Row, *, sounds: Mapping[int, str]) -> Row:
    """Return a row of the table of clips. `sound` is None where the clip is in the study's set no more."""
    return {
        "sound": sounds.get(clip["clip"]),
        "name": clip["name"],
        "truth": clip["truth"],
        "category": clip["category"],
        "generator": clip["generator"] or DASH,
        "share": percent(clip["share_fake"]),
        "of": f"{clip['n_fake']} of {clip['n_judgements']}",
        "score": number(clip["fake_score"], 3),
        "decision": clip["decision"],
        "who": WHO_WORDS[clip["who_is_right"]],
    }


def _disagreement(clip: Row) -> float:
    said = clip["fake_score"] if clip["fake_score"] is not None else float(clip["decision"] == "fake")
    return float(abs(clip["share_fake"] - said))


def _correlations(found: Row) -> list[Row]:
    return [
        {
            "truth": words,
            "n_clips": found[truth]["n_clips"],
            "rho": number(found[truth]["rho"]),
            "interval": number_interval(found[truth]["interval"]),
            "p": _p(found[truth], "p_two_sided"),
            "reliability": number(found[truth]["reliability"]),
            "ceiling": number(found[truth]["ceiling"]),
            "why": found[truth]["why"],
        }
        for truth, words in TRUTH_ROWS
    ]


def _areas(areas: Row) -> Row:
    if areas["crowd"] is None:
        return {"rows": [], "why": areas["why"]}
    difference = areas["crowd_minus_machine"]
    rows = [_area_row("Listeners", areas["crowd"]), _area_row("Machine", areas["machine"])]
    rows.append(_difference_row("Listeners less machine", difference))
    return {"rows": rows, "why": areas["why"], "n_fake": areas["n_fake"], "n_real": areas["n_real"]}


def _area_row(name: str, area: Row) -> Row:
    return {"name": name, "auc": number(area["auc"], 3), "interval": number_interval(area["interval"], 3), "p": ""}


def _difference_row(name: str, found: Row) -> Row:
    interval, p = number_interval(found["interval"], 3), _p(found, "p_two_sided")
    return {"name": name, "auc": number(found["difference"], 3), "interval": interval, "p": p}


def _p(found: Row, name: str) -> str:
    """Return the p-value, and in brackets what Holm's correction over the machines makes of it."""
    corrected = found.get("p_holm")
    return p_value(found[name]) + ("" if corrected is None else f" ({p_value(corrected)})")


def _is_corrected(machine: Row) -> bool:
    """Whether some p-value of the machine has one beside it that is corrected over the machines."""
    tested = (machine["mcnemar"], machine["areas"]["crowd_minus_machine"], *machine["correlations"].values())
    return any(found is not None and found["p_holm"] is not None for found in tested)


def _overlap(machine: Row) -> Row:
    test = machine["mcnemar"]
    return {
        "rows": [{"who": who, "words": WHO_WORDS[who], "n": n} for who, n in machine["overlap"].items()],
        "p_exact": _p(test, "p_exact"),
        "p_mid": p_value(test["p_mid"]),
        "why": test["why"],
    }


def _consistency(found: Row) -> Row:
    return {
        "n_clips": counted(found["n_clips"], "clip"),
        "observed": percent(found["observed"]),
        "expected": percent(found["expected"]),
        "kappa": number(found["kappa"]),
        "interval": number_interval(found["interval"]),
        "bounds": DASH if found["low"] is None else f"{number(found['low'])} to {number(found['high'])}",
        "why": found["why"],
    }


def _interaction(found: Row) -> Row:
    return {
        "by": BY_WORDS[found["by"]],
        "p": p_value(found["p_permutation"]),
        "share": percent(found["share_of_variance"]),
        "n_draws": found["n_draws"],
        "why": found["why"],
        "rows": [
            {
                "name": category_words(row["name"]),
                "n_clips": row["n_clips"],
                "human": percent(row["human_accuracy"]),
                "machine": percent(row["machine_accuracy"]),
                "difference": number(100 * row["human_minus_machine"], 1),
                "interval": number_interval(_in_points(row["interval"]), 1),
            }
            for row in found["strata"]
        ],
    }


def _in_points(interval: dict[str, float] | None) -> dict[str, float] | None:
    return None if interval is None else {end: 100 * interval[end] for end in ("low", "high")}


def _crowd(crowd: Row, by_truth: Row) -> Row:
    has_machine = crowd["machine_balanced_accuracy"] is not None
    return {
        "chart": draw_crowds(crowd),
        "title": f"What crowds of listeners reach by their size{', and the machine (dashed)' if has_machine else ''}",
        "n_draws": crowd["n_draws"],
        "why": crowd["why"],
        "rows": [
            {
                "n_listeners": point["n_listeners"],
                "fakes": percent(point["fakes_right"]),
                "reals": percent(point["reals_right"]),
                "balanced": percent(point["balanced_accuracy"]),
                "auc": number(point["auc"], 3),
            }
            for point in crowd["points"]
        ],
        "at_mean": {name: percent(value) for name, value in (crowd["at_mean_share"] or {}).items()},
        "machine": {
            "fakes": percent(by_truth["fake"]["machine_right"] / by_truth["fake"]["n_clips"]),
            "reals": percent(by_truth["real"]["machine_right"] / by_truth["real"]["n_clips"]),
            "balanced": percent(crowd["machine_balanced_accuracy"]),
            "auc": number(crowd["machine_auc"], 3),
        }
        if has_machine
        else None,
    }


def _combination(found: Row) -> Row:
    if found["together"] is None:
        return {"rows": [], "why": found["why"]}
    rows = [
        _area_row("Both together", found["together"]),
        _area_row("Listeners alone", found["crowd"]),
        _area_row("Machine alone", found["machine"]),
        _difference_row("Together less listeners", found["minus_crowd"]),
        _difference_row("Together less machine", found["minus_machine"]),
    ]
    return {"rows": rows, "why": found["why"], "n_folds": found["n_folds"]}


def _of(n: int, total: int) -> str:
    return f"{n} of {total}" if total else DASH
