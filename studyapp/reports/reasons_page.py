"""The reasons on the results page: shares with their intervals, and by truth, category and generator."""

from typing import Any

from studyapp.reports.analysis_charts import draw_reason_table
from studyapp.reports.numbers import DASH, counted, cut_to_shares, number, p_statement, percent, percent_interval
from studyapp.vocab import category_words

ALPHA = 0.05
BY_WORDS = {"truth": "fake and real clips", "category": "categories", "generator": "generators"}
CLIPS_OF = {"category": "clips of the same category", "truth": "clips of the same class"}
FEW_CLIPS = "With so few clips p cannot fall below {least}, whatever listeners say."
SMALL = (
    "{n} of the {total} counts are below 5. They are shown as they are: a share of so few judgements is rough. The "
    "test needs no large counts."
)


def reasons_page(reasons: dict[str, Any]) -> dict[str, Any]:
    """Return the template's context."""
    return {
        "is_asked": reasons["asked_after"] != "never",
        "denominator": f"{reasons['n_judgements']} {reasons['denominator']}",
        "listeners": counted(reasons["n_listeners"], "listener"),
        "without": counted(reasons["n_listeners_without"], "listener") if reasons["n_listeners_without"] else "",
        "missing": counted(reasons["n_asked_without_reason"], "judgement") if reasons["n_asked_without_reason"] else "",
        "is_multiple": reasons["mode"] == "multiple",
        "texts": counted(reasons["n_texts"], "reason was", "reasons were") if reasons["n_texts"] else "",
        "rows": [_share_row(share) for share in reasons["shares"]],
        "how_tested": _how_tested(reasons["tables"]),
        "tables": [_table(table, reasons["shares"]) for table in reasons["tables"]],
    }


def _share_row(share: dict[str, Any]) -> dict[str, Any]:
    return {
        "label": share["label"],
        "n": share["n_chosen"],
        "percent": percent(share["proportion"]),
        "wilson": percent_interval(share["wilson"]),
        "goodman": percent_interval(share["goodman"]),
        "sison_glaz": percent_interval(share["sison_glaz"]),
        "clustered": _cut(share["clustered"]),
        "design_effect": number(share["design_effect"], 1),
        "listener_mean": percent(share["listener_mean"]),
        "listener_interval": _cut(share["listener_interval"]),
    }


def _cut(interval: dict[str, float] | None) -> str:
    shown, _ = cut_to_shares(interval)
    return percent_interval(shown)


def _table(table: dict[str, Any], shares: list[dict[str, Any]]) -> dict[str, Any]:
    labels = [share["label"] for share in shares]
    groups = table["groups"]
    small = table["n_small_counts"]
    notes = [SMALL.format(n=small, total=len(groups) * len(labels))] if small and len(groups) > 1 else []
    if table["p_least"] is not None and table["p_least"] > ALPHA:
        notes.append(FEW_CLIPS.format(least=p_statement(table["p_least"]).removeprefix("p = ")))
    return {
        "by": table["by"],
        "id": f"reasons-by-{table['by']}",
        "title": f"Reasons by {table['by']}",
        "answer": _answer(table),
        "notes": notes,
        "chart": draw_reason_table(labels, table),
        "columns": [
            {
                "name": category_words(group["name"]),
                "judgements": counted(group["n_judgements"], "judgement"),
                "clips": counted(group["n_clips"], "clip"),
            }
            for group in groups
        ],
        "rows": [
            {"label": label, "cells": [_cell(group, place) for group in groups]} for place, label in enumerate(labels)
        ],
    }


def _cell(group: dict[str, Any], place: int) -> str:
    n, total = group["counts"][place], group["n_judgements"]
    return f"{n} ({percent(n / total)})" if total else DASH


def _answer(table: dict[str, Any]) -> str:
    """Say whether the reasons differ between the groups, and how that was tested."""
    if table["problem"]:
        return str(table["problem"])
    groups = BY_WORDS[table["by"]]
    verdict = (
        f"Reasons differ between {groups}" if table["p_holm"] < ALPHA else f"No difference between {groups} was found"
    )
    return (
        f"{verdict}: χ² = {number(table['chi_square'])}, Cramér’s V = {number(table['cramers_v'])}, "
        f"{p_statement(table['p_permutation'])}, and {p_statement(table['p_holm'])} with Holm’s correction over the "
        f"tables. Names were exchanged among {CLIPS_OF[table['permuted_within']]}."
    )


def _how_tested(tables: list[dict[str, Any]]) -> str:
    """Say how p came about; empty where no table has one."""
    tested = next((table for table in tables if table["p_permutation"] is not None), None)
    if tested is None:
        return ""
    return (
        f"Each table’s χ² is compared with those of {tested['n_permutations']:,} drawings (seed {tested['seed']}) in "
        "which clips exchange their names of class, category or generator. A clip keeps all its answers and a listener "
        "all theirs, so that answers that belong together are not counted as independent. That takes for granted that "
        "listeners heard clips of all groups alike."
    )
