"""The held-out clips of all folds of a training as one table, with every run's scores and what clips hang together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from detector.ml.splits import EVALUATION

Strings = NDArray[np.str_]
COLUMNS = ("categories", "generators", "teams", "tracks", "source_groups")


class Table(Protocol):
    """What a fold's table has: columns of all clips, in the same order in every fold of a training."""

    @property
    def shas(self) -> Sequence[str]: ...
    @property
    def is_fake(self) -> NDArray[np.bool_]: ...
    @property
    def categories(self) -> Sequence[str]: ...
    @property
    def assignment(self) -> NDArray[np.int8]: ...
    @property
    def fake_scores(self) -> NDArray[np.float32]: ...
    @property
    def generators(self) -> Sequence[str]: ...
    @property
    def teams(self) -> Sequence[str]: ...
    @property
    def tracks(self) -> Sequence[str]: ...
    @property
    def source_groups(self) -> Sequence[str]: ...


@dataclass(frozen=True, kw_only=True)
class HeldOut:
    """The entries: each clip in the evaluation part of each fold, fold by fold.

    clip: (n,) place of the clip in the tables. fold: (n,) place of the fold. is_fake: (n,).
    scores: (n_runs, n) in [0, 1]; row k holds the networks number k + 1 of all folds.
    categories, generators, teams, tracks, source_groups: (n,), empty where not known.
    """

    clip: NDArray[np.intp]
    fold: NDArray[np.intp]
    is_fake: NDArray[np.bool_]
    scores: NDArray[np.float64]
    categories: Strings
    generators: Strings
    teams: Strings
    tracks: Strings
    source_groups: Strings

    @property
    def n(self) -> int:
        return int(self.clip.size)

    @property
    def systems(self) -> list[str]:
        """The generators of the held-out fakes, sorted."""
        return sorted(set(self.generators[self.is_fake].tolist()) - {""})


@dataclass(frozen=True, kw_only=True)
class Clusters:
    """What the bootstrap draws: systems and recordings.

    codes: (n,) int, the cluster of each entry. n_fake, n_real: clusters of each label. fake, real: what they are, in
    words: team, generator, source_group, clip, or several joined by " or ".
    """

    codes: NDArray[np.intp]
    n_fake: int
    n_real: int
    fake: str
    real: str


def pool(tables: Sequence[Table]) -> HeldOut:
    """Return the entries of a training from the tables of its folds, in the order of the folds.

    Raises ValueError where the tables are not of the same clips and runs.
    """
    first = tables[0]
    for table in tables:
        if list(table.shas) != list(first.shas) or table.fake_scores.shape != first.fake_scores.shape:
            raise ValueError("the folds' tables are not of the same clips and runs")
    places = [np.flatnonzero(table.assignment == EVALUATION) for table in tables]
    clip = np.concatenate(places)
    return HeldOut(
        clip=clip,
        fold=np.repeat(np.arange(len(tables)), [len(place) for place in places]),
        is_fake=np.concatenate([table.is_fake[place] for table, place in zip(tables, places, strict=True)]),
        scores=np.concatenate(
            [table.fake_scores[:, place] for table, place in zip(tables, places, strict=True)], axis=1
        ).astype(np.float64),
        **{name: np.asarray(getattr(first, name), dtype=np.str_)[clip] for name in COLUMNS},
    )


def clusters_of(held: HeldOut) -> Clusters:
    """Return the cluster of each entry: of a fake its team or generator, of a real clip its recording, else itself.

    An entry of the same clip in another fold is in the same cluster.
    """
    ladders = {
        True: (("team", held.teams), ("generator", held.generators)),
        False: (("source_group", held.source_groups),),
    }
    keys = [_key(held, place, ladders) for place in range(held.n)]
    codes = {key: code for code, key in enumerate(sorted(set(keys)))}
    return Clusters(
        codes=np.array([codes[key] for key in keys], dtype=np.intp),
        n_fake=sum(label == "fake" for label, _, _ in codes),
        n_real=sum(label == "real" for label, _, _ in codes),
        fake=_words(keys, "fake"),
        real=_words(keys, "real"),
    )


def _key(held: HeldOut, place: int, ladders: dict[bool, tuple[tuple[str, Strings], ...]]) -> tuple[str, str, str]:
    is_fake = bool(held.is_fake[place])
    label = "fake" if is_fake else "real"
    for kind, values in ladders[is_fake]:
        if values[place]:
            return (label, kind, str(values[place]))
    return (label, "clip", str(held.clip[place]))


def _words(keys: Sequence[tuple[str, str, str]], label: str) -> str:
    kinds = {kind for each, kind, _ in keys if each == label}
    return " or ".join(kind for kind in ("team", "generator", "source_group", "clip") if kind in kinds)


def facts_of(held: HeldOut, clusters: Clusters) -> dict[str, object]:
    """Return how much was held out, ready for JSON."""
    return {
        "n": held.n,
        "n_clips": len(set(held.clip.tolist())),
        "n_fake": int(held.is_fake.sum()),
        "n_real": int((~held.is_fake).sum()),
        "n_runs": len(held.scores),
        "n_folds": len(set(held.fold.tolist())),
        "n_systems": len(held.systems),
        "n_sources": len(set(held.source_groups[~held.is_fake].tolist()) - {""}),
        "n_clusters_fake": clusters.n_fake,
        "n_clusters_real": clusters.n_real,
        "clusters": {"fake": clusters.fake, "real": clusters.real},
    }
