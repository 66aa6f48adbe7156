"""Match clips to controls: of the same category, nearest in duration and level. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.spatial import KDTree

LEVEL_UNIT_DB = 6.0  # this difference of level weighs as much as a factor of two in duration
MOST_OPTIMAL = 500  # clips of a category: the best assignment of n clips takes time with n^3
N_NEAR = 8  # controls that each clip of a larger category looks at first


@dataclass(frozen=True, kw_only=True)
class MatchClip:
    """What a clip is matched by. `key` names it; duration_s is above 0."""

    key: int
    category: str
    duration_s: float
    level_dbfs: float


@dataclass(frozen=True, kw_only=True)
class Match:
    """A clip and its control.

    level_difference_db: level of the control minus that of the clip, dB.
    duration_ratio: duration of the control over that of the clip.
    distance: sqrt((level_difference_db / 6)^2 + log2(duration_ratio)^2); 0 is a perfect match.
    """

    clip: MatchClip
    control: MatchClip
    level_difference_db: float
    duration_ratio: float
    distance: float


def match_controls(clips: Sequence[MatchClip], pool: Sequence[MatchClip]) -> list[Match]:
    """Return a control for each clip that one can be found for, in the order of the clips; no control serves twice.

    Each category is matched by itself, as many clips as can be and so that the sum of the distances is the least
    (Kuhn 1955; scipy's linear_sum_assignment). In a category with more than 500 clips the nearest pairs of all are
    taken first instead, which takes time with n log n. What comes out does not hang on the order of the pool.

    References
    ----------
    H. W. Kuhn, "The Hungarian method for the assignment problem", Naval Research Logistics Quarterly 2 (1955).

    Examples
    --------
    >>> clip = MatchClip(key=1, category="rain", duration_s=2.0, level_dbfs=-20.0)
    >>> near = MatchClip(key=2, category="rain", duration_s=2.0, level_dbfs=-23.0)
    >>> match_controls([clip], [near])[0].distance
    0.5
    """
    found: dict[int, Match] = {}
    for category in sorted({clip.category for clip in clips}):
        here = [clip for clip in clips if clip.category == category]
        eligible = sorted((clip for clip in pool if clip.category == category), key=lambda clip: clip.key)
        if not eligible:
            continue
        pairs = _nearest_first if len(here) > MOST_OPTIMAL else _least_sum
        for row, column, distance in pairs(_places(here), _places(eligible)):
            found[here[row].key] = _match(here[row], eligible[column], distance)
    return [found[clip.key] for clip in clips if clip.key in found]


def _places(clips: Sequence[MatchClip]) -> NDArray[np.float64]:
    """Return where the clips lie, (n_clips, 2): the distance between two of them is the Euclidean one."""
    levels = np.array([clip.level_dbfs for clip in clips]) / LEVEL_UNIT_DB
    return np.column_stack([levels, np.log2([clip.duration_s for clip in clips])])


def _least_sum(clips: NDArray[np.float64], pool: NDArray[np.float64]) -> Iterator[tuple[int, int, float]]:
    """Yield (row of clips, row of pool, distance) of the assignment whose sum of distances is the least."""
    apart = clips[:, np.newaxis] - pool[np.newaxis]
    distances = np.hypot(apart[..., 0], apart[..., 1])  # (n_clips, n_pool)
    kept = _worth_a_look(distances)
    rows, columns = linear_sum_assignment(distances[:, kept])
    for row, column in zip(rows.tolist(), kept[columns].tolist(), strict=True):
        yield row, column, float(distances[row, column])


def _nearest_first(clips: NDArray[np.float64], pool: NDArray[np.float64]) -> Iterator[tuple[int, int, float]]:
    """Yield (row of clips, row of pool, distance), the nearest pairs first, among the nearest few of each clip.

    Clips whose nearest few are all taken look among those that are left, at twice as many, until one side is used up.
    """
    left, free, n_near = np.arange(len(clips)), np.arange(len(pool)), N_NEAR
    while len(left) and len(free):
        n_near = min(n_near, len(free))
        distances, near = KDTree(pool[free]).query(clips[left], k=[*range(1, n_near + 1)])
        rows = np.repeat(left, n_near)
        columns, flat = free[np.ravel(near)], np.ravel(distances)
        order = np.lexsort((columns, rows, flat))
        done: set[int] = set()
        taken: set[int] = set()
        for row, column, distance in zip(
            rows[order].tolist(), columns[order].tolist(), flat[order].tolist(), strict=True
        ):
            if row not in done and column not in taken:
                done.add(row)
                taken.add(column)
                yield row, column, distance
        left, free, n_near = np.setdiff1d(left, [*done]), np.setdiff1d(free, [*taken]), 2 * n_near


def _worth_a_look(distances: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the columns among the n nearest of any of the n rows: a best assignment needs no others."""
    n_clips, n_pool = distances.shape
    if n_pool <= n_clips:
        return np.arange(n_pool)
    return np.unique(np.argsort(distances, axis=1, kind="stable")[:, :n_clips])


def _match(clip: MatchClip, control: MatchClip, distance: float) -> Match:
    return Match(
        clip=clip,
        control=control,
        level_difference_db=control.level_dbfs - clip.level_dbfs,
        duration_ratio=control.duration_s / clip.duration_s,
        distance=distance,
    )
