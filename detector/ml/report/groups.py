"""Held-out results by category, by system, and both: means over runs, unrounded, ready for JSON."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.ml.calibration import binary_cross_entropy
from detector.ml.metrics import evaluate
from detector.ml.ranking import equal_error_rate, roc_auc

from .held_out import HeldOut
from .known import mean_known

Measure = Callable[[NDArray[np.bool_], NDArray[np.float64]], float]


def by_category(held: HeldOut, *, threshold: float, best: int) -> list[dict[str, Any]]:
    """Return accuracy and balanced accuracy of each category; `best`: the run chosen on the evaluation set."""
    return [_category(held, category, threshold, best) for category in sorted(set(held.categories.tolist()))]


def _category(held: HeldOut, category: str, threshold: float, best: int) -> dict[str, Any]:
    chosen = held.categories == category
    runs = [evaluate(held.is_fake[chosen], scores[chosen], threshold=threshold) for scores in held.scores]
    n_fake = runs[0].hits + runs[0].misses
    return {
        "category": category,
        "n": runs[0].n,
        "n_fake": n_fake,
        "n_real": runs[0].n - n_fake,
        "accuracy": float(np.mean([run.accuracy for run in runs])),
        "balanced_accuracy": mean_known([run.balanced_accuracy for run in runs]),
        "accuracy_best_on_evaluation": runs[best].accuracy,
    }


def by_system(held: HeldOut, *, threshold: float) -> list[dict[str, Any]]:
    """Return how each system's held-out fakes fare against all recordings held out by the same folds; worst hits first.

    bce: mean of -ln(fake_score) over the system's entries and runs. roc_auc, eer: means over folds, weighted by the
    system's entries in each; None where a fold of the system holds no recording.
    """
    rows = [_system(held, system, threshold) for system in held.systems]
    return sorted(rows, key=lambda row: (row["hit_rate"], row["system"]))


def _system(held: HeldOut, system: str, threshold: float) -> dict[str, Any]:
    fakes = held.is_fake & (held.generators == system)
    scores = held.scores[:, fakes]  # (R, n_fakes)
    place = int(np.flatnonzero(fakes)[0])
    all_fake = np.ones(scores.shape[1], dtype=bool)
    return {
        "system": system,
        "team": str(held.teams[place]),
        "track": str(held.tracks[place]),
        "n": int(fakes.sum()),
        "hit_rate": float((scores >= threshold).mean()),
        "bce": float(np.mean([binary_cross_entropy(all_fake, row).mean() for row in scores])),
        "roc_auc": _against_recordings(held, fakes, roc_auc),
        "eer": _against_recordings(held, fakes, equal_error_rate),
    }


def _against_recordings(held: HeldOut, fakes: NDArray[np.bool_], measure: Measure) -> float | None:
    total = 0.0
    for fold in set(held.fold[fakes].tolist()):
        here = (held.fold == fold) & (fakes | ~held.is_fake)
        is_fake = held.is_fake[here]
        if is_fake.all():
            return None
        values = [measure(is_fake, scores[here]) for scores in held.scores]
        total += float(np.mean(values)) * int(is_fake.sum())
    return total / int(fakes.sum())


def systems_in_short(rows: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Return means and worst over the rows of `by_system`, each system counting once; None without systems."""
    if not rows:
        return None
    worst = min(rows, key=lambda row: (row["hit_rate"], row["system"]))
    known = [row for row in rows if row["eer"] is not None]
    worst_eer = max(known, key=lambda row: (row["eer"], row["system"]), default=None)
    return {
        "n": len(rows),
        "mean_hit_rate": float(np.mean([row["hit_rate"] for row in rows])),
        "worst": {"system": worst["system"], "hit_rate": worst["hit_rate"]},
        "mean_roc_auc": mean_known([row["roc_auc"] for row in rows]),
        "mean_eer": mean_known([row["eer"] for row in rows]),
        "worst_eer": worst_eer and {"system": worst_eer["system"], "eer": worst_eer["eer"]},
    }


def by_system_category(held: HeldOut, *, threshold: float) -> list[dict[str, Any]]:
    """Return the share of fakes called fake for each system and category that has any, mean over runs."""
    return [
        {
            "system": system,
            "category": category,
            "n": int(chosen.sum()),
            "hit_rate": float((held.scores[:, chosen] >= threshold).mean()),
        }
        for system, category, chosen in _cells(held)
    ]


def _cells(held: HeldOut) -> Iterator[tuple[str, str, NDArray[np.bool_]]]:
    for system in held.systems:
        of_system = held.is_fake & (held.generators == system)
        for category in sorted(set(held.categories[of_system].tolist())):
            yield system, category, of_system & (held.categories == category)
