"""An encoder that cuts a clip into pieces and gives each one vector. All pieces of all clips go through in batches."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import torch

from .batches import BatchSize
from .recording import recording
from .spec import EncoderSpec, Frames, Sound

Cut = Callable[[torch.Tensor], Sequence[torch.Tensor]]
Vectors = Callable[[torch.Tensor], torch.Tensor]


class PieceEncoder:
    """A network with its recipe.

    cut: (n_samples,) at the recipe's rate -> pieces of it, at least one.
    vectors: (B, n) pieces of one length -> (B, dim).
    at_once: pieces in the first batch; fewer where they do not fit into the memory.
    """

    def __init__(self, spec: EncoderSpec, *, cut: Cut, vectors: Vectors, device: str, at_once: int) -> None:
        self.spec = spec
        self._cut = cut
        self._vectors = vectors
        self._device = device
        self._batch_size = BatchSize(at_once, what=spec.name)

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
            self._batch_size.each(len(same), partial(self._fill, rows, pieces, same))
        return rows

    def _fill(self, rows: Frames, pieces: Sequence[torch.Tensor], places: Sequence[int], part: slice) -> None:
        batch = torch.stack([pieces[place] for place in places[part]])  # (B, n)
        rows[places[part]] = self._vectors(batch).float().cpu().numpy()


def padded_to(samples: torch.Tensor, n: int) -> torch.Tensor:
    """Add zeros behind the samples until there are at least n."""
    return torch.nn.functional.pad(samples, (0, max(0, n - len(samples))))


def whole_pieces(samples: torch.Tensor, size: int, hop: int) -> Sequence[torch.Tensor]:
    """Cut pieces of `size` every `hop` samples; drop a partial last piece, pad an only one with zeros."""
    return list(padded_to(samples, size).unfold(0, size, hop))
