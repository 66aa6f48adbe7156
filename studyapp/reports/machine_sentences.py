"""What listeners and a machine have in common, in sentences for readers who are no statisticians."""

from typing import Any

from studyapp.reports.numbers import counted, number, number_interval, p_statement

ALPHA = 0.05  # exploratory: the plan's level is for its primary tests
CLASS_WORDS = {"fake": "fakes", "real": "real sounds"}


def machine_sentences(machine: dict[str, Any]) -> list[str]:
    """Return the answers of one comparison, most important first, each with its interval; none without clips."""
    if not machine["n_clips"]:
        return []
    found = [
        _areas(machine),
        _overlap(machine),
        _consistency(machine["error_consistency"]),
        *(_correlation(truth, row) for truth, row in machine["correlations"].items()),
        *(_interaction(row) for row in machine["interactions"]),
        _combination(machine["combination"]),
    ]
    return [sentence for sentence in found if sentence]


def _areas(machine: dict[str, Any]) -> str:
    areas = machine["areas"]
    if areas["crowd"] is None:
        return areas["why"] if not machine["is_all_machine_errors"] else ""
    crowd, own = areas["crowd"], areas["machine"]
    shown = (
        f"Of a fake and a real sound drawn at random, listeners say “fake” more often of the fake in {_area(crowd)} of "
        f"draws; {machine['title']} gives it the higher score in {_area(own)} (the two AUCs, ties counted half)"
    )
    difference = areas["crowd_minus_machine"]
    if difference["p_two_sided"] is None:
        return f"{shown}. {areas['why']}"
    return (
        f"{shown}: {_verdict(difference, machine['title'])} (difference "
        f"{number(difference['difference'])}, 95 % interval {number_interval(difference['interval'])}, DeLong’s test "
        f"{p_statement(difference['p_two_sided'])})."
    )


def _verdict(difference: dict[str, Any], machine: str) -> str:
    if difference["p_two_sided"] >= ALPHA:
        return "the difference is not significant"
    return "listeners tell them apart better" if difference["difference"] > 0 else f"{machine} tells them apart better"


def _overlap(machine: dict[str, Any]) -> str:
    overlap, test = machine["overlap"], machine["mcnemar"]
    said = (
        f"Of {counted(machine['n_clips'], 'clip')}, both are wrong about {overlap['both_wrong']}, only the majority of "
        f"listeners is right about {overlap['only_human_right']}, only the machine about "
        f"{overlap['only_machine_right']}"
    )
    ties = f"; listeners are tied on {test['n_ties']}" if test["n_ties"] else ""
    if test["p_exact"] is None:
        return f"{said}{ties}."
    verdict = "differ" if test["p_mid"] < ALPHA else "do not differ significantly"
    return (
        f"{said}{ties}. In how many they get right the two {verdict} (McNemar, {p_statement(test['p_mid'])} mid-p, "
        f"{p_statement(test['p_exact'])} exact)."
    )


def _consistency(found: dict[str, Any]) -> str:
    if found["kappa"] is None or found["interval"] is None:
        return ""
    low, high = found["interval"]["low"], found["interval"]["high"]
    shown = "more often" if low > 0 else "less often" if high < 0 else ""
    verdict = (
        f"They err on the same clips {shown}" if shown else ("That they err on the same clips more often or less often")
    )
    return (
        f"{verdict} than two that err independently would{'' if shown else ' is not shown'} (error consistency "
        f"{number(found['kappa'])}, 95 % interval {number_interval(found['interval'])})."
    )


def _correlation(truth: str, row: dict[str, Any]) -> str:
    if row["rho"] is None or row["interval"] is None:
        return ""
    ceiling = f"; noise in the shares lets no more than {number(row['ceiling'])} be seen" if row["ceiling"] else ""
    return (
        f"Among {CLASS_WORDS[truth]}, the share of listeners who say “fake” and the machine’s score have a rank "
        f"correlation of {number(row['rho'])} (95 % interval {number_interval(row['interval'])}{ceiling})."
    )


def _interaction(row: dict[str, Any]) -> str:
    if row["p_permutation"] is None:
        return ""
    verdict = "depends" if row["p_permutation"] < ALPHA else "does not depend significantly"
    on = {"truth": "whether a clip is fake or real", "category": "the category", "generator": "the generator"}
    return (
        f"How far listeners are ahead of the machine, or behind it, {verdict} on {on[row['by']]} (permutation test, "
        f"{p_statement(row['p_permutation'])})."
    )


def _combination(found: dict[str, Any]) -> str:
    if found["together"] is None:
        return ""
    parts = [
        f"{number(gain['difference'], 3)} against {whom} alone ({_p(gain)})"
        for whom, gain in (("listeners", found["minus_crowd"]), ("the machine", found["minus_machine"]))
    ]
    together = f"an AUC of {number(found['together']['auc'])}{_with_interval(found['together']['interval'])}"
    return f"Weighed together on clips that the weights did not see, they reach {together}: {' and '.join(parts)}."


def _p(gain: dict[str, Any]) -> str:
    return p_statement(gain["p_two_sided"]) if gain["p_two_sided"] is not None else "no test"


def _area(found: dict[str, Any]) -> str:
    return f"{number(100 * found['auc'], 1)} %{_with_interval(found['interval'], scale=100, digits=1, unit=' %')}"


def _with_interval(interval: dict[str, float] | None, *, scale: int = 1, digits: int = 2, unit: str = "") -> str:
    if interval is None:
        return ""
    low, high = (number(scale * interval[end], digits) for end in ("low", "high"))
    return f" (95 % interval {low} to {high}{unit})"
