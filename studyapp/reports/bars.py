"""Counts as a small figure of bars, drawn by the page's template; the page has a table of the same numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 460, 120  # of the figure, in its own units
LEFT, TOP, BOTTOM = 34, 16, 22  # margins for the axis' numbers, the largest count and the words below
WIDEST = 40  # of a bar


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A bar with its place in the figure: x and y of its upper left corner, and the middle of its foot."""

    words: str
    n: int
    x: float
    y: float
    width: float
    height: float
    middle: float
    is_named: bool


def draw_bars(counts: Sequence[tuple[str, int]]) -> dict[str, Any] | None:
    """Return the figure of (words, count), from left to right; None where there is nothing to draw."""
    most = max((n for _, n in counts), default=0)
    if not most:
        return None
    step = (WIDTH - LEFT) / len(counts)
    every = -(-len(counts) // 6)  # at most six words fit below
    room = HEIGHT - TOP - BOTTOM
    bars = [
        Bar(
            words=words,
            n=n,
            x=round(LEFT + place * step + max(step - WIDEST, step * 0.15) / 2, 1),
            y=round(TOP + room * (1 - n / most), 1),
            width=round(min(step * 0.85, WIDEST), 1),
            height=round(room * n / most, 1),
            middle=round(LEFT + (place + 0.5) * step, 1),
            is_named=place % every == 0,
        )
        for place, (words, n) in enumerate(counts)
    ]
    places = {"width": WIDTH, "height": HEIGHT, "foot": HEIGHT - BOTTOM, "top": TOP, "left": LEFT}
    return {"bars": bars, "most": most, **places}


def in_ranges(counts: Sequence[int], *, most_ranges: int = 20) -> list[tuple[str, int]]:
    """Return how many of the counts lie in each range of equal width, e.g. ("4–6", 12), from the least to the most."""
    if not counts:
        return []
    least, most = min(counts), max(counts)
    width = -(-(most - least + 1) // most_ranges)
    return [
        (f"{low}" if width == 1 else f"{low}–{low + width - 1}", sum(low <= n < low + width for n in counts))
        for low in range(least, most + 1, width)
    ]
