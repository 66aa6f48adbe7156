"""What `make demo` writes: numbered steps, a progress line for the long ones, and the time each took."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

N_STEPS = 10


class Terminal:
    """Writes steps to a stream. On a terminal the progress line is rewritten in place, else lines are added."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        self._in_place = self._out.isatty()
        self._n_steps = 0
        self._shown_at = 0.0

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Announce a step, and say at its end how long it took."""
        self._n_steps += 1
        self._line(f"[{self._n_steps:>2}/{N_STEPS}] {title}")
        started = time.monotonic()
        yield
        self._line(f"        {time.monotonic() - started:.1f} s")

    def say(self, text: str) -> None:
        for line in text.splitlines():
            self._line(f"        {line}")

    def progress(self, done: int, total: int, what: str) -> None:
        """Show how far a long step is: at most ten times a second on a terminal, every ten seconds elsewhere."""
        if total == 0:
            return
        now = time.monotonic()
        if done < total and now - self._shown_at < (0.1 if self._in_place else 10.0):
            return
        self._shown_at = now
        bar = "#" * round(30 * done / total)
        text = f"        [{bar:<30}] {done}/{total} {what}"
        if self._in_place:
            self._out.write(f"\r{text}\x1b[K" + ("\n" if done >= total else ""))
        else:
            self._out.write(text + "\n")
        self._out.flush()

    def _line(self, text: str) -> None:
        self._out.write(text + "\n")
        self._out.flush()
