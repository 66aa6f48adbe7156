"""How hard a system is to detect, against how good it sounds: cross-entropy against a distance or against scores."""

from collections.abc import Mapping, Sequence
from typing import Any

from detector.ml.correlation import correlate

ALL = "all"


def correlations(
    systems: Sequence[Mapping[str, Any]],
    values: Mapping[str, float],
    *,
    against: str,
) -> list[dict[str, Any]]:
    """Correlate the `bce` of each system with its value, within each track and over all tracks.

    systems: rows of `by_system`. values: system -> value; a system without one is left out. Where one track holds all
    systems that are left, or none is known, there is only "all": a row of that track would say the same.
    """
    points = [
        {"system": row["system"], "track": row["track"], "bce": row["bce"], "value": values[row["system"]]}
        for row in sorted(systems, key=lambda row: str(row["system"]))
        if row["system"] in values
    ]
    tracks = {point["track"] for point in points}
    wanted = [*sorted(tracks - {""}), ALL] if len(tracks) > 1 else [ALL]
    result = []
    for track in wanted:
        chosen = [point for point in points if track in (ALL, point["track"])]
        found = correlate([point["bce"] for point in chosen], [point["value"] for point in chosen])
        result.append({"against": against, "track": track, **found.as_json(), "points": chosen})
    return result


def comparable(systems: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Return system -> mean distance for the systems that have a value in every category that any system has."""
    most = max((row["n_categories"] for row in systems), default=0)
    return {row["system"]: row["mean"] for row in systems if row["mean"] is not None and row["n_categories"] == most}
