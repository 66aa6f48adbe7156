"""Whether listeners agree, whether others would give the same shares, and whether each agrees with oneself."""

from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
from django.db.models import QuerySet

from studyapp.models import Session
from studyapp.selectors.answer_tables import answer_tables
from studyapp.selectors.repeats import repeated_judgements
from studyapp.services.analysis_classes import interval_dict
from studyapp.stats.agreement import (
    Table,
    cohen_kappa,
    fleiss_kappa,
    intraclass_correlations,
    krippendorff_alpha,
    split_half_reliability,
)
from studyapp.stats.descriptive import summarize_mean
from studyapp.stats.rank_correlation import noise_ceiling
from studyapp.vocab import Label

N_SPLITS = 1000
FEW_SPLITS = 100  # of large tables, whose reliability hardly hangs on the split
LARGE = 200_000  # cells, listeners times clips
LARGEST = 5_000_000  # a table with more cells would take too much memory

NO_ALPHA = "Alpha is not defined: no clip has two answers, or all answers are the same."
NO_FLEISS = (
    "Fleiss’ kappa is not defined: it needs the same number of listeners, two at least, for each clip, and answers "
    "that differ."
)
NO_SPLIT = (
    "The split-half reliability is not defined: it needs two listeners and three clips, and shares that differ between "
    "clips."
)
NO_CEILING = "A correlation has no ceiling to be held against: the split-half reliability is not above 0."
NO_ICC = (
    "The intraclass correlations are not defined: they need two listeners and two clips, an answer of each listener to "
    "each clip, and answers that differ."
)
TOO_LARGE = (
    "{listeners} listeners times {clips} clips make too large a table: reliability is not computed of more than 5 "
    "million cells."
)


def reliability_results(*, sessions: QuerySet[Session], frame: pd.DataFrame, seed: int) -> dict[str, Any]:
    """Return how far listeners agree within each class of truth and over both, and with themselves on repeats.

    frame: the judgements of the sessions.
    """
    n_listeners, n_clips = frame["listener"].nunique(), frame["clip"].nunique()
    repeats = repeated_judgements(sessions=sessions, judgements=frame)
    found: dict[str, Any] = {"seed": seed, "repeats": _repeats(repeats)}
    if n_listeners * n_clips > LARGEST:
        note = TOO_LARGE.format(listeners=n_listeners, clips=n_clips)
        return {**found, **{name: _nothing(n_listeners, n_clips, note) for name in ("fake", "real", "all")}}
    tables = answer_tables(frame)
    both = np.hstack([tables[Label.FAKE], tables[Label.REAL]])
    for name, table in (("fake", tables[Label.FAKE]), ("real", tables[Label.REAL]), ("all", both)):
        found[name] = _agreement(table, seed)
    return found


def _agreement(table: Table, seed: int) -> dict[str, Any]:
    """Return the measures of one table of listeners and clips, less those that no answer stands in."""
    there = ~np.isnan(table)
    table = table[there.any(axis=1)]
    n_listeners, n_clips = table.shape
    n_splits = N_SPLITS if table.size <= LARGE else FEW_SPLITS
    split_half = split_half_reliability(table, seed=seed, n_splits=n_splits)
    found = {
        "n_listeners": n_listeners,
        "n_clips": n_clips,
        "krippendorff_alpha": krippendorff_alpha(table),
        "fleiss_kappa": _fleiss(table),
        "split_half": split_half,
        "n_splits": n_splits,
        "ceiling": noise_ceiling(split_half),
        "icc": _icc(table),
    }
    reasons = {"krippendorff_alpha": NO_ALPHA, "fleiss_kappa": NO_FLEISS, "split_half": NO_SPLIT, "icc": NO_ICC}
    if split_half is not None:
        reasons["ceiling"] = NO_CEILING
    return {**found, "notes": [words for name, words in reasons.items() if found[name] is None]}


def _nothing(n_listeners: int, n_clips: int, note: str) -> dict[str, Any]:
    undefined = ("krippendorff_alpha", "fleiss_kappa", "split_half", "ceiling", "icc")
    counts = {"n_listeners": n_listeners, "n_clips": n_clips, "n_splits": 0}
    return {**counts, **dict.fromkeys(undefined), "notes": [note]}


def _fleiss(table: Table) -> float | None:
    n_fake, n = np.nansum(table, axis=0), (~np.isnan(table)).sum(axis=0)
    if not len(n) or n.min() != n.max() or n[0] < 2:
        return None
    return fleiss_kappa(np.column_stack([n_fake, n - n_fake]))


def _icc(table: Table) -> dict[str, float | None] | None:
    if min(table.shape) < 2 or np.isnan(table).any():
        return None
    found = intraclass_correlations(table.T)
    return None if found.consistency is None else asdict(found)


def _repeats(pairs: pd.DataFrame) -> dict[str, Any]:
    """Return how often listeners gave a repeated clip the same answer again."""
    same = pairs["first"] == pairs["again"]
    shares = same.groupby(pairs["listener"]).mean()
    over = summarize_mean([float(share) for share in shares], null=0.5)
    kappa = cohen_kappa(pairs["first"].to_numpy(float), pairs["again"].to_numpy(float)) if len(pairs) else None
    return {
        "n_pairs": len(pairs),
        "n_same": int(same.sum()),
        "n_listeners": over.n_units,
        "mean": over.mean,
        "sd": over.sd,
        "interval": interval_dict(over.interval),
        "n_below_half": int((shares < 0.5).sum()),
        "kappa": kappa.kappa if kappa else None,
    }
