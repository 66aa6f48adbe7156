"""Right and wrong decisions: do listeners and a machine err on the same clips, and on the same kinds of clips."""

from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from studyapp.services.analysis_machine_clips import WHO, Both
from studyapp.services.analysis_machine_scores import BY_CONSTRUCTION, NO_CLIPS
from studyapp.stats.agreement import error_consistency
from studyapp.stats.consistency_interval import MIN_EACH, N_DRAWS, consistency_interval
from studyapp.stats.interaction import Stratum, stratum_interaction
from studyapp.stats.mcnemar import mcnemar
from studyapp.vocab import Label

ALL_TIES = "Listeners are tied on every clip: their majority is neither right nor wrong."
ALWAYS = "{who} is {word} on every clip that is no tie: agreement beyond chance is not defined."
FEW_FOR_INTERVAL = (
    f"Error consistency has an interval where listeners and machine are each right on {MIN_EACH} clips or more and "
    f"wrong on as many. Here they are fewer, too few to say whether they err on the same clips."
)
NOTHING_TO_TEST = (
    "Wherever kinds could change places, clips are of one kind, or the difference is the same on all: nothing to test."
)
NO_GENERATOR = "No fake has a generator on record."


def error_results(both: Both) -> dict[str, Any]:
    """Return the overlap of errors with its tests, and the interactions, each with `why`: what is missing, or None."""
    return {
        "overlap": {who: both.count(who) for who in WHO},
        "mcnemar": _mcnemar(both),
        "error_consistency": _consistency(both),
        "interactions": [_interaction(both, by) for by in ("truth", "category", "generator")],
    }


def _undecided(both: Both) -> str:
    """Say why majority and machine cannot be compared at all; empty where they can."""
    if not len(both.clips):
        return NO_CLIPS.format(machine=both.title)
    if both.is_all_errors:
        return BY_CONSTRUCTION.format(machine=both.title)
    return ALL_TIES if both.clips["who_is_right"].str.startswith("ties").all() else ""


def _mcnemar(both: Both) -> dict[str, Any]:
    why = _undecided(both)
    counts = [both.count("only_human_right"), both.count("only_machine_right")]
    found = mcnemar(only_first=counts[0], only_second=counts[1])
    return {
        "only_human_right": counts[0],
        "only_machine_right": counts[1],
        "n_ties": both.count("ties_machine_right") + both.count("ties_machine_wrong"),
        "p_exact": None if why else found.p_exact,
        "p_mid": None if why else found.p_mid,
        "p_holm": None,
        "why": why or None,
    }


def _consistency(both: Both) -> dict[str, Any]:
    counts = [both.count(who) for who in ("both_right", "only_human_right", "only_machine_right", "both_wrong")]
    why = _undecided(both)
    if why:
        nothing = dict.fromkeys(("observed", "expected", "kappa", "low", "high", "interval"))
        return {"n_clips": sum(counts), **nothing, "n_draws": 0, "why": why}
    human, machine = (np.repeat(right, counts) for right in ([True, True, False, False], [True, False, True, False]))
    both_right, only_human, only_machine, both_wrong = counts
    interval = consistency_interval(
        both_right=both_right, only_first=only_human, only_second=only_machine, both_wrong=both_wrong, seed=both.seed
    )
    for who, right in (("The majority of listeners", human), (both.title, machine)):
        if right.all() or not right.any():
            why = ALWAYS.format(who=who, word="right" if right.all() else "wrong")
    return {
        "n_clips": sum(counts),
        **asdict(error_consistency(human, machine)),
        **(dict.fromkeys(("kappa", "low", "high")) if why else {}),
        "interval": None if interval is None else asdict(interval),
        "n_draws": N_DRAWS if interval else 0,
        "why": why or (FEW_FOR_INTERVAL if interval is None else None),
    }


def _interaction(both: Both, by: str) -> dict[str, Any]:
    """Compare by truth, by category within each truth, or by generator within each category of the fakes that have one.

    As the tables of reasons do: what is particular to a category is not taken for its generator's.
    """
    here = both.clips[both.clips[by] != ""]
    if by == "generator":
        here = here[here["truth"] == Label.FAKE.value]
    nothing: dict[str, Any] = {"by": by, "n_clips": len(here), "strata": []}
    untested = {"share_of_variance": None, "p_permutation": None, "n_draws": 0}
    if not len(here) or both.is_all_errors:
        why = NO_CLIPS if not len(both.clips) else NO_GENERATOR if not len(here) else BY_CONSTRUCTION
        return {**nothing, **untested, "why": why.format(machine=both.title)}
    codes, names = pd.factorize(here[by], sort=True)
    is_fake = (here["truth"] == Label.FAKE.value).to_numpy()
    within = {"truth": np.zeros(len(here), int), "category": is_fake.astype(int)}
    within["generator"] = pd.factorize(here["category"])[0]
    shares = here["share_fake"].to_numpy()
    found = stratum_interaction(
        np.where(is_fake, shares, 1.0 - shares),
        (here["decision"] == here["truth"]).to_numpy().astype(float),
        stratum=codes,
        classes=within[by],
        seed=both.seed,
        n_draws=both.n_draws,
    )
    rows = [_stratum(name, each) for name, each in zip(names, found.strata, strict=True)]
    tested = {name: getattr(found, name) for name in untested}
    return {**nothing, "strata": rows, **tested, "why": NOTHING_TO_TEST if found.p_permutation is None else None}


def _stratum(name: str, found: Stratum) -> dict[str, Any]:
    return {
        "name": name,
        "n_clips": found.n_clips,
        "human_accuracy": found.first,
        "machine_accuracy": found.second,
        "human_minus_machine": found.difference,
        "interval": None if found.interval is None else asdict(found.interval),
    }
