"""How much of a computation is spent inside neural networks, whatever encoder they are part of."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook


@dataclass
class NetworkClock:
    """Adds up the time between the start and the end of the outermost forward passes, while `running`.

    now: returns the time, in seconds, after all work of the device is done.
    seconds, n_passes: the sum, and how many outermost forward passes there were.
    """

    now: Callable[[], float]
    seconds: float = 0.0
    n_passes: int = 0
    _depth: int = 0
    _began: float = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Watch every torch module of this process for as long as the context lasts."""
        hooks = [register_module_forward_pre_hook(self._enter), register_module_forward_hook(self._leave)]
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    def _enter(self, module: Any, args: Any) -> None:
        if self._depth == 0:
            self._began = self.now()
        self._depth += 1

    def _leave(self, module: Any, args: Any, output: Any) -> None:
        self._depth -= 1
        if self._depth == 0:
            self.seconds += self.now() - self._began
            self.n_passes += 1
