"""Compare finished trainings: over their runs, as the paper does, and over the clips that both held out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.fold_tables import read_table
from detector.ml.bootstrap import paired_difference
from detector.ml.report.held_out import HeldOut, clusters_of, pool
from detector.ml.report.known import mean_known
from detector.ml.summary import MEASURES
from detector.models import Training
from detector.selectors.compared import OTHER_LABELS, add_holm, seed_variability
from detector.selectors.report import pool_folds
from detector.selectors.runs import control_kind, dealt_by, needs_done
from studyapp.errors import InvalidAction

SCHEMA = 1
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

    @cached_property
    def evaluated_on(self) -> tuple[object, ...]:
        """The sound and label of every entry, sorted, and how the labels came about."""
        entries = zip(self.held.clip.tolist(), self.held.is_fake.tolist(), strict=True)
        return sorted((self.shas[clip], is_fake) for clip, is_fake in entries), dealt_by(self.training)

    @cached_property
    def first_entries(self) -> dict[str, int]:
        """The entry of each sound by hash; of several folds that held it out the first."""
        entries: dict[str, int] = {}
        for entry, clip in enumerate(self.held.clip.tolist()):
            entries.setdefault(self.shas[clip], entry)
        return entries

    @cached_property
    def clusters(self) -> NDArray[np.intp]:
        return clusters_of(self.held).codes


@dataclass(frozen=True, kw_only=True)
class _Pair:
    """Two trainings, and the entries of a and of b for each sound that both held out, in order of its hash."""

    a: _Side
    b: _Side
    of_a: NDArray[np.intp]
    of_b: NDArray[np.intp]


def compare_trainings(
    trainings: Sequence[Training],
    *,
    measures: Sequence[str] = COMPARED,
    n_resamples: int = N_RESAMPLES,
    level: float = LEVEL,
    on_part: Callable[[], None] = lambda: None,
    on_difference: Callable[[int, int], None] = lambda n_done, n_total: None,
) -> dict[str, Any]:
    """Return the comparison of every pair (docs/report_json.md); the same trainings give the same numbers.

    on_part: called often; it stops the work by raising. on_difference: told how many paired differences are done and
    how many there are in all, first when none is. Raises InvalidAction for fewer than two different trainings, or one
    that is not done.
    """
    chosen = list({training.pk: training for training in trainings}.values())
    if len(chosen) < 2:
        raise InvalidAction("A comparison needs two different trainings.")
    sides = [_side(training) for training in chosen]
    seeds, left_out = seed_variability(sides)
    pairs: list[_Pair] = []
    for pair in (_pair(a, b) for a, b in combinations(sides, 2)):
        if reason := _not_comparable(pair):
            left_out.append({"a": pair.a.training.pk, "b": pair.b.training.pk, "kind": "paired", "reason": reason})
        else:
            pairs.append(pair)
    asked = [(pair, measure) for pair in pairs for measure in measures]
    on_difference(0, len(asked))
    paired: list[Row] = []
    for pair, measure in asked:
        paired.append(_paired(pair, measure, n_resamples, level, on_part))
        on_difference(len(paired), len(asked))
    for measure in measures:
        add_holm([row for row in paired if row["measure"] == measure])
    return {
        "schema": SCHEMA,
        "options": {"n_resamples": n_resamples, "level": level},
        "trainings": [_about(training) for training in chosen],
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
        "negative_control": control_kind(training) or None,
    }


def _pair(a: _Side, b: _Side) -> _Pair:
    both = sorted(a.first_entries.keys() & b.first_entries.keys())
    of_a, of_b = (np.array([side.first_entries[sha] for sha in both], dtype=np.intp) for side in (a, b))
    return _Pair(a=a, b=b, of_a=of_a, of_b=of_b)


def _not_comparable(pair: _Pair) -> str:
    """Return why the two cannot be compared clip by clip; empty where they can."""
    a, b = pair.a, pair.b
    if dealt_by(a.training) != dealt_by(b.training):
        return OTHER_LABELS
    if a.threshold != b.threshold:
        return f"Their thresholds differ ({a.threshold} and {b.threshold})."
    if not pair.of_a.size:
        return "There is no clip that both held out."
    is_fake = a.held.is_fake[pair.of_a]
    if (is_fake != b.held.is_fake[pair.of_b]).any():
        return "They were given different labels for the same sounds."
    if is_fake.all() or not is_fake.any():
        return "The clips that both held out have one label only."
    return ""


def _paired(pair: _Pair, measure: str, n_resamples: int, level: float, on_part: Callable[[], None]) -> Row:
    a, b = pair.a, pair.b
    is_fake, clusters = a.held.is_fake[pair.of_a], a.clusters[pair.of_a]
    scores_a, scores_b = a.held.scores[:, pair.of_a], b.held.scores[:, pair.of_b]
    found = paired_difference(
        is_fake,
        scores_a,
        scores_b,
        clusters,
        measure=measure,
        threshold=a.threshold,
        n_resamples=n_resamples,
        level=level,
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
        "n_clusters_fake": found.n_clusters_fake,
        "n_clusters_real": found.n_clusters_real,
        "mean_a": mean_known([MEASURES[measure](is_fake, scores, a.threshold) for scores in scores_a]),
        "mean_b": mean_known([MEASURES[measure](is_fake, scores, a.threshold) for scores in scores_b]),
        "difference": found.estimate,
        "low": found.low,
        "high": found.high,
        "level": level,
        "p": found.p,
    }
