"""Listeners beside each machine on the same clips, and what that comparison cannot say."""

from typing import Any

import pandas as pd

from studyapp.models import Study
from studyapp.selectors.machine_comparison import MachineDecisions, machine_decisions
from studyapp.vocab import Label, Split

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
TRAINED_ON = "{n} left out: {machine} was trained on them, or chosen by them, and its decisions on them prove nothing."

TRAINING_SPLITS = (Split.TRAIN.value, Split.VALIDATION.value)


def machine_results(*, study: Study, judgements: pd.DataFrame) -> list[dict[str, Any]]:
    """Return one comparison for each machine that judged clips of the study."""
    clips = clip_majorities(judgements)
    return [_compare(found, clips) for found in machine_decisions(study)]


def clip_majorities(judgements: pd.DataFrame) -> pd.DataFrame:
    """Return one row per judged clip: clip, truth, n_judgements, share_fake, and majority (real, fake or tie)."""
    clips = (
        judgements.groupby(["clip", "truth"], sort=True)["said_fake"]
        .agg(n_judgements="size", n_fake="sum")
        .reset_index()
        .astype({"n_judgements": int, "n_fake": int})
    )
    clips["share_fake"] = clips["n_fake"] / clips["n_judgements"]
    clips["majority"] = "tie"
    # Whole numbers are compared, so that a tie is a tie whatever rounding does to the share.
    clips.loc[clips["n_fake"] * 2 > clips["n_judgements"], "majority"] = Label.FAKE.value
    clips.loc[clips["n_fake"] * 2 < clips["n_judgements"], "majority"] = Label.REAL.value
    return clips


def _compare(found: MachineDecisions, clips: pd.DataFrame) -> dict[str, Any]:
    """Hold one machine against the majority of listeners, on the clips that both judged and it was not trained on."""
    judged = clips.merge(found.decisions, on="clip", how="inner")
    both = judged[~judged["split"].isin(TRAINING_SPLITS)]
    machine_right = both["decision"] == both["truth"]
    human_right, tied = both["majority"] == both["truth"], both["majority"] == "tie"
    return {
        "machine": found.machine.slug,
        "title": found.machine.title,
        "n_clips": len(both),
        "n_clips_not_judged_by_machine": len(clips) - len(judged),
        "n_clips_trained_on": len(judged) - len(both),
        "by_truth": {
            label.value: _by_truth(both, label, machine_right, human_right, tied) for label in (Label.FAKE, Label.REAL)
        },
        "overlap": {
            "both_right": int((machine_right & human_right).sum()),
            "only_human_right": int((~machine_right & human_right).sum()),
            "only_machine_right": int((machine_right & ~human_right & ~tied).sum()),
            "both_wrong": int((~machine_right & ~human_right & ~tied).sum()),
            "ties_machine_right": int((machine_right & tied).sum()),
            "ties_machine_wrong": int((~machine_right & tied).sum()),
        },
        "is_all_machine_errors": bool(len(both)) and not bool(machine_right.any()),
        "cautions": _cautions(found, machine_right, n_trained_on=len(judged) - len(both)),
    }


def _by_truth(
    both: pd.DataFrame, label: Label, machine_right: pd.Series, human_right: pd.Series, tied: pd.Series
) -> dict[str, int]:
    """Count the clips of one class of truth."""
    here = both["truth"] == label.value
    return {
        "n_clips": int(here.sum()),
        "machine_right": int((here & machine_right).sum()),
        "majority_right": int((here & human_right).sum()),
        "majority_wrong": int((here & ~human_right & ~tied).sum()),
        "ties": int((here & tied).sum()),
    }


def _cautions(found: MachineDecisions, machine_right: pd.Series, *, n_trained_on: int) -> list[str]:
    cautions = []
    if len(machine_right) and not machine_right.any():
        cautions.append(ALL_ERRORS.format(machine=found.machine.title))
    if len(machine_right) and machine_right.all():
        cautions.append(ALL_RIGHT.format(machine=found.machine.title))
    if n_trained_on:
        n = "1 clip is" if n_trained_on == 1 else f"{n_trained_on} clips are"
        cautions.append(TRAINED_ON.format(n=n, machine=found.machine.title))
    return cautions
