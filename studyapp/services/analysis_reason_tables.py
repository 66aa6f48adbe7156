"""Reasons by the truth, the category and the generator of the clips, each table tested by permuting over clips."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from studyapp.stats.cross_tables import CrossTable, cross_table
from studyapp.stats.multiple import holm
from studyapp.vocab import Label

SMALL_COUNT = 5  # the share of a reason in a group is read with care below it
# What labels are exchanged within, so that what differs between those clips stays where it is.
WITHIN = {"truth": "category", "category": "truth", "generator": "category"}
NO_GROUP = {
    "truth": "No clip has a reason.",
    "category": "No clip has a reason.",
    "generator": "No fake that has a reason names its generator.",
}
ONE_GROUP = "All clips that have a reason are of one {by}, so there is nothing to compare."
ONE_REASON = "One reason alone was given, so there is nothing to compare."
FIXED = "Clips of one {within} are all of one {by}, so no label can be exchanged and nothing can be tested."


@dataclass(frozen=True, kw_only=True)
class ClipReasons:
    """What was given of each clip.

    `clips` has one row for each clip that has a reason: clip, truth, category, n_judgements (those with a reason);
    `counts` is (n_clips, n_codes), how often each reason was chosen.
    """

    clips: pd.DataFrame
    counts: NDArray[np.int64]


def reason_tables(
    *, chosen: pd.DataFrame, codes: Sequence[str], generators: Mapping[int, str], seed: int
) -> list[dict[str, Any]]:
    """Return the three cross-tables of the reasons (see reason_frame), with Holm's correction over them."""
    given = clip_reasons(chosen, codes)
    clips = given.clips.assign(generator=[generators.get(clip, "") for clip in given.clips["clip"]])
    has_label = {
        "truth": np.ones(len(clips), bool),
        "category": np.ones(len(clips), bool),
        # A recording has no generator, whatever the file says.
        "generator": ((clips["truth"] == Label.FAKE.value) & (clips["generator"] != "")).to_numpy(bool),
    }
    tables = [_table(by, clips[there], given.counts[there], seed) for by, there in has_label.items()]
    tested = [table for table in tables if table["p_permutation"] is not None]
    for table, adjusted in zip(tested, holm([table["p_permutation"] for table in tested]), strict=True):
        table["p_holm"] = adjusted
    return tables


def clip_reasons(chosen: pd.DataFrame, codes: Sequence[str]) -> ClipReasons:
    """Count the reasons of each clip. A clip that versions label differently is one clip for each of its labels."""
    facts = ["clip", "truth", "category"]
    clip = chosen.groupby(facts, observed=True, sort=True).ngroup().to_numpy()
    n_clips = int(clip.max(initial=-1)) + 1
    place = chosen["code"].map({code: number for number, code in enumerate(codes)}).to_numpy(np.int64)
    counts = np.bincount(clip * len(codes) + place, minlength=n_clips * len(codes)).reshape(n_clips, len(codes))
    once = ~chosen["judgement"].duplicated().to_numpy()
    first = np.zeros(n_clips, np.int64)
    first[clip[::-1]] = np.arange(len(chosen))[::-1]
    clips = chosen[facts].iloc[first].astype({"truth": str, "category": str}).reset_index(drop=True)
    return ClipReasons(clips=clips.assign(n_judgements=np.bincount(clip[once], minlength=n_clips)), counts=counts)


def _table(by: str, clips: pd.DataFrame, counts: NDArray[np.int64], seed: int) -> dict[str, Any]:
    labels, names = pd.factorize(clips[by], sort=True)
    strata = pd.factorize(clips[WITHIN[by]])[0]
    found = cross_table(counts, labels, n_groups=len(names), strata=strata, seed=seed)
    return {
        "by": by,
        "permuted_within": WITHIN[by],
        "groups": [
            {
                "name": str(name),
                "n_clips": int((labels == number).sum()),
                "n_judgements": int(clips["n_judgements"][labels == number].sum()),
                "counts": [int(count) for count in found.counts[number]],
            }
            for number, name in enumerate(names)
        ],
        "n_small_counts": int((found.counts < SMALL_COUNT).sum()),
        "chi_square": found.chi_square,
        "df": found.df,
        "cramers_v": found.cramers_v,
        "p_permutation": found.p_value,
        "p_least": found.least_p,
        "p_holm": None,
        "n_permutations": found.n_permutations,
        "seed": found.seed,
        "problem": _problem(by, found),
    }


def _problem(by: str, found: CrossTable) -> str:
    """Say why there is no test; empty where there is one."""
    if found.p_value is not None:
        return ""
    if len(found.counts) < 2:
        return ONE_GROUP.format(by=by) if len(found.counts) else NO_GROUP[by]
    if found.chi_square is None:
        return ONE_REASON
    return FIXED.format(by=by, within=WITHIN[by])
