"""The two-way cluster bootstrap: listeners and clips are drawn again, each with all its answers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from studyapp.stats.crossed_components import Answers
from studyapp.stats.proportions import Interval, check_open_unit

Drawn = Literal["both", "listeners", "clips"]
Statistic = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]
N_DRAWS = 5000


@dataclass(frozen=True, kw_only=True)
class Bootstrap:
    """An estimate, its bootstrap standard error and its percentile interval.

    All None without answers. `standard_error` and `interval` are None also where what is drawn again has fewer than two
    units. `n_used` counts the draws that had answers of each class; `seed` makes the same draws again.
    """

    estimate: float | None
    standard_error: float | None
    interval: Interval | None
    n_draws: int
    n_used: int
    seed: int


def bootstrap_mean(
    answers: Answers, *, seed: int, drawn: Drawn = "both", n_draws: int = N_DRAWS, confidence: float = 0.95
) -> Bootstrap:
    """Bootstrap the pooled mean of one class of clips.

    Parameters
    ----------
    answers
        (n_listeners, n_clips), NaN where a listener did not hear a clip.
    drawn
        What the result generalises to: "both", or "listeners" with these clips, or "clips" with these listeners.

    Raises
    ------
    ValueError
        `confidence` outside (0, 1), or no draws.

    Notes
    -----
    Each draw takes I of I listeners and J of J clips with replacement, independently; an answer counts as often as
    its listener times as often as its clip was drawn. The interval lies between the quantiles of the draws. With both
    drawn it is conservative: the residual enters about three times (Owen 2007).

    References
    ----------
    Owen (2007), Ann. Appl. Stat. 1:386-411; McCullagh (2000), Bernoulli 6:285-301.

    Examples
    --------
    >>> found = bootstrap_mean(np.array([[1.0, 0.0], [1.0, 1.0]]), seed=1, n_draws=200)
    >>> found.estimate, found.interval.low >= 0.0, found.n_used
    (0.75, True, 200)
    """
    _check(n_draws, confidence)
    rng = np.random.default_rng(seed)
    listeners = _counts(answers.shape[0], n_draws, rng, is_drawn=drawn != "clips")
    draws = _means(answers, listeners, _counts(answers.shape[1], n_draws, rng, is_drawn=drawn != "listeners"))
    enough = _has_units([answers], drawn)
    return _summary(_pooled(answers), draws, seed=seed, confidence=confidence, is_estimable=enough)


def bootstrap_contrast(
    fake: Answers,
    real: Answers,
    *,
    seed: int,
    statistic: Statistic = np.subtract,
    drawn: Drawn = "both",
    n_draws: int = N_DRAWS,
    confidence: float = 0.95,
) -> Bootstrap:
    """Bootstrap a function of the means of both classes, such as their difference.

    Parameters
    ----------
    fake, real
        (n_listeners, n_clips) of each class; the same listeners in the same rows, and drawn together.
    statistic
        Of the arrays of means of fakes and reals, the array of values. A draw whose value is not finite is left out.

    Raises
    ------
    ValueError
        As `bootstrap_mean`, and when the rows differ in number.

    Notes
    -----
    As `bootstrap_mean`, with clips drawn within their class.
    """
    _check(n_draws, confidence)
    if len(fake) != len(real):
        raise ValueError(f"{len(fake)} and {len(real)} listeners; the rows of both classes are the same listeners")
    rng = np.random.default_rng(seed)
    listeners = _counts(len(fake), n_draws, rng, is_drawn=drawn != "clips")
    means = [
        _means(table, listeners, _counts(table.shape[1], n_draws, rng, is_drawn=drawn != "listeners"))
        for table in (fake, real)
    ]
    with np.errstate(all="ignore"):  # what is not finite is counted and left out
        found = float(statistic(np.array([_pooled(fake)]), np.array([_pooled(real)]))[0])
        draws = statistic(means[0], means[1])
    enough = _has_units([fake, real], drawn)
    return _summary(found, draws, seed=seed, confidence=confidence, is_estimable=enough)


def _check(n_draws: int, confidence: float) -> None:
    check_open_unit("confidence", confidence)
    if n_draws < 1:
        raise ValueError(f"{n_draws} draws; at least one is needed")


def _counts(n_units: int, n_draws: int, rng: np.random.Generator, *, is_drawn: bool) -> NDArray[np.float64]:
    """Return (n_draws, n_units): how often each unit was drawn, 1 where the units are not drawn again."""
    if not is_drawn or n_units == 0:
        return np.ones((n_draws, n_units))
    return rng.multinomial(n_units, np.full(n_units, 1.0 / n_units), size=n_draws).astype(float)


def _means(answers: Answers, listeners: NDArray[np.float64], clips: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (n_draws,) weighted means; NaN where a draw has no answer."""
    there = ~np.isnan(answers)
    total = ((listeners @ np.where(there, answers, 0.0)) * clips).sum(axis=1)
    n = ((listeners @ there.astype(float)) * clips).sum(axis=1)
    means = np.full(len(n), np.nan)
    np.divide(total, n, out=means, where=n > 0)
    return means


def _pooled(answers: Answers) -> float:
    there = answers[~np.isnan(answers)]
    return float(there.mean()) if len(there) else float("nan")


def _has_units(tables: list[Answers], drawn: Drawn) -> bool:
    """Return whether there are two of each kind of unit that is drawn again."""
    enough = True
    for table in tables:
        there = ~np.isnan(table)
        enough &= drawn == "clips" or int(there.any(axis=1).sum()) > 1
        enough &= drawn == "listeners" or int(there.any(axis=0).sum()) > 1
    return enough


def _summary(
    estimate: float, draws: NDArray[np.float64], *, seed: int, confidence: float, is_estimable: bool
) -> Bootstrap:
    used = draws[np.isfinite(draws)]
    error = interval = None
    if is_estimable and len(used) > 1:
        error = float(used.std(ddof=1))
        low, high = np.quantile(used, [0.5 - confidence / 2.0, 0.5 + confidence / 2.0])
        interval = Interval(low=float(low), high=float(high), confidence=confidence)
    return Bootstrap(
        estimate=estimate if np.isfinite(estimate) else None,
        standard_error=error,
        interval=interval,
        n_draws=len(draws),
        n_used=len(used),
        seed=seed,
    )
