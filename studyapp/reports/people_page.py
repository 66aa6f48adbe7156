"""What the analysis page shows of people and of where the sounds come from, in words and rounded numbers."""

from typing import Any

from studyapp.reports.flow_figure import flow_figure
from studyapp.reports.numbers import counted, cut_to_shares, number, percent, percent_interval
from studyapp.reports.participants_page import participants_page
from studyapp.reports.people_charts import SHOWN_DOTS, draw_generators, draw_listeners, draw_times
from studyapp.reports.reliability_page import reliability_page
from studyapp.vocab import category_words

TRUTH_WORDS = {"fake": "fakes", "real": "real sounds", "all": "all clips"}
CLOCKS = {"from_offset": "the sound’s end", "from_onset": "the sound’s start"}  # what times count from
DRAWN_SOURCES = 40
SHOWN_ROWS = 500  # of the page's tables of listeners and of generators


def people_page(analysis: dict[str, Any]) -> dict[str, Any]:
    """Return these parts of the template's context."""
    return {
        "participants": participants_page(analysis),
        "listeners": _listeners(analysis["listeners"]),
        "generators": _generators(analysis["generators"], analysis["generators_by_category"]),
        "times": _times(analysis["times"]),
        "reliability": reliability_page(analysis["reliability"]),
        "flow_figure": flow_figure(analysis),
    }


def _listeners(found: dict[str, Any]) -> dict[str, Any]:
    n = len(found["each"])
    charts = [
        {"id": f"listeners-{truth}", "title": f"Each listener on {TRUTH_WORDS[truth]}", "spec": spec}
        for truth in ("fake", "real")
        if (spec := draw_listeners(found, truth))
    ]
    return {
        "charts": charts,
        "sentences": [_outside(truth, row) for truth, row in found["by_class"].items() if row["n_listeners"]],
        "rows": [
            {
                "listener": each["listener"],
                "cells": [_place(each[truth]) for truth in TRUTH_WORDS],
            }
            for each in found["each"][:SHOWN_ROWS]
        ],
        "limits": _limits(found),
        "left_out": counted(n - SHOWN_ROWS, "listener") if n > SHOWN_ROWS else "",
        "drawn": f"{SHOWN_DOTS} of {n} listeners, evenly spaced in this order, are drawn" if n > SHOWN_DOTS else "",
    }


def _outside(truth: str, row: dict[str, Any]) -> str:
    if not row["expected_above"]:
        return f"On {TRUTH_WORDS[truth]}, answers are too few for limits: who guesses may well have all of them right."
    expected = f"by guessing alone {number(row['expected_above'], 1)} would be expected above"
    return (
        f"On {TRUTH_WORDS[truth]}, {row['n_above']} of {counted(row['n_listeners'], 'listener')} lie above the limits "
        f"and {row['n_below']} below; {expected} and {number(row['expected_below'], 1)} below."
    )


def _place(found: dict[str, Any]) -> dict[str, str]:
    n = found["n_judgements"]
    if not n:
        return {"correct": "–", "percent": "–", "place": ""}
    share = percent(found["n_correct"] / n)
    return {
        "correct": f"{found['n_correct']} of {n}",
        "percent": share,
        "place": "" if found["place"] == "inside" else found["place"],
    }


def _limits(found: dict[str, Any]) -> str:
    """Return what the limits are, for the most common numbers of trials."""
    seen = sorted(
        {
            row["n_judgements"]
            for each in found["each"][:SHOWN_ROWS]
            for row in (each["fake"], each["real"], each["all"])
        }
    )
    limits = {limit["n_trials"]: limit for limit in found["limits"]}
    parts = [
        f"of {n} clips, {limits[n]['most_below']} or fewer and {limits[n]['least_above']} or more"
        for n in seen
        if n and limits[n]["least_above"] is not None
    ]
    return "; ".join(parts) if 0 < len(parts) <= 4 else ""


def _generators(rows: list[dict[str, Any]], cells: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "rows": [
            {
                "name": _source(row),
                "truth": row["truth"],
                "n_clips": row["n_clips"],
                "n_recordings": row["n_recordings"] or "–",
                **_shares(row),
                "mean_by_listener": percent(row["by_listener"]["mean"]),
                "by_listener": _interval(row["by_listener"]),
                "mean_by_clip": percent(row["by_clip"]["mean"]),
                "by_clip": _interval(row["by_clip"]),
            }
            for row in rows[:SHOWN_ROWS]
        ],
        "chart": draw_generators([{**row, "name": f"{_source(row)} ({row['truth']})"} for row in rows[:DRAWN_SOURCES]]),
        "cells": [
            {
                "category": category_words(row["category"]),
                "name": _source(row),
                "truth": row["truth"],
                "n_clips": row["n_clips"],
                **_shares(row),
            }
            for row in cells[:SHOWN_ROWS]
        ],
        "has_cells": len(rows) > len({row["truth"] for row in rows}),
        "left_out": counted(max(len(cells) - SHOWN_ROWS, 0), "row") if len(cells) > SHOWN_ROWS else "",
    }


