"""The Fréchet audio distance of each system of a set, from the stored frames of the training's encoder."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.fold_tables import FoldTable
from detector.ml.report.fad import MIN_CLIPS, distances, system_rows
from detector.models import Training
from detector.services.vectors import MissingVectors, each_frames

EVAL = "eval"  # the original split that the challenge's distances take as their reference
RECORDINGS = ""  # the reference among a category's systems: no generator is called that


def frechet_distances(
    training: Training, table: FoldTable, original_splits: Sequence[str], *, on_part: Callable[[], None]
) -> dict[str, Any]:
    """Return the distances of the report's key `frechet`, or {"left_out": reason}.

    original_splits: of each clip, as in the table. on_part: called often; it stops the work by raising.
    """
    if training.config.get("permute_labels"):
        return {"left_out": "The labels were dealt anew: what is called fake here was not generated."}
    cells, words = _cells(table, original_splits)
    if not any(name for names in cells.values() for name in names):
        return {"left_out": "No fake of the set names its system."}
    with tempfile.TemporaryDirectory() as folder:
        spool = _Spool(Path(folder))
        try:
            _fill(spool, cells, training, on_part)
        except MissingVectors as error:
            return {"left_out": str(error)}
        values = {category: spool.distances(category, cells[category], on_part) for category in sorted(cells)}
    return {
        "reference": words,
        "reference_n": {category: len(names.get(RECORDINGS, ())) for category, names in sorted(cells.items())},
        "min_clips": MIN_CLIPS,
        "systems": system_rows(_about(table), _by_system(cells, values)),
    }


Cells = dict[str, dict[str, list[str]]]  # category -> system, or RECORDINGS -> content hashes


def _cells(table: FoldTable, original_splits: Sequence[str]) -> tuple[Cells, str]:
    """Return whose clips are to be compared within each category, and what the recordings are, in words."""
    has_eval = any(split == EVAL and not fake for split, fake in zip(original_splits, table.is_fake, strict=True))
    cells: Cells = {}
    for place, sha in enumerate(table.shas):
        is_fake, system = bool(table.is_fake[place]), table.generators[place]
        if (is_fake and not system) or (not is_fake and has_eval and original_splits[place] != EVAL):
            continue
        names = cells.setdefault(table.categories[place], {})
        names.setdefault(system if is_fake else RECORDINGS, []).append(sha)
    words = "the recorded clips of the eval split" if has_eval else "all recorded clips: the set names no eval split"
    return cells, words


def _fill(spool: "_Spool", cells: Cells, training: Training, on_part: Callable[[], None]) -> None:
    category_of = {sha: category for category, names in cells.items() for shas in names.values() for sha in shas}
    for sha, frames in each_frames(list(category_of), encoder=training.encoder, fingerprint=training.fingerprint):
        on_part()
        spool.add(category_of[sha], sha, frames)


@dataclass
class _Spool:
    """The frames of each category in a file of their own: the store's files mix categories and do not fit in memory."""

    folder: Path
    places: dict[str, int] = field(default_factory=dict)
    shapes: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    kind: tuple[np.dtype[Any], int] = (np.dtype(np.float32), 0)

    def add(self, category: str, sha: str, frames: NDArray[Any]) -> None:
        self.kind = (frames.dtype, frames.shape[1])
        self.shapes.setdefault(category, []).append((sha, len(frames)))
        with self._path(category).open("ab") as file:
            file.write(np.ascontiguousarray(frames).tobytes())

    def distances(
        self, category: str, names: Mapping[str, list[str]], on_part: Callable[[], None]
    ) -> dict[str, float | None]:
        clips = self._read(category)
        systems = {name: [clips[sha] for sha in shas] for name, shas in names.items() if name != RECORDINGS}
        return distances([clips[sha] for sha in names.get(RECORDINGS, [])], systems, on_system=on_part)

    def _read(self, category: str) -> dict[str, NDArray[Any]]:
        dtype, dim = self.kind
        rows = np.fromfile(self._path(category), dtype=dtype).reshape(-1, dim)
        shas, counts = zip(*self.shapes[category], strict=True)
        return dict(zip(shas, np.split(rows, np.cumsum(counts)[:-1]), strict=True))

    def _path(self, category: str) -> Path:
        place = self.places.setdefault(category, len(self.places))
        return self.folder / f"{place}.frames"


def _by_system(cells: Cells, values: Mapping[str, Mapping[str, float | None]]) -> dict[str, dict[str, dict[str, Any]]]:
    result: dict[str, dict[str, dict[str, Any]]] = {}
    for category, found in values.items():
        for system, value in found.items():
            result.setdefault(system, {})[category] = {"n": len(cells[category][system]), "value": value}
    return result


def _about(table: FoldTable) -> dict[str, dict[str, str]]:
    rows = zip(table.generators, table.teams, table.tracks, strict=True)
    return {system: {"team": team, "track": track} for system, team, track in rows}
