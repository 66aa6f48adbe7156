"""All measures over the held-out clips: each run, mean and spread, intervals, and each fold."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from detector.ml.bootstrap import bootstrap_measures
from detector.ml.metrics import mean_and_sd
from detector.ml.summary import MEASURES, all_measures

from .held_out import Clusters, HeldOut
from .known import mean_known


def by_run(held: HeldOut, *, threshold: float) -> list[dict[str, Any]]:
    """Return every measure of every run over the entries of all folds; runs are numbered from 1."""
    return [
        {"run": number, **all_measures(held.is_fake, scores, threshold)}
        for number, scores in enumerate(held.scores, start=1)
    ]


def overall(
    held: HeldOut,
    clusters: Clusters,
    *,
    threshold: float,
    n_resamples: int,
    level: float,
    rng: np.random.Generator,
    on_part: Callable[[], None] = lambda: None,
) -> dict[str, dict[str, Any]]:
    """Return each measure's mean and SD over runs, and the cluster bootstrap's interval of the mean.

    on_part: called now and then; it stops the work by raising.
    """
    runs = by_run(held, threshold=threshold)
    intervals = bootstrap_measures(
        held.is_fake,
        held.scores,
        clusters.codes,
        threshold=threshold,
        measures=tuple(MEASURES),
        n_resamples=n_resamples,
        level=level,
        rng=rng,
        on_part=on_part,
    )
    result: dict[str, dict[str, Any]] = {}
    for measure in MEASURES:
        mean, sd = _spread([run[measure] for run in runs])
        result[measure] = {
            "mean": mean,
            "sd": sd,
            "low": intervals[measure].low,
            "high": intervals[measure].high,
            "level": level,
            "n_resamples": n_resamples,
        }
    return result


def _spread(values: Sequence[float | None]) -> tuple[float | None, float | None]:
    known = [value for value in values if value is not None]
    return mean_and_sd(known) if known and len(known) == len(values) else (None, None)


def by_fold(held: HeldOut, names: Sequence[str], *, threshold: float) -> list[dict[str, Any]]:
    """Return each measure's mean over runs within each fold."""
    rows = []
    for fold, name in enumerate(names):
        here = held.fold == fold
        if not here.any():
            continue
        runs = [all_measures(held.is_fake[here], scores[here], threshold) for scores in held.scores]
        n_fake = int(held.is_fake[here].sum())
        counts = {
            "fold": fold,
            "name": name,
            "n": int(here.sum()),
            "n_fake": n_fake,
            "n_real": int(here.sum()) - n_fake,
        }
        rows.append({**counts, **{measure: mean_known([run[measure] for run in runs]) for measure in MEASURES}})
    return rows