def _source(row: dict[str, Any]) -> str:
    if row["truth"] == "fake":
        return row["generator"] or "generator not named"
    words = row["generator"] or "recordings"
    return f"{words}, {row['split']} split" if row["split"] else str(words)


def _shares(row: dict[str, Any]) -> dict[str, str]:
    return {
        "correct": f"{row['n_correct']} of {row['n_judgements']}",
        "percent": percent(row["proportion_correct"]),
        "wilson": percent_interval(row["wilson_interval"]),
    }


def _interval(found: dict[str, Any]) -> str:
    """Return the interval of a mean of shares, cut to what a share can be."""
    return percent_interval(cut_to_shares(found["interval"])[0])


def _times(found: dict[str, Any]) -> dict[str, Any]:
    edge = "end" if found["counted_from"] == "from_offset" else "start"
    distribution = [{**row, "words": _bin(row, edge)} for row in found["distribution"]]
    clocks = [clock for clock in CLOCKS if any(row[clock]["n_judgements"] for row in found["by_answer"])]
    counted_from = CLOCKS[found["counted_from"]]
    return {
        "clocks": [CLOCKS[clock] for clock in clocks],
        "counted_from": counted_from,
        "chart": draw_times(distribution, counted_from=counted_from),
        "difference": _difference(found["wrong_minus_right"]),
        "counts": [words for words, n in _counts(found) if n],
        "rows": [
            {
                "truth": row["truth"],
                "answer": "right" if row["is_correct"] else "wrong",
                "spreads": [_spread(row[clock]) for clock in clocks],
            }
            for row in found["by_answer"]
        ],
        "bins": [
            {
                "words": row["words"],
                "n_right": row["n_right"],
                "share_right": percent(row["share_right"]),
                "n_wrong": row["n_wrong"],
                "share_wrong": percent(row["share_wrong"]),
            }
            for row in distribution
        ],
    }


def _difference(found: dict[str, Any]) -> str:
    """Say how much later wrong answers come, where it is shown that they do; "" where nobody gave both."""
    mean, interval = found["mean_ms"], found["interval_ms"]
    if mean is None:
        return ""
    ends, is_shown = "", False
    if interval is not None:
        is_shown = interval["low"] > 0 or interval["high"] < 0
        ends = f", 95 % interval {number(interval['low'] / 1000)} to {number(interval['high'] / 1000)} s"
    over = f"over {counted(found['n_listeners'], 'listener')} with both"
    if not is_shown:
        return (
            "That wrong answers come later or earlier than right ones is not shown: the mean difference of medians "
            f"{over} is {seconds(mean)} s (wrong less right{ends})."
        )
    return (
        f"Wrong answers came {seconds(abs(mean))} s {'later' if mean > 0 else 'earlier'} than right ones: the mean "
        f"difference of medians {over} (wrong less right{ends})."
    )


def _counts(found: dict[str, Any]) -> list[tuple[str, int]]:
    """Return what is said of answers whose time is missing or odd, with their number."""
    total = found["n_judgements"]
    before, without, long = found["n_before_end"], found["n_without_time"], found["n_too_long"]
    return [
        (f"{before} of {total} answers came before the sound’s end.", before),
        (f"{without} of {total} answers have no time.", without),
        (
            f"{long} of {total} came more than {number(found['longest_ms'] / 1000, 0)} seconds after the sound’s end "
            "(after its start, where no other time is known); their times count as missing.",
            long,
        ),
    ]


def _spread(found: dict[str, Any]) -> dict[str, Any]:
    return {
        "n_listeners": found["n_listeners"],
        "n": found["n_judgements"],
        "median": seconds(found["median_ms"]),
        "quartiles": f"{seconds(found['quartile_1_ms'])} to {seconds(found['quartile_3_ms'])}"
        if found["n_listeners"]
        else "–",
    }


def seconds(value_ms: float | None) -> str:
    """Return a time in seconds, or a dash.

    >>> seconds(1534.2), seconds(None)
    ('1.53', '–')
    """
    return number(None if value_ms is None else value_ms / 1000)


def _bin(row: dict[str, Any], edge: str) -> str:
    if row["from_ms"] is None:
        return f"before the {edge}"
    return f"{row['from_ms'] / 1000:g} to {row['to_ms'] / 1000:g}"
