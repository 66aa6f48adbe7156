"""Identification by where the sound comes from: the generator of a fake, the corpus of a real sound."""

from typing import Any

import numpy as np
import pandas as pd

from studyapp.models import Study
from studyapp.selectors.clip_sources import SOURCE_COLUMNS, clip_sources
from studyapp.services.analysis_classes import interval_dict
from studyapp.stats.descriptive import summarize_mean
from studyapp.stats.proportions import wilson_interval
from studyapp.vocab import Label

SOURCE = ["truth", "generator", "split"]


def generator_results(*, study: Study, frame: pd.DataFrame) -> dict[str, Any]:
    """Return `generators`, one row per generator, and `generators_by_category`, one per category in each.

    Reals are told apart by their split in the corpus, where it is known.
    """
    clips, codes = _clips_of(study, frame)
    listeners, names = pd.factorize(frame["listener"], sort=True)
    groups = clips[SOURCE].drop_duplicates().sort_values(SOURCE).reset_index(drop=True)
    clips["group"] = clips[SOURCE].merge(groups.reset_index(), on=SOURCE, how="left")["index"].to_numpy()
    cell = clips["group"].to_numpy()[codes] * len(names) + listeners
    table = (len(groups), len(names))
    n = np.bincount(cell, minlength=table[0] * table[1]).reshape(table)
    k = np.bincount(cell[frame["is_correct"].to_numpy(dtype=bool)], minlength=table[0] * table[1]).reshape(table)
    rows, sources = [], [dict(zip(SOURCE, row, strict=True)) for row in groups.itertuples(index=False, name=None)]
    for at, source in enumerate(sources):
        of_source, heard = clips[clips["group"] == at], n[at] > 0
        rows.append(
            {
                **source,
                "n_recordings": int(of_source.loc[of_source["recording"] != "", "recording"].nunique()),
                "n_listeners": int(heard.sum()),
                **_shares(len(of_source), of_source["k"].sum(), of_source["n"].sum()),
                "by_listener": _over((k[at][heard] / n[at][heard]).tolist()),
                "by_clip": _over((of_source["k"] / of_source["n"]).tolist()),
            }
        )
    cells = clips.groupby(["category", "group"]).agg(n_clips=("clip", "size"), k=("k", "sum"), n=("n", "sum"))
    return {
        "generators": rows,
        "generators_by_category": [
            {"category": category, **sources[group], **_shares(*counts)}
            for category, group, *counts in cells.reset_index().itertuples(index=False, name=None)
        ],
    }


def _clips_of(study: Study, frame: pd.DataFrame) -> tuple[pd.DataFrame, Any]:
    """Return one row per judged clip and class of truth, and the row of each judgement.

    A clip whose label was changed between two versions stands twice, once as each.
    """
    is_fake = (frame["truth"] == Label.FAKE.value).to_numpy()
    codes, keys = pd.factorize(frame["clip"].to_numpy() * 2 + is_fake, sort=True)
    first = np.unique(codes, return_index=True)[1]
    n = np.bincount(codes, minlength=len(keys))
    k = np.bincount(codes[frame["is_correct"].to_numpy(dtype=bool)], minlength=len(keys))
    clips = pd.DataFrame(
        {
            "clip": keys // 2,
            "truth": np.where(keys % 2 == 1, Label.FAKE.value, Label.REAL.value),
            "category": frame["category"].iloc[first].astype(str).to_numpy(),
            "n": n,
            "k": k,
        }
    ).join(_sources(study), on="clip")
    clips["split"] = clips["split"].where(clips["truth"] == Label.REAL.value, "")
    return clips, codes


def _shares(n_clips: int, k: float, n: float) -> dict[str, Any]:
    return {
        "n_clips": int(n_clips),
        "n_correct": int(k),
        "n_judgements": int(n),
        "proportion_correct": int(k) / int(n),
        "wilson_interval": interval_dict(wilson_interval(n_successes=int(k), n_trials=int(n))),
    }


def _over(shares: list[float]) -> dict[str, Any]:
    found = summarize_mean(shares, null=0.5)
    return {"n_units": found.n_units, "mean": found.mean, "sd": found.sd, "interval": interval_dict(found.interval)}


def _sources(study: Study) -> pd.DataFrame:
    return pd.DataFrame(clip_sources(study), columns=SOURCE_COLUMNS).set_index("clip")
