"""What the last saved state of a running training says, without loading the networks in it."""

from dataclasses import dataclass
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from detector.ml.checkpoint import BadFile, parse_some
from detector.models import Training
from detector.selectors.progress import training_progress
from studyapp.errors import NotFound
from studyapp.models.job import OPEN
from studyapp.reports.numbers import counted, number
from studyapp.services import media

CURVES = ("train_accuracy", "validation_accuracy")


@dataclass(frozen=True, kw_only=True)
class LiveCurves:
    """Accuracy by epoch of the fold that is being trained, up to the last saved checkpoint.

    curves: measure -> (n_epochs, n_runs) in [0, 1].
    """

    fold: int
    n_epochs: int
    curves: dict[str, NDArray[np.float64]]

    @property
    def validation_accuracy(self) -> float:
        """The latest, mean over runs."""
        return float(self.curves["validation_accuracy"][-1].mean())


def live_curves(training: Training) -> LiveCurves | None:
    """Return the curves of a training that runs; None before its first saved checkpoint, and when it has ended."""
    if training.state not in OPEN or not training.unfinished_name:
        return None
    try:
        with media.open_file(training.unfinished_name) as file:
            arrays, facts = parse_some(cast("BinaryIO", file), [f"curve/{name}" for name in CURVES])
        curves = {name: arrays[f"curve/{name}"] for name in CURVES}
        fold, n_epochs = int(facts["fold"]), int(facts["epoch"])
    except (NotFound, BadFile, KeyError):
        return None  # the worker has just put a newer one in its place; the next look finds it
    return LiveCurves(fold=fold, n_epochs=n_epochs, curves=curves) if n_epochs else None


def live_progress(training: Training) -> dict[str, Any]:
    """Return what `training_progress` says, with `detail`, the fold, epoch and accuracy in words, and `curves_at`.

    curves_at names the state that the curves are of: when it changes, there are more of them.
    """
    live = live_curves(training)
    at = f"{live.fold}-{live.n_epochs}" if live else ""
    return {**training_progress(training), "detail": _detail(training, live), "curves_at": at}


def _detail(training: Training, live: LiveCurves | None) -> str:
    if training.state not in OPEN:
        return ""
    n_epochs = int(training.config["n_epochs"])
    n_folds, fold = max(1, training.n_total // n_epochs), training.n_done // n_epochs
    clips = f" on {counted(training.n_clips, 'clip')}" if training.n_clips else ""
    words = [f"{counted(training.n_runs, 'network')}{clips}"]
    if n_folds > 1:
        words.append(f"fold {min(fold + 1, n_folds)} of {n_folds}, epoch {training.n_done % n_epochs} of {n_epochs}")
    if live:
        said = f"validation accuracy {number(live.validation_accuracy, 3)} at epoch {live.n_epochs}"
        words.append(f"{said}, mean over the networks")
    return "; ".join(words) + "."
