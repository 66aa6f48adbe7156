"""Does the difference between two observers of the same clips depend on what kind of clip it is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studyapp.stats.proportions import Interval, check_open_unit

Array = NDArray[np.float64]
Codes = NDArray[np.intp]
MIN_CLIPS = 5  # of a stratum: below, its bootstrap interval is too narrow to be shown


@dataclass(frozen=True, kw_only=True)
class Stratum:
    """Mean accuracy of both observers on the clips of a stratum, and first minus second.

    `interval` is None with fewer than five clips.
    """

    n_clips: int
    first: float
    second: float
    difference: float
    interval: Interval | None


@dataclass(frozen=True, kw_only=True)
class Interaction:
    """`strata` in the order of their codes; the test over all.

    `share_of_variance`, in [0, 1], is that of the differences' variance within classes which lies between strata. It
    and `p_permutation` are None where no class has clips of two strata, or where the difference does not vary.
    """

    strata: list[Stratum]
    share_of_variance: float | None
    p_permutation: float | None
    n_draws: int
    seed: int


def stratum_interaction(
    first: Array,
    second: Array,
    *,
    stratum: Codes,
    classes: Codes,
    seed: int,
    n_draws: int = 2000,
    confidence: float = 0.95,
) -> Interaction:
    """Compare two observers' accuracy by stratum, and test whether their difference is the same in all strata.

    Parameters
    ----------
    first, second
        (n_clips,) accuracy on each clip, in [0, 1]: the share of listeners who are right, 0 or 1 of one observer.
    stratum
        (n_clips,) codes 0, 1, ... of the strata, none left out.
    classes
        (n_clips,) codes of a class whose effect is none of the strata's, such as the truth; all 0 for none.
    seed, n_draws
        Of the permutations and of the bootstrap.

    Raises
    ------
    ValueError
        Lengths that differ, no clips, no draws, or `confidence` outside (0, 1).

    Notes
    -----
    d = first - second of each clip, e = d less the mean d of its class. Statistic: sum over strata of n_s mean(e)_s^2,
    over the sum of e^2. Strata are permuted among the clips of a class; p = (1 + draws that reach the statistic) /
    (1 + draws). It takes clips as drawn at random and the listeners as these. Intervals: percentiles of the mean d over
    clips of the stratum drawn again; they are not corrected for their number.

    References
    ----------
    Good (2005), Permutation, Parametric and Bootstrap Tests of Hypotheses; Phipson & Smyth (2010), Stat. Appl. Genet.
    Mol. Biol. 9:39.

    Examples
    --------
    >>> first, second, kinds = np.array([1.0, 1, 1, 0, 0, 0]), np.zeros(6), np.array([0, 0, 0, 1, 1, 1])
    >>> found = stratum_interaction(first, second, stratum=kinds, classes=np.zeros(6, int), seed=1)
    >>> [each.difference for each in found.strata], found.share_of_variance
    ([1.0, 0.0], 1.0)
    """
    check_open_unit("confidence", confidence)
    if not len(first) or len({len(first), len(second), len(stratum), len(classes)}) > 1:
        raise ValueError(
            "both accuracies, the strata and the classes need one value for each clip, and there must be one"
        )
    if n_draws < 1:
        raise ValueError(f"{n_draws} draws; at least one is needed")
    rng = np.random.default_rng(seed)
    difference = first - second
    strata = [
        Stratum(
            n_clips=int(here.sum()),
            first=float(first[here].mean()),
            second=float(second[here].mean()),
            difference=float(difference[here].mean()),
            interval=_interval(difference[here], n_draws, confidence, rng),
        )
        for here in (stratum == code for code in range(int(stratum.max()) + 1))
    ]
    share, p = _test(difference, stratum, classes, n_draws, rng)
    return Interaction(strata=strata, share_of_variance=share, p_permutation=p, n_draws=n_draws, seed=seed)


def _interval(values: Array, n_draws: int, confidence: float, rng: np.random.Generator) -> Interval | None:
    n = len(values)
    if n < MIN_CLIPS:
        return None
    means = values[rng.integers(0, n, (n_draws, n))].mean(axis=1)
    low, high = np.quantile(means, [0.5 - confidence / 2.0, 0.5 + confidence / 2.0])
    return Interval(low=float(low), high=float(high), confidence=confidence)


def _test(
    difference: Array, stratum: Codes, classes: Codes, n_draws: int, rng: np.random.Generator
) -> tuple[float | None, float | None]:
    """Return the statistic and its p; None where permuting cannot change it."""
    centred = np.empty(len(difference))
    permuted = np.empty((n_draws, len(difference)))
    can_change = False
    for each in np.unique(classes):
        here = np.flatnonzero(classes == each)
        centred[here] = difference[here] - difference[here].mean()
        # Permuting what differs among the places of a class is permuting the strata.
        permuted[:, here] = rng.permuted(np.tile(centred[here], (n_draws, 1)), axis=1)
        can_change |= bool(np.ptp(difference[here]) > 1e-12) and len(np.unique(stratum[here])) > 1
    if not can_change:
        return None, None
    of_stratum = np.eye(int(stratum.max()) + 1)[stratum]  # (n_clips, n_strata)
    sizes = of_stratum.sum(axis=0)
    total = float((centred**2).sum())
    found = float(((centred @ of_stratum) ** 2 / sizes).sum()) / total
    drawn = ((permuted @ of_stratum) ** 2 / sizes).sum(axis=1) / total
    reached = int((drawn >= found - 1e-12).sum())
    return found, (1 + reached) / (1 + n_draws)
