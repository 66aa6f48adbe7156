"""Listeners beside each machine on the same clips, and what that comparison cannot say."""

from typing import Any

import pandas as pd

from studyapp.models import Study
from studyapp.selectors.analysis_plan import plan_in_force, planned_seed
from studyapp.selectors.machine_comparison import clip_facts, machine_decisions
from studyapp.services.analysis_classes import CHANCE
from studyapp.services.analysis_crowd import Crowd, crowd_of, crowd_results
from studyapp.services.analysis_machine_clips import TIE, Both, clip_majorities, clip_rows, clips_of_both
from studyapp.services.analysis_machine_errors import error_results
from studyapp.services.analysis_machine_scores import score_results
from studyapp.stats.multiple import holm
from studyapp.vocab import Label, Origin

ALL_ERRORS = (
    "{machine} is wrong on every one of these clips, as happens when clips are chosen for being its errors: its score "
    "here is 0 by construction. That listeners do better on these clips does not show that listeners are better than "
    "the machine: on clips that the machine gets right, listeners may be wrong. To compare the two, add clips that the "
    "machine gets right."
)
ALL_RIGHT = (
    "{machine} is right on every one of these clips. That listeners are wrong on some of them does not show that they "
    "are worse in general: add clips that the machine gets wrong."
)
CHOSEN_BY = (
    "These clips were chosen by what the training behind {machine} said of them. How many of them it gets right was "
    "fixed by that choice, and so were its AUC and every difference from the listeners: they hold for these clips only."
)
CHOSEN_BY_OTHER = (
    "These clips were chosen by what a detector said of them. {machine} may err where that detector errs, all the "
    "more if they are near relatives: how many of these clips it gets right, its AUC and every difference from the "
    "listeners hold for these clips only, and say nothing of who is better on others."
)
MOSTLY_WRONG = (
    "{machine} is wrong on more than half of these clips, where guessing would be right on half, as happens when clips "
    "are chosen among its errors or those of a near relative. Who is better on these clips says nothing of other clips."
)
TRAINED_ON = "{n} left out: {machine} was trained on them, or chosen by them, and its decisions on them prove nothing."


def machine_results(*, study: Study, origin: Origin, judgements: pd.DataFrame) -> list[dict[str, Any]]:
    """Return one comparison for each machine that judged clips of the study. Four queries, whatever their number."""
    machines = machine_decisions(study)
    if not machines:
        return []
    clips, facts = clip_majorities(judgements), clip_facts(study)
    seed = planned_seed(plan_in_force(study, origin))
    crowds: dict[bytes, Crowd] = {}  # machines that judged the same clips share what the listeners reach on them
    results = []
    for found in machines:
        both = clips_of_both(found, clips, facts, seed=seed)
        key = both.clips["clip"].to_numpy().tobytes()
        if key not in crowds:
            crowds[key] = crowd_of(both, judgements)
        results.append(compare_with_listeners(both, crowds[key], chosen=_chosen_by(study, both)))
    correct_over_machines(results)
    return results


def correct_over_machines(results: list[dict[str, Any]]) -> None:
    """Fill `p_holm` of each question that is asked of every machine, where two machines or more have a test of it."""
    questions = (
        ("p_exact", [result["mcnemar"] for result in results]),
        ("p_two_sided", [result["areas"]["crowd_minus_machine"] for result in results]),
        *(("p_two_sided", [result["correlations"][label.value] for result in results]) for label in Label),
    )
    for name, family in questions:
        tested = [found for found in family if found is not None and found[name] is not None]
        if len(tested) > 1:
            for found, adjusted in zip(tested, holm([found[name] for found in tested]), strict=True):
                found["p_holm"] = adjusted


def compare_with_listeners(both: Both, crowd: Crowd, *, chosen: str = "") -> dict[str, Any]:
    """Hold one machine against the listeners, on the clips that both judged and it was not trained on.

    `chosen` is what is to be said where a detector chose the clips: CHOSEN_BY of the machine's own training, or
    CHOSEN_BY_OTHER.
    """
    scores = score_results(both, crowd)
    machine_area = scores["areas"]["machine"]
    return {
        "machine": both.machine.slug,
        "title": both.title,
        "threshold": both.machine.threshold,
        "seed": both.seed,
        "n_clips": len(both.clips),
        "n_clips_not_judged_by_machine": both.n_not_judged,
        "n_clips_trained_on": both.n_trained_on,
        "by_truth": {label.value: _by_truth(both, label) for label in (Label.FAKE, Label.REAL)},
        "is_all_machine_errors": both.is_all_errors,
        "is_chosen_by_machine": chosen == CHOSEN_BY,
        "cautions": _cautions(both, chosen),
        **error_results(both),
        **scores,
        "crowd": crowd_results(both, crowd, machine_auc=machine_area["auc"] if machine_area else None),
        "clips": clip_rows(both),
    }


def _by_truth(both: Both, label: Label) -> dict[str, int]:
    """Count the clips of one class of truth."""
    here = (both.clips["truth"] == label.value).to_numpy()
    tied = (both.clips["majority"] == TIE).to_numpy()
    human_right = (both.clips["majority"] == both.clips["truth"]).to_numpy()
    return {
        "n_clips": int(here.sum()),
        "machine_right": int((here & both.machine_right).sum()),
        "majority_right": int((here & human_right).sum()),
        "majority_wrong": int((here & ~human_right & ~tied).sum()),
        "ties": int((here & tied).sum()),
    }


def _chosen_by(study: Study, both: Both) -> str:
    """Say whether a detector's decisions selected the study's set, and whether the machine is of its training."""
    provenance, of_machine = study.stimulus_set.provenance, both.machine.provenance
    # A set that came in a bundle says what it was elsewhere, whose trainings are not those of here.
    made = provenance.get("was", provenance)
    if made.get("kind") != "selection":
        return ""
    is_own = made is provenance and made.get("training") is not None and made["training"] == of_machine.get("training")
    return CHOSEN_BY if is_own else CHOSEN_BY_OTHER


def _cautions(both: Both, chosen: str) -> list[str]:
    cautions = []
    has_both = both.is_fake.any() and not both.is_fake.all()
    if both.is_all_errors:
        cautions.append(ALL_ERRORS)
    elif chosen:
        cautions.append(chosen)
    elif has_both and both.machine_right.mean() < CHANCE:
        cautions.append(MOSTLY_WRONG)
    if len(both.clips) and both.machine_right.all():
        cautions.append(ALL_RIGHT)
    if both.n_trained_on:
        n = "1 clip is" if both.n_trained_on == 1 else f"{both.n_trained_on} clips are"
        cautions.append(TRAINED_ON.replace("{n}", n))
    return [words.format(machine=both.title) for words in cautions]
