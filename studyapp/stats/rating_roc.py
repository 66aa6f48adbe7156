"""The empirical ROC of ratings: every boundary between two ratings is a criterion."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class RatingRoc:
    """The ROC of an observer's ratings.

    `points` are (false-alarm rate, hit rate) for "fake" from each rating on, the strictest criterion first: the last
    one, where every rating counts as fake, is (1, 1). `auc` is the area under the lines that join them, from (0, 0).
    """

    n_fake: int
    n_real: int
    points: list[tuple[float, float]]
    auc: float


def rating_roc(*, fakes: Sequence[int], reals: Sequence[int]) -> RatingRoc | None:
    """Return the ROC of ratings; None unless both classes were rated.

    Parameters
    ----------
    fakes, reals
        How often each rating was given to fakes and to reals, from surely real to surely fake; as many of both.

    Raises
    ------
    ValueError
        A negative count, or scales of different lengths.

    Notes
    -----
    The area by trapezoids is P(rating of a fake > rating of a real) + P(equal) / 2, the Wilcoxon statistic; it assumes
    no distribution, and lies below the area of a smooth curve through the points. FAKE is the signal.

    References
    ----------
    Hanley & McNeil (1982), Radiology 143:29-36; Macmillan & Creelman (2005), Detection Theory, 2nd ed., ch. 3.

    Examples
    --------
    >>> found = rating_roc(fakes=[1, 1, 2], reals=[2, 1, 1])
    >>> found.points, found.auc
    ([(0.25, 0.5), (0.5, 0.75), (1.0, 1.0)], 0.65625)
    """
    if len(fakes) != len(reals):
        raise ValueError(f"{len(fakes)} ratings of fakes and {len(reals)} of reals are no one scale")
    if min([*fakes, *reals], default=0) < 0:
        raise ValueError(f"counts {[*fakes, *reals]} contain a negative number")
    n_fake, n_real = sum(fakes), sum(reals)
    if not n_fake or not n_real:
        return None
    hits = false_alarms = n_above = 0  # n_above: twice the pairs in which the fake is rated higher, ties counting half
    points = []
    for fake, real in zip(reversed(fakes), reversed(reals), strict=True):
        n_above += real * (2 * hits + fake)
        hits, false_alarms = hits + fake, false_alarms + real
        points.append((false_alarms / n_real, hits / n_fake))
    return RatingRoc(n_fake=n_fake, n_real=n_real, points=points, auc=n_above / (2 * n_fake * n_real))
