"""The numbers of section VI of Ouajdi et al. (2024) beside a study's, with what the printed ones can be."""

from dataclasses import asdict
from functools import cache
from typing import Any

from scipy.special import ndtr, ndtri

from studyapp.reports.numbers import (
    DASH,
    counted,
    cut_to_shares,
    number,
    p_statement,
    p_value,
    percent,
    percent_interval,
)
from studyapp.stats.published import (
    PrintedShare,
    PrintedTest,
    Reading,
    implied_interval,
    implied_sd,
    integer_solutions,
    readings_of_z,
    transforms_of_mean,
)
from studyapp.stats.reason_shares import goodman_intervals
from studyapp.vocab import PAPER_REASONS

# Section VI.C: M, z and p as printed, over 20 listeners and 43 fakes, 38 recordings (VI.A and VI.B).
PRINTED = {
    "fake": (PrintedTest(mean=0.49, z=-0.07, p_low=0.55, p_high=0.65, n_listeners=20, n_clips=43), "p = 0.6"),
    "real": (PrintedTest(mean=0.71, z=1.34, p_low=0.0, p_high=0.0001, n_listeners=20, n_clips=38), "p < 0.0001"),
}
PRINTED_REASONS = {
    "distorted": PrintedShare(percent=34.2, decimals=1),
    "not_category": PrintedShare(percent=32.2, decimals=1),
    "background_artifacts": PrintedShare(percent=12.9, decimals=1),
    "too_brief": PrintedShare(percent=10.0, decimals=1),
    "repetitive": PrintedShare(percent=6.8, decimals=1),
    "other": PrintedShare(percent=4, decimals=0),
}
# "fake" answers that the rounded means allow: 418 to 425 of 860 on fakes, 217 to 224 of 760 on recordings.
PRINTED_TOTALS = range(635, 650)
READING_WORDS = {
    "standard_normal": "a standard normal test statistic",
    "pooled": "the z of all trials, counted as independent",
    "over_listeners": "(M − 50 %) / SD over the 20 listeners, tested as t = z √20",
    "over_clips": "(M − 50 %) / SD over the clips, tested as t = z √clips",
}
TRANSFORM_WORDS = {
    "mean_z_of_listeners": "the mean of each listener’s own binomial z",
    "mean_z_of_clips": "the mean of each clip’s own binomial z",
    "probit": "M as a normal quantile (probit)",
    "logit": "M as log odds (logit)",
    "cohen_h": "Cohen’s h of M against 50 %",
}
SHOWN_TOTAL = (
    643  # the middle of the totals that the printed reasons allow; intervals of the others are as good as the same
)
OTHER_MENU = "This study’s menu is not the paper’s: shares of the same words are shown, and another menu changes them."
OTHER_QUESTION = (
    "This study asks for reasons after other answers than “fake” too, so its shares are of other judgements."
)
SEVERAL = "This study lets listeners choose several reasons, so its shares need not sum to 100 %."
Panel = dict[str, Any]


def paper_panel(analysis: dict[str, Any]) -> Panel:
    """Return the template's context: the printed numbers, the study's beside them, and how to read the printed ones."""
    return {
        "tests": [_test_row(truth, analysis["classes"][truth]) for truth in PRINTED],
        "discrimination": _discrimination(analysis["discrimination"]),
        "reasons": _reason_rows(analysis["reasons"]),
        "reason_notes": _reason_notes(analysis["reasons"]),
        **_printed_alone(),
    }


@cache
def _printed_alone() -> Panel:
    """Return what does not depend on the study."""
    return {
        "readings": [
            {"truth": truth, "what": READING_WORDS[reading.code], **_reading(reading)}
            for truth, (printed, _) in PRINTED.items()
            for reading in readings_of_z(printed)
        ],
        "transforms": [
            {"what": words, "cells": [_transform(code, printed) for printed, _ in PRINTED.values()]}
            for code, words in TRANSFORM_WORDS.items()
        ],
        "spreads": [_spread(truth, printed) for truth, (printed, _) in PRINTED.items()],
        "totals": [
            {"total": total, "counts": " + ".join(str(count) for count in counts)}
            for total, solutions in _solutions().items()
            for counts in solutions
        ],
        "sum": number(sum(share.percent for share in PRINTED_REASONS.values()), 1),
    }


def _transform(code: str, printed: PrintedTest) -> dict[str, str]:
    found = next(each for each in transforms_of_mean(printed) if each.code == code)
    return {"value": number(found.value), "fits": "yes" if found.is_printed else "no"}


