"""The Fréchet audio distance of each system from the recordings, category by category."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.ml.frechet import frechet_distance

MIN_CLIPS = 10  # fewer clips give a distance that says more of the clips than of the system

Clips = Sequence[NDArray[np.floating]]  # each (n_frames, D)


def distances(
    reference: Clips, systems: Mapping[str, Clips], *, on_system: Callable[[], None]
) -> dict[str, float | None]:
    """Return each system's distance from the reference within one category; None below MIN_CLIPS clips of either.

    on_system: called before each system; it stops the work by raising.
    """
    result: dict[str, float | None] = {}
    base = np.concatenate(reference).astype(np.float64) if len(reference) >= MIN_CLIPS else None
    for system, clips in systems.items():
        on_system()
        if base is None or len(clips) < MIN_CLIPS:
            result[system] = None
        else:
            result[system] = frechet_distance(np.concatenate(clips).astype(np.float64), base)
    return result


def system_rows(
    about: Mapping[str, Mapping[str, str]], cells: Mapping[str, Mapping[str, Mapping[str, Any]]]
) -> list[dict[str, Any]]:
    """Return one row for each system: its mean over the categories with a value, and each category.

    about: system -> team and track. cells: system -> category -> {"n", "value"}.
    """
    rows = []
    for system in sorted(cells):
        values = [cell["value"] for cell in cells[system].values() if cell["value"] is not None]
        rows.append(
            {
                "system": system,
                **about[system],
                "n": sum(cell["n"] for cell in cells[system].values()),
                "mean": float(np.mean(values)) if values else None,
                "n_categories": len(values),
                "by_category": {category: dict(cells[system][category]) for category in sorted(cells[system])},
            }
        )
    return rows
