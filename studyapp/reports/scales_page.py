"""What the analysis page shows of ratings and of forced choices, in words and rounded numbers."""

from typing import Any

from studyapp.reports.numbers import (
    counted,
    cut_to_shares,
    number,
    number_interval,
    p_statement,
    p_value,
    percent,
    percent_interval,
)
from studyapp.reports.people_charts import draw_roc

SHOWN_ROWS = 500  # of the page's tables of listeners
RATING_WORDS = {1: "1, surely real", 6: "6, surely fake"}


def ratings_page(found: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return the section's context; None of a study without ratings."""
    if found is None:
        return None
    pooled, over = found["pooled"], found["over_listeners"]
    points = {point["rating"]: point for point in pooled["points"]} if pooled else {}
    n = {truth: sum(row[truth] for row in found["counts"]) for truth in ("fake", "real")}
    return {
        "counts": [
            {
                "rating": RATING_WORDS.get(row["rating"], row["rating"]),
                "fake": _of(row["fake"], n["fake"]),
                "real": _of(row["real"], n["real"]),
                "hit_rate": percent(points[row["rating"]]["hit_rate"]) if points else "–",
                "false_alarm_rate": percent(points[row["rating"]]["false_alarm_rate"]) if points else "–",
            }
            for row in reversed(found["counts"])
        ],
        "pooled": number(pooled["auc"] if pooled else None, 3),
        "n": over["n_units"],
        "mean": number(over["mean"], 3),
        "sd": number(over["sd"], 3),
        "interval": number_interval(cut_to_shares(over["interval"])[0], 3),
        "t": number(over["t"]),
        "df": "–" if over["df"] is None else over["df"],
        "p": p_value(over["p_two_sided"]),
        "without": counted(found["n_listeners_without"], "listener") if found["n_listeners_without"] else "",
        "chart": draw_roc(found),
        "each": [
            {"listener": each["listener"], "n_fake": each["n_fake"], "n_real": each["n_real"]}
            | {"auc": number(each["auc"], 3)}
            for each in found["each"][:SHOWN_ROWS]
        ],
        "left_out": _left_out(len(found["each"])),
    }


def pairs_page(found: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return the section's context; None of a study without forced choices."""
    if found is None:
        return None
    share, d_prime = found["over_listeners"]["proportion_correct"], found["over_listeners"]["d_prime"]
    return {
        "rows": [
            {
                "name": "Share of pairs in which the fake was found",
                "mean": percent(share["mean"]),
                "sd": percent(share["sd"]),
                "interval": percent_interval(cut_to_shares(share["interval"])[0]),
                **_test(share),
                "pooled": percent(found["pooled"]["proportion_correct"]),
            },
            {
                "name": "d′ = √2 z(share)",
                "mean": number(d_prime["mean"]),
                "sd": number(d_prime["sd"]),
                "interval": number_interval(d_prime["interval"]),
                **_test(d_prime),
                "pooled": number(found["pooled"]["d_prime"]),
            },
        ],
        "by_interval": [
            {
                "where": {1: "first", 2: "second"}[row["fake_at"]],
                "correct": _of(row["n_correct"], row["n_pairs"]),
            }
            for row in found["by_interval"]
        ],
        "each": [
            {
                "listener": each["listener"],
                "correct": _of(each["n_correct"], each["n_pairs"]),
                "d_prime": number(each["d_prime"]),
            }
            for each in found["each"][:SHOWN_ROWS]
        ],
        "left_out": _left_out(len(found["each"])),
    }


def pair_sentences(analysis: dict[str, Any]) -> list[str]:
    """Say how often the fake of a pair was found, and whether that is more often than by guessing; nothing of none."""
    found = analysis["pairs"]
    if found is None:
        return []
    pooled, share = found["pooled"], found["over_listeners"]["proportion_correct"]
    said = (
        f"{counted(found['n_listeners'], 'listener')} judged {counted(pooled['n_pairs'], 'pair')} and found the fake "
        f"in {percent(pooled['proportion_correct'])}"
    )
    if share["t"] is None:
        return [f"{said}; so few or so equal listeners allow no test over them."]
    is_one_sided = analysis["tests"]["sides"] == "one"
    p = share["p_greater"] if is_one_sided else share["p_two_sided"]
    verdict = "not significantly different from guessing"
    if p < analysis["tests"]["alpha"]:
        verdict = "more often than by guessing" if share["t"] > 0 else "less often than by guessing"
    return [
        f"{said}: {verdict} (mean over listeners {percent(share['mean'])}, 95 % interval "
        f"{percent_interval(cut_to_shares(share['interval'])[0])}; t over listeners, t({share['df']}) = "
        f"{number(share['t'])}, {p_statement(p)} {'one-sided' if is_one_sided else 'two-sided'}). That speaks of other "
        "listeners who hear these sounds."
    ]


def _test(found: dict[str, Any]) -> dict[str, Any]:
    df = "–" if found["df"] is None else found["df"]
    return {"n": found["n_units"], "t": number(found["t"]), "df": df, "p": p_value(found["p_two_sided"])}


def _of(n: int, total: int) -> str:
    return f"{n} of {total} ({percent(n / total)})" if total else "–"


def _left_out(n: int) -> str:
    return counted(n - SHOWN_ROWS, "listener") if n > SHOWN_ROWS else ""
