"""Let one trained network score clips."""

import numpy as np
import torch
from numpy.typing import NDArray

from detector.ml.checkpoint import Arrays
from detector.ml.model import single_head
from detector.ml.train import predict_logits


def fake_scores(weights: Arrays, features: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the (n_clips,) scores in [0, 1] that a checkpoint's weights give to mean vectors (n_clips, D)."""
    head = single_head({name: torch.from_numpy(value) for name, value in weights.items()})
    logits = predict_logits(head, torch.from_numpy(features))[0]  # (n_clips,)
    scores: NDArray[np.float64] = torch.sigmoid(logits.double()).numpy()
    return scores
