"""How well crowds of n listeners do: majority votes in closed form, areas under the ROC curve by drawing crowds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import hypergeom, rankdata

from studyapp.stats.crossed_components import Answers


@dataclass(frozen=True, kw_only=True)
class CrowdPoint:
    """A crowd of `n_listeners`: shares of fakes and of reals that its majority calls right, and the AUC of its shares.

    None where a clip of the class has fewer answers than that, or the class has no clips.
    """

    n_listeners: int
    fakes_right: float | None
    reals_right: float | None
    auc: float | None

    @property
    def balanced_accuracy(self) -> float | None:
        """Return the mean of both classes' shares."""
        if self.fakes_right is None or self.reals_right is None:
            return None
        return (self.fakes_right + self.reals_right) / 2.0


def crowd_curve(
    fake: Answers, real: Answers, *, sizes: Sequence[int], seed: int, n_draws: int = 1000
) -> list[CrowdPoint]:
    """Return what crowds of each size reach, averaged over all crowds that these listeners could form.

    Parameters
    ----------
    fake, real
        (n_listeners, n_clips) of each class, 1 for "fake", NaN where missing; the same listeners in the same rows.
    sizes
        Numbers of listeners, each from 1 to all.
    seed, n_draws
        Of the drawn crowds, for the AUC.

    Raises
    ------
    ValueError
        A size outside 1 to the number of listeners, tables with different listeners, or no draws.

    Notes
    -----
    Listeners are drawn without replacement. Majority: exact, from the hypergeometric distribution of the votes among n
    of a clip's answers; a tie is right half of the time. AUC: the mean over drawn crowds, the same crowd for all clips,
    of the area of its shares of "fake", ties counted half; clips that nobody of a crowd answered are left out. One draw
    is enough for the crowd of all. A majority keeps the listeners' bias and can make it worse; the AUC is free of it.

    References
    ----------
    Condorcet (1785), Essai sur l'application de l'analyse; Groh et al. (2022), PNAS 119(1):e2110013119.

    Examples
    --------
    >>> fake, real = np.array([[1.0, 1], [1, 0], [1, 0]]), np.array([[0.0, 1], [0, 0], [0, 0]])
    >>> [round(point.balanced_accuracy, 4) for point in crowd_curve(fake, real, sizes=[1, 3], seed=1)]
    [0.75, 0.75]
    """
    if len(fake) != len(real):
        raise ValueError(f"{len(fake)} and {len(real)} listeners; the rows of both classes are the same listeners")
    if n_draws < 1:
        raise ValueError(f"{n_draws} draws; at least one is needed")
    bad = [size for size in sizes if not 1 <= size <= len(fake)]
    if bad:
        raise ValueError(f"a crowd of {bad[0]} cannot be drawn from {len(fake)} listeners")
    rng = np.random.default_rng(seed)
    asked = [_Asked.of(fake), _Asked.of(real)]
    return [
        CrowdPoint(
            n_listeners=size,
            fakes_right=_majority_says_fake(asked[0], size),
            reals_right=None if (wrong := _majority_says_fake(asked[1], size)) is None else 1.0 - wrong,
            auc=_area(asked, size, n_draws if size < len(fake) else 1, rng),
        )
        for size in sizes
    ]


@dataclass(frozen=True)
class _Asked:
    """The answers of a class: whether one is there, and 1 where it is "fake"; both (n_listeners, n_clips)."""

    there: NDArray[np.float64]
    said_fake: NDArray[np.float64]
    n: NDArray[np.intp]  # (n_clips,) answers
    votes: NDArray[np.intp]  # (n_clips,) of them "fake"

    @classmethod
    def of(cls, answers: Answers) -> "_Asked":
        missing = np.isnan(answers)
        there, said_fake = (~missing).astype(float), np.where(missing, 0.0, answers)
        return cls(there, said_fake, there.sum(axis=0).astype(np.intp), said_fake.sum(axis=0).astype(np.intp))


def _majority_says_fake(asked: _Asked, size: int) -> float | None:
    if not len(asked.n) or asked.n.min() < size:
        return None
    wins = hypergeom.sf(size // 2, asked.n, asked.votes, size)
    ties = hypergeom.pmf(size // 2, asked.n, asked.votes, size) if size % 2 == 0 else 0.0
    return float(np.mean(wins + 0.5 * ties))


def _area(asked: list[_Asked], size: int, n_draws: int, rng: np.random.Generator) -> float | None:
    n_listeners, n_fake = asked[0].there.shape
    is_fake = np.arange(n_fake + asked[1].there.shape[1]) < n_fake
    order = rng.permuted(np.tile(np.arange(n_listeners), (n_draws, 1)), axis=1)
    crowds = (order < size).astype(float)  # (n_draws, n_listeners), `size` ones in each row
    n = np.hstack([crowds @ each.there for each in asked])
    votes = np.hstack([crowds @ each.said_fake for each in asked])
    is_whole = (n > 0).all(axis=1)
    found = [_areas(votes[is_whole] / n[is_whole], is_fake)]
    # A crowd that has not answered some clip has clips of its own.
    for some, own in zip(n[~is_whole], votes[~is_whole], strict=True):
        heard = some > 0
        found.append(_areas((own[heard] / some[heard])[None, :], is_fake[heard]))
    areas = np.concatenate([each for each in found if each is not None] or [np.empty(0)])
    return float(areas.mean()) if len(areas) else None


def _areas(shares: NDArray[np.float64], is_fake: NDArray[np.bool_]) -> NDArray[np.float64] | None:
    """Return (n_draws,) areas of (n_draws, n_clips) shares; None where a class has no clip."""
    n_fake = int(is_fake.sum())
    n_real = len(is_fake) - n_fake
    if not n_fake or not n_real:
        return None
    # Shares such as 1/3 computed in two ways must tie.
    ranks = rankdata(np.round(shares, 12), axis=1)[:, is_fake].sum(axis=1)
    return np.asarray((ranks - n_fake * (n_fake + 1) / 2.0) / (n_fake * n_real))
