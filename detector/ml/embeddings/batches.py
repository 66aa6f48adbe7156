"""How many pieces go through a network at once: as many as the memory takes, found by trying."""

import logging
from collections.abc import Callable

import torch

logger = logging.getLogger(__name__)


class BatchSize:
    """Begins with `first` pieces; halves whenever the memory does not suffice, and keeps what sufficed."""

    def __init__(self, first: int, *, what: str) -> None:
        self.value = first
        self._what = what

    def each(self, n: int, do: Callable[[slice], None]) -> None:
        """Call `do` with slices that cover range(n) once, in order.

        A slice for which the memory did not suffice is tried again in halves: `do` must be safe to repeat. Raises
        torch.OutOfMemoryError where even one piece is too much.
        """
        start = 0
        while start < n:
            stop = min(n, start + self.value)
            try:
                do(slice(start, stop))
            except torch.OutOfMemoryError:
                if stop - start == 1:
                    raise
                self.value = (stop - start) // 2
                logger.warning("%s: out of memory with %d pieces at once, %d now", self._what, stop - start, self.value)
            else:
                start = stop
                continue
            torch.cuda.empty_cache()  # outside the handler, which would keep the tensors of the failed pass
