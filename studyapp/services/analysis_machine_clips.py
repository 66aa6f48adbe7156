"""The clips that listeners and a machine both judged: what each said of them, and who was right."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from studyapp.models import Machine
from studyapp.selectors.machine_comparison import MachineDecisions
from studyapp.vocab import Label, Split

TRAINING_SPLITS = (Split.TRAIN.value, Split.VALIDATION.value)
TIE = "tie"
# Who is right about a clip, in the order in which pages show it.
WHO = ("both_right", "only_human_right", "only_machine_right", "both_wrong", "ties_machine_right", "ties_machine_wrong")
FEWEST_DRAWS, MOST_DRAWS = 400, 2000
DRAWN_VALUES = 1_000_000  # clips times draws of a bootstrap or permutation, so that thousands of clips take no minute
CLIP_COLUMNS = [
    "clip",
    "name",
    "truth",
    "category",
    "generator",
    "n_judgements",
    "n_fake",
    "share_fake",
    "majority",
    "fake_score",
    "decision",
    "who_is_right",
]


@dataclass(frozen=True, kw_only=True)
class Both:
    """A machine, and the clips that it and listeners judged, sorted by key, less those that it was trained on.

    `clips` has CLIP_COLUMNS and source_group; fake_score is NaN where the machine gave a decision alone.
    """

    machine: Machine
    clips: pd.DataFrame
    n_not_judged: int
    n_trained_on: int
    seed: int

    @property
    def title(self) -> str:
        return self.machine.title

    @cached_property
    def is_fake(self) -> NDArray[np.bool_]:
        return (self.clips["truth"] == Label.FAKE.value).to_numpy()

    @cached_property
    def machine_right(self) -> NDArray[np.bool_]:
        return (self.clips["decision"] == self.clips["truth"]).to_numpy()

    @property
    def is_all_errors(self) -> bool:
        return bool(len(self.clips)) and not self.machine_right.any()

    @property
    def n_draws(self) -> int:
        """How often clips are drawn again."""
        return max(FEWEST_DRAWS, min(MOST_DRAWS, DRAWN_VALUES // max(len(self.clips), 1)))

    def count(self, who: str) -> int:
        return int((self.clips["who_is_right"] == who).sum())


def clip_majorities(judgements: pd.DataFrame) -> pd.DataFrame:
    """Return one row per clip and truth: category, n_judgements, n_fake, share_fake, majority (real, fake or tie)."""
    clips = (
        judgements.groupby(["clip", "truth"], sort=True)["said_fake"]
        .agg(n_judgements="size", n_fake="sum")
        .reset_index()
        .astype({"truth": str, "n_judgements": int, "n_fake": int})
    )
    categories = judgements[["clip", "category"]].drop_duplicates("clip").astype({"category": str})
    clips = clips.merge(categories, on="clip")
    clips["share_fake"] = clips["n_fake"] / clips["n_judgements"]
    clips["majority"] = TIE
    # Whole numbers are compared, so that a tie is a tie whatever rounding does to the share.
    clips.loc[clips["n_fake"] * 2 > clips["n_judgements"], "majority"] = Label.FAKE.value
    clips.loc[clips["n_fake"] * 2 < clips["n_judgements"], "majority"] = Label.REAL.value
    return clips


def clips_of_both(found: MachineDecisions, clips: pd.DataFrame, facts: pd.DataFrame, *, seed: int) -> Both:
    """Hold one machine's decisions beside the listeners' majorities. facts: see clip_facts."""
    judged = clips.merge(found.decisions, on="clip", how="inner")
    both = judged[~judged["split"].isin(TRAINING_SPLITS)].merge(facts, on="clip", how="left")
    both = both.sort_values(["clip", "truth"], ignore_index=True).astype({"fake_score": float})
    machine, human = both["decision"] == both["truth"], both["majority"] == both["truth"]
    tied = both["majority"] == TIE
    both["who_is_right"] = np.select(
        [tied & machine, tied, machine & human, human, machine],
        ["ties_machine_right", "ties_machine_wrong", "both_right", "only_human_right", "only_machine_right"],
        "both_wrong",
    )
    return Both(
        machine=found.machine,
        clips=both,
        n_not_judged=len(clips) - len(judged),
        n_trained_on=len(judged) - len(both),
        seed=seed,
    )


def clip_rows(both: Both) -> list[dict[str, Any]]:
    """Return the clips as rows of CLIP_COLUMNS; None where the machine gave no score."""
    rows = (dict(zip(CLIP_COLUMNS, row, strict=True)) for row in both.clips[CLIP_COLUMNS].to_numpy(object).tolist())
    return [{**row, "fake_score": None if np.isnan(row["fake_score"]) else row["fake_score"]} for row in rows]
