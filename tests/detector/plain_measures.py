"""Every measure of a report written down from its definition in plain NumPy, for distinct scores: the other side."""

import numpy as np
from numpy.typing import NDArray

Truth = NDArray[np.bool_]
Scores = NDArray[np.float64]
N_BINS = 10


def curve(is_fake: Truth, score: Scores) -> tuple[Scores, Scores]:
    """Return the false alarm and hit rates at every threshold, from none called fake to all: (n + 1,) each."""
    order = np.argsort(-score)
    n_fake = is_fake.sum()
    hits, false_alarms = np.cumsum(is_fake[order]), np.cumsum(~is_fake[order])
    return np.append(0, false_alarms) / (is_fake.size - n_fake), np.append(0, hits) / n_fake


def roc_auc(is_fake: Truth, score: Scores) -> float:
    return float((score[is_fake][:, None] > score[~is_fake][None, :]).mean())


def eer(is_fake: Truth, score: Scores) -> float:
    """Return the false alarm rate where the line through the operating points has as many misses."""
    fpr, tpr = curve(is_fake, score)
    return float(np.interp(0.0, fpr - (1.0 - tpr), fpr))


def tpr_at_fpr_01(is_fake: Truth, score: Scores) -> float:
    fpr, tpr = curve(is_fake, score)
    return float(tpr[fpr <= 0.01].max())


def average_precision(is_fake: Truth, score: Scores) -> float:
    falling = is_fake[np.argsort(-score)]
    precision = np.cumsum(falling) / np.arange(1, falling.size + 1)
    return float(precision[falling].mean())


def accuracy(is_fake: Truth, score: Scores) -> float:
    return float(((score >= 0.5) == is_fake).mean())


def balanced_accuracy(is_fake: Truth, score: Scores) -> float:
    return float(((score[is_fake] >= 0.5).mean() + (score[~is_fake] < 0.5).mean()) / 2)


def brier(is_fake: Truth, score: Scores) -> float:
    return float(np.square(score - is_fake).mean())


def ece(is_fake: Truth, score: Scores) -> float:
    bins = np.floor(score * N_BINS)
    gaps = [abs((is_fake[bins == each].astype(float) - score[bins == each]).sum()) for each in range(N_BINS)]
    return float(sum(gaps) / score.size)


MEASURES = {
    "accuracy": accuracy,
    "balanced_accuracy": balanced_accuracy,
    "roc_auc": roc_auc,
    "eer": eer,
    "average_precision": average_precision,
    "tpr_at_fpr_01": tpr_at_fpr_01,
    "brier": brier,
    "ece": ece,
}
