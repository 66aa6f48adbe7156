"""An encoder that cuts a clip into pieces and gives each one vector. All pieces of all clips go through in batches."""

from collections.abc import Callable, Sequence

import numpy as np
import torch

from .recording import recording
from .spec import EncoderSpec, Frames, Sound

Cut = Callable[[torch.Tensor], Sequence[torch.Tensor]]
Vectors = Callable[[torch.Tensor], torch.Tensor]


class PieceEncoder:
    """A network with its recipe.

    cut: (n_samples,) at the recipe's rate -> pieces of it, at least one.
    vectors: (B, n) pieces of one length -> (B, dim).
    at_once: pieces in a batch.
    """

    def __init__(self, spec: EncoderSpec, *, cut: Cut, vectors: Vectors, device: str, at_once: int) -> None:
        self.spec = spec
        self._cut = cut
        self._vectors = vectors
        self._device = device
        self._at_once = at_once

    def frames(self, sounds: Sequence[Sound]) -> list[Frames]:
        """Return (n_pieces, dim) float32 for each sound."""
        with torch.inference_mode():
            cuts = [self._cut(recording(sound, self.spec, device=self._device)) for sound in sounds]
            rows = self._rows([piece for pieces in cuts for piece in pieces])
        ends = np.cumsum([len(pieces) for pieces in cuts])
        return [np.ascontiguousarray(part) for part in np.split(rows, ends[:-1])]

    def _rows(self, pieces: Sequence[torch.Tensor]) -> Frames:
        """Return (n_pieces, dim), batching pieces of equal length."""
        places: dict[int, list[int]] = {}
        for place, piece in enumerate(pieces):
            places.setdefault(len(piece), []).append(place)
        rows = np.zeros((len(pieces), self.spec.dim), dtype=np.float32)
        for same in places.values():
            for start in range(0, len(same), self._at_once):
                part = same[start : start + self._at_once]
                batch = torch.stack([pieces[place] for place in part])  # (B, n)
                rows[part] = self._vectors(batch).float().cpu().numpy()
        return rows


def padded_to(samples: torch.Tensor, n: int) -> torch.Tensor:
    """Add zeros behind the samples until there are at least n."""
    return torch.nn.functional.pad(samples, (0, max(0, n - len(samples))))


def whole_pieces(samples: torch.Tensor, size: int, hop: int) -> Sequence[torch.Tensor]:
    """Cut pieces of `size` every `hop` samples; drop a partial last piece, pad an only one with zeros."""
    return list(padded_to(samples, size).unfold(0, size, hop))