def _spread(truth: str, printed: PrintedTest) -> dict[str, str]:
    """Say what follows for a class of clips if z is an effect size over listeners."""
    low, high = implied_sd(printed)
    ends = implied_interval(printed)
    by_chance = (printed.mean * (1 - printed.mean) / printed.n_clips) ** 0.5
    return {
        "truth": truth,
        "low": percent(low),
        "high": percent(high),
        "by_chance": percent(by_chance),
        "interval": percent_interval({"low": ends[0], "high": ends[1]}),
    }


@cache
def _solutions() -> dict[int, list[tuple[int, ...]]]:
    return integer_solutions(list(PRINTED_REASONS.values()), totals=PRINTED_TOTALS)


def _test_row(truth: str, result: dict[str, Any]) -> dict[str, str]:
    printed, p_printed = PRINTED[truth]
    panel = result["section_vi"]["by_listener"]
    return {
        "truth": truth,
        "paper_units": f"20 listeners, {printed.n_clips} clips",
        "paper_mean": percent(printed.mean, 0),
        "paper_z": number(printed.z),
        "paper_p": p_printed,
        "units": f"{counted(panel['n_units'], 'listener')}, {counted(result['n_clips'], 'clip')}",
        "mean": percent(panel["mean"]),
        "interval": percent_interval(cut_to_shares(panel["interval"])[0]),
        "d": number(panel["effect_size_d"]),
        "t": DASH if panel["t"] is None else f"t({panel['df']}) = {number(panel['t'])}",
        "p": DASH if panel["p_greater"] is None else p_statement(panel["p_greater"]),
    }


def _discrimination(found: dict[str, Any]) -> list[dict[str, str]]:
    hit, false_alarm = PRINTED["fake"][0].mean, 1 - PRINTED["real"][0].mean
    z_hit, z_false_alarm = float(ndtri(hit)), float(ndtri(false_alarm))
    pooled = found["pooled"]
    return [
        {
            "name": "“fake” said to fakes",
            "paper": percent(hit, 0),
            "study": percent(pooled["hit_rate"]),
        },
        {
            "name": "“fake” said to recordings",
            "paper": percent(false_alarm, 0),
            "study": percent(pooled["false_alarm_rate"]),
        },
        {"name": "d′, pooled", "paper": number(z_hit - z_false_alarm), "study": number(pooled["d_prime"])},
        {"name": "c, pooled", "paper": number(-(z_hit + z_false_alarm) / 2), "study": number(pooled["criterion_c"])},
        {
            "name": "right answers without a lean, Φ(d′ / 2)",
            "paper": percent(float(ndtr((z_hit - z_false_alarm) / 2))),
            "study": DASH if pooled["d_prime"] is None else percent(float(ndtr(pooled["d_prime"] / 2))),
        },
    ]


def _reason_rows(reasons: dict[str, Any]) -> list[dict[str, str]]:
    shares = {share["code"]: share for share in reasons["shares"]}
    counts = dict(zip(PRINTED_REASONS, _solutions()[SHOWN_TOTAL][0], strict=True))
    found = [asdict(each) for each in goodman_intervals(list(counts.values())) if each]
    intervals = dict(zip(counts, found, strict=True))
    return [
        {
            "label": label,
            "paper": f"{number(PRINTED_REASONS[code].percent, PRINTED_REASONS[code].decimals)} %",
            "paper_interval": percent_interval(intervals[code]),
            "study": percent(shares[code]["proportion"]) if code in shares else DASH,
            "interval": _interval(shares[code]) if code in shares else DASH,
        }
        for code, label in PAPER_REASONS.items()
    ]


def _interval(share: dict[str, Any]) -> str:
    """Return the interval for all reasons at once; where several could be chosen, that of this one alone."""
    return percent_interval(share["goodman"] or share["wilson"])


def _reason_notes(reasons: dict[str, Any]) -> list[str]:
    """Say how this study's question differs from the paper's."""
    is_other = {share["code"] for share in reasons["shares"]} != set(PAPER_REASONS)
    notes = [OTHER_MENU] if is_other else []
    notes += [OTHER_QUESTION] if reasons["asked_after"] in ("both", "mixed") else []
    return notes + ([SEVERAL] if reasons["mode"] == "multiple" else [])


def _reading(reading: Reading) -> dict[str, str]:
    name = "z" if reading.df is None else f"t({reading.df})"
    verdicts = [
        words for words, fits in (("one-sided", reading.fits_one_sided), ("two-sided", reading.fits_two_sided)) if fits
    ]
    return {
        "statistic": f"{name} = {number(reading.statistic)}",
        "p_greater": p_value(reading.p_greater),
        "p_two_sided": p_value(reading.p_two_sided),
        "fits": " and ".join(verdicts) if verdicts else "no",
    }
