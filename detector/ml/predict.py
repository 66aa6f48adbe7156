"""Let one trained network score clips."""

import numpy as np
import torch
from numpy.typing import NDArray

from detector.ml.checkpoint import Arrays
from detector.ml.model import single_head
from detector.ml.train import predict_logits


class Scorer:
    """A trained head, loaded once."""

    def __init__(self, weights: Arrays, *, device: str = "cpu") -> None:
        self._head = single_head({name: torch.from_numpy(value) for name, value in weights.items()}).to(device)
        self._device = device

    def scores(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the (n_clips,) scores in [0, 1] of mean vectors (n_clips, D)."""
        with torch.inference_mode():
            logits = predict_logits(self._head, torch.from_numpy(features).to(self._device))[0]  # (n_clips,)
            scores: NDArray[np.float64] = torch.sigmoid(logits.double()).cpu().numpy()
        return scores


def fake_scores(weights: Arrays, features: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the (n_clips,) scores in [0, 1] that a checkpoint's weights give to mean vectors (n_clips, D)."""
    return Scorer(weights).scores(features)
