"""Cross-tables of answers by a label of their clips, tested by giving the labels to other clips."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Codes = NDArray[np.int64]
N_PERMUTATIONS = 2000
CHUNK = 2_000_000  # labels of clips that are held at a time
TIE = 1e-9  # relative: a table with the same counts as the one seen must not miss it by a rounding error


@dataclass(frozen=True, kw_only=True)
class CrossTable:
    """A cross-table with its test.

    `counts` is (n_groups, n_reasons). All else but `n_permutations` and `seed` is None where fewer than two groups or
    two reasons have a count; `p_value` and `least_p` also where no arrangement of the labels but the one seen exists.
    `least_p` is the smallest p that so many clips and permutations allow.
    """

    counts: Counts
    chi_square: float | None
    df: int | None
    cramers_v: float | None
    p_value: float | None
    least_p: float | None
    n_permutations: int
    seed: int


def cross_table(
    counts: Counts,
    labels: Sequence[int] | Codes,
    *,
    n_groups: int,
    strata: Sequence[int] | Codes,
    seed: int,
    n_permutations: int = N_PERMUTATIONS,
) -> CrossTable:
    """Count answers by the label of their clip, and test whether the label matters.

    Parameters
    ----------
    counts
        (n_clips, n_reasons): how often each reason was given of each clip, by all listeners together.
    labels
        The group of each clip, from 0 to n_groups - 1.
    strata
        A number for each clip. Labels change places among clips of the same stratum only, so that whatever differs
        between strata stays where it is.

    Raises
    ------
    ValueError
        Lengths differ, a label is out of range, a count is negative, or no permutation is asked for.

    Notes
    -----
    The statistic is Pearson's chi-square of the table, sum (O - E)^2 / E, with Cramer's
    V = sqrt(chi-square / (N (min(groups, reasons) - 1))), both of rows and columns that are not empty. Its distribution
    under the null hypothesis comes from `n_permutations` random arrangements of the labels over the clips:
    p = (1 + b) / (1 + B), b the arrangements of B with a chi-square at least that large (Phipson & Smyth 2010). A clip
    keeps all its answers, and a listener all theirs, so that answers about one clip and answers of one listener stay
    as alike as they are; the chi-square's own p-value would count them as independent. What is assumed is that the
    clips of a stratum could have had each other's labels, and that listeners heard clips of all groups alike.

    References
    ----------
    Phipson & Smyth (2010), Stat. Appl. Genet. Mol. Biol. 9:39; Cramer (1946), Mathematical Methods of Statistics, 282.

    Examples
    --------
    >>> counts = np.array([[9, 1], [8, 2], [9, 1], [1, 9], [2, 8], [1, 9]])
    >>> found = cross_table(counts, [0, 0, 0, 1, 1, 1], n_groups=2, strata=[0] * 6, seed=1)
    >>> found.counts.tolist(), round(found.cramers_v, 2), found.df, round(found.least_p, 3)
    ([[26, 4], [4, 26]], 0.73, 1, 0.05)
    """
    given, of_clip, within = np.asarray(counts, np.int64), np.asarray(labels, np.int64), np.asarray(strata, np.int64)
    _check(given, of_clip, within, n_groups, n_permutations)
    order = np.argsort(within, kind="stable")  # of one stratum side by side
    given, of_clip, within = given[order], of_clip[order], within[order]
    table = _tables(given, of_clip[None, :], n_groups)[0]
    n_rows, n_columns = int((table.sum(axis=1) > 0).sum()), int((table.sum(axis=0) > 0).sum())
    chi_square = df = cramers_v = p_value = least_p = None
    if n_rows > 1 and n_columns > 1:
        chi_square = float(_chi_squares(table[None])[0])
        df = (n_rows - 1) * (n_columns - 1)
        cramers_v = math.sqrt(chi_square / (float(table.sum()) * (min(n_rows, n_columns) - 1)))
        rarest = -_log_arrangements(of_clip, within)
        if rarest < 0.0:
            n_larger = _n_at_least(chi_square, given, of_clip, within, n_groups, seed, n_permutations)
            p_value = (1 + n_larger) / (1 + n_permutations)
            least_p = max(1.0 / (1 + n_permutations), math.exp(rarest))
    return CrossTable(
        counts=table.astype(np.int64),
        chi_square=chi_square,
        df=df,
        cramers_v=cramers_v,
        p_value=p_value,
        least_p=least_p,
        n_permutations=n_permutations,
        seed=seed,
    )


def _check(counts: Counts, labels: Codes, strata: Codes, n_groups: int, n_permutations: int) -> None:
    if counts.ndim != 2 or not len(counts) == len(labels) == len(strata):
        raise ValueError(f"{counts.shape} counts, {len(labels)} labels, {len(strata)} strata; one of each for a clip")
    if len(labels) and not 0 <= labels.min() <= labels.max() < n_groups:
        raise ValueError(f"labels go from {labels.min()} to {labels.max()}; they must lie in 0 to {n_groups - 1}")
    if counts.min(initial=0) < 0:
        raise ValueError(f"counts contain {counts.min()}")
    if n_permutations < 1:
        raise ValueError(f"{n_permutations} permutations; at least one is needed")


def _n_at_least(
    seen: float, counts: Counts, labels: Codes, strata: Codes, n_groups: int, seed: int, n_permutations: int
) -> int:
    """Count the random arrangements whose chi-square is at least the one seen."""
    rng = np.random.default_rng(seed)
    ends = np.flatnonzero(np.diff(strata)) + 1
    n_larger, at_once = 0, max(1, CHUNK // max(1, len(labels)))
    for start in range(0, n_permutations, at_once):
        drawn = np.tile(labels, (min(at_once, n_permutations - start), 1))  # (B, n_clips)
        for part in np.split(drawn, ends, axis=1):  # views of the columns of one stratum
            rng.permuted(part, axis=1, out=part)
        n_larger += int((_chi_squares(_tables(counts, drawn, n_groups)) >= seen * (1.0 - TIE)).sum())
    return n_larger


def _tables(counts: Counts, drawn: Codes, n_groups: int) -> NDArray[np.float64]:
    """Return (B, n_groups, n_reasons) from (n_clips, n_reasons) counts and (B, n_clips) labels."""
    n_draws = len(drawn)
    cells = (drawn + n_groups * np.arange(n_draws)[:, None]).ravel()
    columns = [
        np.bincount(cells, weights=np.tile(column, n_draws), minlength=n_draws * n_groups) for column in counts.T
    ]
    return np.asarray(np.stack(columns, axis=-1), np.float64).reshape(n_draws, n_groups, counts.shape[1])


def _chi_squares(tables: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Pearson's chi-square of each table; rows and columns without a count do not enter."""
    rows, columns = tables.sum(axis=2, keepdims=True), tables.sum(axis=1, keepdims=True)
    n = tables.sum(axis=(1, 2), keepdims=True)
    expected = rows * columns / n
    terms = np.zeros_like(tables)
    np.divide((tables - expected) ** 2, expected, out=terms, where=expected > 0.0)
    return np.asarray(terms.sum(axis=(1, 2)))


def _log_arrangements(labels: Codes, strata: Codes) -> float:
    """Return the logarithm of how many different arrangements of the labels there are."""
    total = 0.0
    for stratum in np.unique(strata):
        sizes = np.unique_counts(labels[strata == stratum]).counts
        total += math.lgamma(int(sizes.sum()) + 1) - sum(math.lgamma(int(size) + 1) for size in sizes)
    return total
