"""How well a detector does. FAKE is the positive class, and scores rise with fakeness."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.ml.ranking import roc_auc


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """Counts and what follows from them; unrounded.

    n: clips. hits, misses: fakes called fake, called real. false_alarms, correct_rejections: reals called fake, called
    real. balanced_accuracy, roc_auc: None where one label is missing.
    """

    n: int
    hits: int
    misses: int
    false_alarms: int
    correct_rejections: int
    accuracy: float
    balanced_accuracy: float | None
    roc_auc: float | None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def evaluate(is_fake: NDArray[np.bool_], fake_score: NDArray[np.floating], *, threshold: float = 0.5) -> Metrics:
    """Return the metrics of scores (n,) against the truth (n,).

    A score at or above the threshold means fake. Raises ValueError where there is no clip.

    Examples
    --------
    >>> evaluate(np.array([True, True, False]), np.array([0.9, 0.2, 0.1])).accuracy
    0.6666666666666666
    """
    if is_fake.size == 0 or is_fake.shape != fake_score.shape:
        raise ValueError(f"{is_fake.shape} labels and {fake_score.shape} scores: need one score for each of some clips")
    called = fake_score >= threshold
    hits, misses = int((called & is_fake).sum()), int((~called & is_fake).sum())
    false_alarms, rejections = int((called & ~is_fake).sum()), int((~called & ~is_fake).sum())
    both = hits + misses > 0 and false_alarms + rejections > 0
    balanced = (hits / (hits + misses) + rejections / (rejections + false_alarms)) / 2 if both else None
    return Metrics(
        n=int(is_fake.size),
        hits=hits,
        misses=misses,
        false_alarms=false_alarms,
        correct_rejections=rejections,
        accuracy=(hits + rejections) / is_fake.size,
        balanced_accuracy=balanced,
        roc_auc=roc_auc(is_fake, fake_score) if both else None,
    )


def mean_and_sd(values: Sequence[float]) -> tuple[float, float | None]:
    """Return the mean and the SD (n - 1; None for one value).

    Examples
    --------
    >>> mean_and_sd([1.0, 3.0])
    (2.0, 1.4142135623730951)
    """
    array = np.asarray(values, dtype=float)
    return float(array.mean()), float(array.std(ddof=1)) if array.size > 1 else None


def best_checkpoint(validation_accuracy: Sequence[float], *, every: int) -> int:
    """Return the epoch (1-based) of the checkpoint to keep, by the released code's rule.

    The epochs are cut into intervals of `every`; the interval with the highest mean validation accuracy wins (the
    earliest on a tie), and the checkpoint at its end is kept. Accuracy here is a proportion of clips; the released
    code takes the mean over batches instead, which gives the few clips of its last batch more weight.

    Examples
    --------
    >>> best_checkpoint([0.5, 0.5, 0.9, 0.7, 0.6, 0.6], every=2)
    4
    """
    means = np.asarray(validation_accuracy, dtype=float).reshape(-1, every).mean(axis=1)
    return int(means.argmax() + 1) * every
