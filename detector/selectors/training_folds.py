"""The folds of a finished training with their networks, for its page."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from detector.models import DetectorRun, Fold, Training
from detector.selectors.runs import best_of


@dataclass(frozen=True, kw_only=True)
class FoldRow:
    """A fold, its networks, which of them is the best by validation accuracy, and means over them."""

    fold: Fold
    runs: Sequence[DetectorRun]
    best: DetectorRun
    validation_accuracy: float
    evaluation_accuracy: float
    balanced_accuracy: float | None

    @property
    def name(self) -> str:
        return self.fold.name or f"fold {self.fold.number + 1}"


def fold_rows(training: Training) -> list[FoldRow]:
    """Return the folds in order, in one query; the networks' curves are not loaded."""
    runs = training.runs.select_related("fold").defer("curves").order_by("fold__number", "number")
    return [_row(list(group)) for _, group in groupby(runs, key=lambda run: run.fold_id)]


def _row(runs: Sequence[DetectorRun]) -> FoldRow:
    balanced = [run.evaluation["balanced_accuracy"] for run in runs]
    return FoldRow(
        fold=runs[0].fold,
        runs=runs,
        best=best_of(runs),
        validation_accuracy=_mean([run.validation["accuracy"] for run in runs]),
        evaluation_accuracy=_mean([run.evaluation["accuracy"] for run in runs]),
        balanced_accuracy=None if None in balanced else _mean(balanced),
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
