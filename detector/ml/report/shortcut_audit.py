"""What six properties of the sound files alone give away, under the training's own folds."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.ml.bootstrap import bootstrap_measures
from detector.ml.shortcuts import FEATURES, audit_shortcuts
from detector.ml.summary import MEASURES, all_measures

from .held_out import HeldOut, Table, clusters_of

THRESHOLD = 0.5  # the logistic regression weighs both labels equally


def audit(
    facts: NDArray[np.float64],
    tables: Sequence[Table],
    held: HeldOut,
    *,
    n_resamples: int,
    level: float,
    rng: np.random.Generator,
    on_part: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """Return the same measures and intervals as the detector's, of the logistic regression.

    facts: (n_clips, n_features) in the order of FEATURES, clips as in the tables. A clip that several folds hold out
    counts once, with the mean of its scores. Left out, with the reason, where a fact is not finite.
    """
    if not np.isfinite(facts).all():
        return {"left_out": f"{int((~np.isfinite(facts).all(axis=1)).sum())} clips have facts that are not numbers."}
    found = audit_shortcuts(facts, tables[0].is_fake, [table.assignment for table in tables])
    once = np.unique(held.clip, return_index=True)[1]
    codes = clusters_of(held).codes[once]
    is_fake, scores = held.is_fake[once], found.scores[held.clip[once]]
    values = all_measures(is_fake, scores, THRESHOLD)
    intervals = bootstrap_measures(
        is_fake,
        scores[np.newaxis],
        codes,
        threshold=THRESHOLD,
        measures=tuple(MEASURES),
        n_resamples=n_resamples,
        level=level,
        rng=rng,
        on_part=on_part,
    )
    return {
        "features": list(FEATURES),
        "n": int(once.size),
        "overall": {
            measure: {"mean": values[measure], "low": intervals[measure].low, "high": intervals[measure].high}
            for measure in MEASURES
        },
        "coefficients": [
            {"feature": feature, "mean": float(mean)}
            for feature, mean in zip(FEATURES, np.mean(found.coefficients, axis=0), strict=True)
        ],
    }
