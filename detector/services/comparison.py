"""Compare finished trainings: over their runs, as the paper does, and over the clips that both held out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.fold_tables import read_table
from detector.ml.bootstrap import holm, paired_difference
from detector.ml.comparison import mann_whitney
from detector.ml.report.held_out import HeldOut, clusters_of, pool
from detector.ml.report.known import mean_known
from detector.ml.summary import MEASURES
from detector.models import Training
from detector.selectors.report import pool_folds
from detector.selectors.runs import needs_done
from studyapp.errors import InvalidAction

COMPARED = ("accuracy", "balanced_accuracy", "roc_auc", "eer")
N_RESAMPLES, LEVEL = 2000, 0.95
Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class _Side:
    """One training: its entries, the sound of each clip, and the accuracy of each run."""

    training: Training
    held: HeldOut
    shas: Sequence[str]
    accuracies: list[float]

    @property
    def threshold(self) -> float:
        return float(self.training.config["threshold"])


def compare_trainings(
    trainings: Sequence[Training],
    *,
    measures: Sequence[str] = COMPARED,
    n_resamples: int = N_RESAMPLES,
    on_part: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """Return the comparison of every pair (docs/report_json.md); the same trainings give the same numbers.

    on_part: called often; it stops the work by raising. Raises InvalidAction for fewer than two different trainings, or
    one that is not done.
    """
    chosen = list({training.pk: training for training in trainings}.values())
    if len(chosen) < 2:
        raise InvalidAction("A comparison needs two different trainings.")
    sides = [_side(training) for training in chosen]
    paired: list[Row] = []
    left_out: list[Row] = []
    for a, b in combinations(sides, 2):
        reason = _not_comparable(a, b)
        if reason:
            left_out.append({"a": a.training.pk, "b": b.training.pk, "reason": reason})
        else:
            paired += [_paired(a, b, measure, n_resamples, on_part) for measure in measures]
    for measure in measures:
        _correct([row for row in paired if row["measure"] == measure])
    seeds = [_seeds(a, b) for a, b in combinations(sides, 2)]
    _correct(seeds)
    return {
        "trainings": [_about(side.training) for side in sides],
        "seed_variability": seeds,
        "paired": paired,
        "left_out": left_out,
    }


def _side(training: Training) -> _Side:
    needs_done(training)
    tables = [read_table(fold) for fold in training.folds.all()]
    pooled = pool_folds(list(training.runs.all()), "evaluation")
    return _Side(
        training=training,
        held=pool(tables),
        shas=tables[0].shas,
        accuracies=[pooled[number]["accuracy"] for number in sorted(pooled)],
    )


def _about(training: Training) -> Row:
    return {
        "training": training.pk,
        "encoder": training.encoder,
        "protocol": training.protocol,
        "set": training.stimulus_set.slug,
    }


def _seeds(a: _Side, b: _Side) -> Row:
    found = mann_whitney(a.accuracies, b.accuracies)
    return {
        "a": a.training.pk,
        "b": b.training.pk,
        "n_a": found.n_a,
        "n_b": found.n_b,
        "mean_a": float(np.mean(a.accuracies)),
        "mean_b": float(np.mean(b.accuracies)),
        "u": found.u,
        "effect": found.rank_biserial,
        "p": found.p,
    }


def _shared(a: _Side, b: _Side) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the entries of a and of b for each sound that both held out, by hash; of several folds the first."""
    first_a, first_b = _first_entries(a), _first_entries(b)
    both = sorted(first_a.keys() & first_b.keys())
    return np.array([first_a[sha] for sha in both], dtype=np.intp), np.array([first_b[sha] for sha in both], np.intp)


def _first_entries(side: _Side) -> dict[str, int]:
    entries: dict[str, int] = {}
    for entry, clip in enumerate(side.held.clip.tolist()):
        entries.setdefault(side.shas[clip], entry)
    return entries


def _not_comparable(a: _Side, b: _Side) -> str:
    """Return why the two cannot be compared clip by clip; empty where they can."""
    if a.threshold != b.threshold:
        return f"Their thresholds differ ({a.threshold} and {b.threshold})."
    of_a, of_b = _shared(a, b)
    if not of_a.size:
        return "There is no clip that both held out."
    is_fake = a.held.is_fake[of_a]
    if (is_fake != b.held.is_fake[of_b]).any():
        return "They were given different labels for the same sounds."
    if is_fake.all() or not is_fake.any():
        return "The clips that both held out have one label only."
    return ""


def _paired(a: _Side, b: _Side, measure: str, n_resamples: int, on_part: Callable[[], None]) -> Row:
    of_a, of_b = _shared(a, b)
    is_fake = a.held.is_fake[of_a]
    scores_a, scores_b = a.held.scores[:, of_a], b.held.scores[:, of_b]
    found = paired_difference(
        is_fake,
        scores_a,
        scores_b,
        clusters_of(a.held).codes[of_a],
        measure=measure,
        threshold=a.threshold,
        n_resamples=n_resamples,
        level=LEVEL,
        rng=np.random.default_rng([a.training.seed, b.training.seed]),
        on_part=on_part,
    )
    return {
        "a": a.training.pk,
        "b": b.training.pk,
        "measure": measure,
        "n_clips": int(is_fake.size),
        "n_fake": int(is_fake.sum()),
        "n_real": int((~is_fake).sum()),
        "mean_a": mean_known([MEASURES[measure](is_fake, scores, a.threshold) for scores in scores_a]),
        "mean_b": mean_known([MEASURES[measure](is_fake, scores, a.threshold) for scores in scores_b]),
        "difference": found.estimate,
        "low": found.low,
        "high": found.high,
        "level": LEVEL,
        "p": found.p,
    }


def _correct(rows: list[Row]) -> None:
    """Add Holm's correction over the rows that have a p."""
    known = [row for row in rows if row["p"] is not None]
    for row in rows:
        row["p_holm"] = None
    for row, p in zip(known, holm([row["p"] for row in known]), strict=True):
        row["p_holm"] = p
