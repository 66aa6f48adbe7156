"""For a paper: listeners beside machines on the same clips."""

from typing import Any

from studyapp.reports.methods_study import Analysis
from studyapp.reports.numbers import counted, number, number_interval, p_statement

Machine = dict[str, Any]
MCNEMAR = (
    "Right and wrong decisions of the majority and of the machine were compared by McNemar’s test, exact and mid-p "
    "(@fagerland2013), and by error consistency (@geirhos2020), with a bootstrap interval over clips where each of the "
    "two is right on five clips or more and wrong on as many."
)
AREAS = (
    "Areas under the ROC curve (AUC) of the share of “fake” and of the machine’s score on the same clips were compared "
    "after DeLong (@delong1988)."
)
CORRELATIONS = (
    "Within each class of clips, the share of “fake” was correlated with the score by Spearman’s rho (@spearman1904) "
    "with a bootstrap interval over clips; over both classes a correlation would only show how clips were chosen."
)
COMBINATION = (
    "What both reach together is the AUC of a ridge-penalised logistic regression of the truth on the log odds of "
    "“fake” among listeners and on the score, in {n_folds} folds of clips (seed {seed}), each scored by weights fitted "
    "without it."
)
INTERACTIONS = (
    "Whether the difference between listeners and machine depends on class, category or generator was tested by "
    "permuting classes over clips, categories over clips of one class, and generators over fakes of one category (seed "
    "{seed})."
)
EXPLORATORY = "All comparisons with machines are exploratory; p values are not corrected for their number."
CORRECTED = "Where p is called corrected, it is so after Holm (@holm1979) over the machines, for one question."
ALL_ERRORS = "All clips are errors of {names}, so nothing can be said of who is better in general."


def machines_text(analysis: Analysis) -> str | None:
    """Say how listeners and machines were compared, and what came out for each."""
    machines = [machine for machine in analysis["machines"] if machine["n_clips"]]
    if not machines:
        return None
    of_each = "; ".join(f"{machine['title']}, {counted(machine['n_clips'], 'clip')}" for machine in machines)
    said = [
        f"Listeners were compared with machines on the clips that both judged and that the machine was not trained on "
        f"({of_each}). A clip’s majority is what more than half of its listeners said; ties are counted apart."
    ]
    said += [MCNEMAR] if any(_has(machine, "mcnemar", "p_exact") for machine in machines) else []
    said += [AREAS] if any(_has(machine, "areas", "machine") for machine in machines) else []
    if any(_has(machine, "correlations", truth) for machine in machines for truth in ("fake", "real")):
        said.append(CORRELATIONS)
    combined = [machine for machine in machines if _has(machine, "combination", "together")]
    if combined:
        said.append(COMBINATION.format(n_folds=combined[0]["combination"]["n_folds"], seed=combined[0]["seed"]))
    tested = [machine for machine in machines if any(each["n_draws"] for each in machine.get("interactions", []))]
    said += [INTERACTIONS.format(seed=tested[0]["seed"])] if tested else []
    said.append(EXPLORATORY)
    found = [words for words in map(_found, machines) if words]
    said += [CORRECTED] if any(", corrected p" in words for words in found) else []
    said += found
    names = [machine["title"] for machine in machines if machine["is_all_machine_errors"]]
    return " ".join([*said, ALL_ERRORS.format(names=" and of ".join(names))] if names else said)


def _has(machine: Machine, part: str, key: str) -> bool:
    """Whether the analysis has this part of the comparison, and it is defined."""
    found = (machine.get(part) or {}).get(key)
    return found is not None and (not isinstance(found, dict) or found.get("rho", 0) is not None)


def _found(machine: Machine) -> str:
    """Return the numbers of one machine; empty where none is defined."""
    found = []
    if _has(machine, "mcnemar", "p_exact"):
        test = machine["mcnemar"]
        found.append(
            f"the majority alone was right on {counted(test['only_human_right'], 'clip')}, the machine alone on "
            f"{test['only_machine_right']} (exact {p_statement(test['p_exact'])}{_corrected(test)}, "
            f"mid-{p_statement(test['p_mid'])})"
        )
    if _has(machine, "error_consistency", "kappa"):
        consistency = machine["error_consistency"]
        found.append(f"error consistency κ = {number(consistency['kappa'])}{_interval(consistency)}")
    if _has(machine, "areas", "machine"):
        areas = machine["areas"]
        difference = areas["crowd_minus_machine"] or {}
        p_value = difference.get("p_two_sided")
        compared = "" if p_value is None else f", difference {p_statement(p_value)}{_corrected(difference)}"
        found.append(
            f"AUC of listeners {number(areas['crowd']['auc'])}{_interval(areas['crowd'])}, of the machine "
            f"{number(areas['machine']['auc'])}{_interval(areas['machine'])}{compared}"
        )
    for truth, words in (("fake", "fakes"), ("real", "real sounds")):
        if _has(machine, "correlations", truth):
            correlation = machine["correlations"][truth]
            found.append(f"rho of {words} {number(correlation['rho'])}{_interval(correlation)}")
    if _has(machine, "combination", "together"):
        together = machine["combination"]["together"]
        found.append(f"AUC of both together {number(together['auc'])}{_interval(together)}")
    return f"{machine['title']}: {'; '.join(found)}." if found else ""


def _corrected(found: dict[str, Any]) -> str:
    return "" if found["p_holm"] is None else f", corrected {p_statement(found['p_holm'])}"


def _interval(found: dict[str, Any]) -> str:
    return "" if found.get("interval") is None else f" (95 % interval {number_interval(found['interval'])})"
