"""Find trainings and their networks."""

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from detector.models import DetectorRun, Training
from studyapp.errors import InvalidAction, NotFound
from studyapp.vocab import JobState

BEST = "best"
RANDOM_WEIGHTS = "/random-weights"  # the end of the name of an encoder whose weights were drawn, not learned
NO_SYSTEMS = "the labels were dealt anew by chance, so that nothing can be said of systems or of their quality"


def training_by_id(pk: int) -> Training:
    """Return a training. Raises NotFound, naming what exists."""
    found = Training.objects.select_related("stimulus_set").filter(pk=pk).first()
    if found is None:
        known = ", ".join(map(str, Training.objects.order_by("pk").values_list("pk", flat=True)[:20]))
        raise NotFound(f"There is no training {pk}. {f'There are: {known}.' if known else 'None was made yet.'}")
    return found


def needs_done(training: Training) -> None:
    """Raise InvalidAction unless the training is done: only then are all its networks there."""
    if training.state != JobState.DONE.value:
        reason = f" ({training.error})" if training.error else ""
        raise InvalidAction(f"Training {training.pk} is {training.state}{reason}; only a finished one has detectors.")


def control_kind(training: Training) -> str:
    """Return permuted_labels or random_weights; empty for a training that is no negative control."""
    if has_dealt_labels(training.config):
        return "permuted_labels"
    return "random_weights" if training.encoder.endswith(RANDOM_WEIGHTS) else ""


def has_dealt_labels(config: Mapping[str, Any]) -> bool:
    """Whether a training of this configuration learned labels that were dealt anew by chance."""
    return bool(config.get("permute_labels"))


def needs_true_labels(training: Training) -> None:
    """Raise InvalidAction for a training on dealt labels: what it says of clips means nothing."""
    if has_dealt_labels(training.config):
        raise InvalidAction(
            f"Training {training.pk} is a negative control: its labels were dealt anew by chance, so that its scores "
            "say nothing of the clips. Take a training with the true labels."
        )


def dealt_by(training: Training) -> int | None:
    """Return the seed by which a negative control's labels were dealt anew; None for a training with the true labels.

    Trainings that differ in it were evaluated under different labels, whatever their clips.
    """
    return training.seed if has_dealt_labels(training.config) else None


def chosen_runs(training: Training, choice: str) -> list[DetectorRun]:
    """Return one run for each fold: the best by validation accuracy (the lowest number on a tie), or that number.

    Raises NotFound for a number that is not there, InvalidAction for anything else.
    """
    if choice != BEST and not re.fullmatch("[0-9]{1,6}", choice):
        raise InvalidAction(f"run {choice[:40]!r}: use best, or a number from 1 to {training.n_runs}")
    found = training.runs.select_related("fold").defer("curves").order_by("fold__number", "number")
    folds = [list(group) for _, group in groupby(found, key=lambda run: run.fold_id)]
    if choice == BEST:
        chosen = [best_of(runs) for runs in folds]
    else:
        chosen = [run for runs in folds for run in runs if run.number == int(choice)]
    if not chosen:
        raise NotFound(f"Training {training.pk} has no run {choice}: it has runs 1 to {training.n_runs}.")
    return chosen


def best_of(runs: Sequence[DetectorRun]) -> DetectorRun:
    """Return the best run of a fold by validation accuracy, the lowest number on a tie."""
    return max(runs, key=lambda run: (run.validation["accuracy"], -run.number))
