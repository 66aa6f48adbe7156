"""Crossed mixed models of yes/no answers: listeners and clips both differ, and stand for more of their kind."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtr
from scipy.stats import t as student

from studyapp.stats.crossed_fit import Layout, NotEstimable, Solution, maximise
from studyapp.stats.laplace import Array, CrossedLikelihood, Factor, Index, Link
from studyapp.stats.proportions import Interval, check_open_unit

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(61)


@dataclass(frozen=True, kw_only=True)
class Judgements:
    """Answers in long form, one row each; a listener may hear a clip more than once or not at all.

    answers: (n,) 0 or 1. listeners, clips: (n,) whole numbers from 0. covariate: (n,), such as +.5 for a fake clip and
    -.5 for a real one; None for a model without slope.
    """

    answers: Array
    listeners: Index
    clips: Index
    covariate: Array | None = None


@dataclass(frozen=True, kw_only=True)
class Coefficient:
    """A fixed effect on the scale of the link, at the middle listener and clip; Wald's test against 0.

    `t`, the p-value and the interval are None with fewer than two listeners or clips to generalise from.
    """

    estimate: float
    standard_error: float
    t: float | None
    df: int | None
    p_two_sided: float | None
    interval: Interval | None


@dataclass(frozen=True, kw_only=True)
class Spread:
    """How much listeners (or clips) differ on the scale of the link; slope and correlation are None if not asked for.

    `correlation` is None too where one of the two spreads is 0.
    """

    sd: float
    slope_sd: float | None
    correlation: float | None


@dataclass(frozen=True, kw_only=True)
class CrossedFit:
    """A fitted model. `notes` says in sentences what was held at 0 and why; it is empty in the plain case."""

    link: Link
    intercept: Coefficient
    slope: Coefficient | None
    listener: Spread
    clip: Spread
    log_likelihood: float
    n_answers: int
    n_listeners: int
    n_clips: int
    notes: tuple[str, ...]
    confidence: float
    layout: Layout
    solution: Solution


@dataclass(frozen=True, kw_only=True)
class Share:
    """A share of "1" answers: conditional for the middle listener and clip, or marginal over all; with its interval."""

    proportion: float
    standard_error: float
    interval: Interval | None


def judgements_of(table: NDArray[np.float64], covariate: NDArray[np.float64] | None = None) -> Judgements:
    """Return the long form of a table.

    table: (n_listeners, n_clips), 0 or 1, NaN where a listener did not hear a clip. covariate: (n_clips,).

    >>> judgements_of(np.array([[1.0, np.nan], [0.0, 1.0]])).clips.tolist()
    [0, 0, 1]
    """
    listeners, clips = np.nonzero(~np.isnan(table))
    answers = table[listeners, clips]
    return Judgements(
        answers=answers, listeners=listeners, clips=clips, covariate=None if covariate is None else covariate[clips]
    )


def fit_crossed(
    judgements: Judgements,
    *,
    link: Link = "logit",
    listener_slope: bool = False,
    clip_slope: bool = False,
    confidence: float = 0.95,
) -> CrossedFit:
    """Fit the model by maximum likelihood, with the random effects integrated out by Laplace's approximation.

    Parameters
    ----------
    judgements
        With a covariate the model has a fixed slope of it.
    link
        "logit", or "probit": with "says fake" as the answer and +-.5 as the covariate, the probit slope is d' and the
        intercept -c, both of the middle listener and clip (DeCarlo 1998).
    listener_slope, clip_slope
        Whether the slope differs between listeners (between clips), correlated with their intercepts. A slope that
        differs between clips needs a covariate that changes within clips.

    Returns
    -------
    CrossedFit
        Estimates on the scale of the link, conditional on the random effects; `marginal_share` averages over them.

    Raises
    ------
    NotEstimable
        The likelihood has no maximum: no answers, all answers the same, or the same for one value of the covariate.
    ValueError
        Answers other than 0 and 1, arrays that differ in length, or a random slope without a covariate.

    Notes
    -----
    link(P(y = 1)) = b0 + b1 x + l0 + l1 x + c0 + c1 x, (l0, l1) ~ N(0, S_L), (c0, c1) ~ N(0, S_C). This is lme4's
    glmer(y ~ x + (1 + x | listener) + (1 + x | clip), nAGQ = 1). Standard errors come from the Hessian of the marginal
    log-likelihood in all parameters; tests and intervals use t with the smaller of (listeners - 1) and (clips - 1)
    degrees of freedom, one less for clips with a covariate that does not change within them: with the normal
    quantile 20 x 43 null studies are rejected too often. A standard deviation whose maximum lies at 0 is held there,
    the rest is fitted without it, and `notes` says so; so is one that the design cannot tell from chance.

    References
    ----------
    Baayen, Davidson & Bates (2008), J. Mem. Lang. 59:390-412; Bates et al. (2015), J. Stat. Softw. 67(1); DeCarlo
    (1998), Psychol. Methods 3:186-205.

    Examples
    --------
    >>> table = np.array([[1, 1, 0, 1], [0, 1, 0, 1], [1, 1, 0, 0], [1, 1, 1, 1], [0, 0, 0, 1]], dtype=float)
    >>> fit = fit_crossed(judgements_of(table))
    >>> fit.intercept.df, round(float(np.sign(fit.intercept.estimate)))
    (3, 1)
    """
    check_open_unit("confidence", confidence)
    _check(judgements, is_sloped=listener_slope or clip_slope)
    x = judgements.covariate
    ones = np.ones(len(judgements.answers))
    fixed = ones[:, None] if x is None else np.column_stack([ones, x])  # (n, 1) or (n, 2)
    factors = (
        _factor(judgements.listeners, fixed, is_sloped=listener_slope),
        _factor(judgements.clips, fixed, is_sloped=clip_slope),
    )
    layout = Layout(n_fixed=fixed.shape[1], n_listener=factors[0].n_columns, n_clip=factors[1].n_columns)
    held, notes = _unrepeated(factors)
    likelihood = CrossedLikelihood(answers=judgements.answers, fixed=fixed, factors=factors, link=link)
    solution = maximise(likelihood, layout, held)
    df = _df(judgements, factors)
    coefficients = [_coefficient(solution, at, df, confidence) for at in range(layout.n_fixed)]
    return CrossedFit(
        link=link,
        intercept=coefficients[0],
        slope=coefficients[1] if x is not None else None,
        listener=_spread(layout.roots(solution.parameters)[0]),
        clip=_spread(layout.roots(solution.parameters)[1]),
        log_likelihood=solution.log_likelihood,
        n_answers=len(judgements.answers),
        n_listeners=factors[0].n_levels,
        n_clips=factors[1].n_levels,
        notes=(*notes, *solution.notes),
        confidence=confidence,
        layout=layout,
        solution=solution,
    )


def conditional_share(fit: CrossedFit, *, at: float = 0.0) -> Share:
    """Return the share of "1" that the middle listener gives to the middle clip, at a value of the covariate.

    Notes
    -----
    The inverse link of b0 + b1 x. With an even spread of listeners and clips on the scale of the link this is the
    median share, which lies farther from .5 than the mean share (`marginal_share`).
    """
    return _share(fit, at, spread=0.0)


def marginal_share(fit: CrossedFit, *, at: float = 0.0) -> Share:
    """Return the share of "1" over all listeners and clips of these kinds, at a value of the covariate.

    Notes
    -----
    The mean of the inverse link over N(b0 + b1 x, v), v the variance of listeners and clips together at x: in closed
    form for the probit, Phi((b0 + b1 x) / sqrt(1 + v)), by Gauss-Hermite quadrature with 61 nodes for the logit.
    The standard error is the delta method's over all estimated parameters; the interval is made on the scale of
    log odds, with the t quantile of the coefficients.

    References
    ----------
    Zeger, Liang & Albert (1988), Biometrics 44:1049-1060.
    """
    return _share(fit, at, spread=1.0)


def _share(fit: CrossedFit, at: float, *, spread: float) -> Share:
    z = np.array([1.0, at])[: fit.layout.n_fixed]

    def share(parameters: Array) -> float:
        eta = float(z @ parameters[: fit.layout.n_fixed])
        variance = sum(float(((z[: len(root)] @ root) ** 2).sum()) for root in fit.layout.roots(parameters))
        return _inverse_link(eta, spread * variance, fit.link)

    solution, step = fit.solution, 1e-5
    found = share(solution.parameters)
    moves = np.eye(len(solution.parameters))[list(solution.free)] * step
    slope = np.array([share(solution.parameters + move) - share(solution.parameters - move) for move in moves])
    slope /= 2.0 * step
    error = math.sqrt(max(float(slope @ solution.covariance @ slope), 0.0))
    df = fit.intercept.df
    interval = None
    if df is not None and 0.0 < found < 1.0:
        log_odds, width = math.log(found / (1.0 - found)), error / (found * (1.0 - found))
        width *= float(student.ppf(0.5 + fit.confidence / 2.0, df))
        low, high = expit([log_odds - width, log_odds + width])
        interval = Interval(low=float(low), high=float(high), confidence=fit.confidence)
    return Share(proportion=found, standard_error=error, interval=interval)


def _inverse_link(eta: float, variance: float, link: Link) -> float:
    """Return the mean of the inverse link over N(eta, variance)."""
    if link == "probit":
        return float(ndtr(eta / math.sqrt(1.0 + variance)))
    return float(WEIGHTS @ expit(eta + math.sqrt(variance) * NODES) / WEIGHTS.sum())


def _check(judgements: Judgements, *, is_sloped: bool) -> None:
    y, x = judgements.answers, judgements.covariate
    if not len(y) == len(judgements.listeners) == len(judgements.clips) or (x is not None and len(x) != len(y)):
        raise ValueError("answers, listeners, clips and covariate differ in length")
    if not np.isin(y, (0.0, 1.0)).all():
        raise ValueError("every answer must be 0 or 1; leave missing answers out")
    if is_sloped and x is None:
        raise ValueError("a random slope needs a covariate")
    if len(np.unique(y)) < 2:
        raise NotEstimable("there are no answers" if not len(y) else f"all answers are {int(y[0])}: nothing varies")
    if x is None:
        return
    values = np.unique(x)
    if not np.isfinite(x).all() or len(values) < 2:
        raise NotEstimable("the covariate must be finite and take at least two values")
    if len(values) == 2:
        for value in values:
            if len(np.unique(y[x == value])) < 2:
                raise NotEstimable(f"all answers are the same where the covariate is {value}: the slope has no limit")


def _factor(level: Index, fixed: Array, *, is_sloped: bool) -> Factor:
    names, position = np.unique(level, return_inverse=True)
    return Factor(level=position, n_levels=len(names), covariates=fixed if is_sloped else fixed[:, :1])


def _unrepeated(factors: tuple[Factor, Factor]) -> tuple[tuple[bool, bool], list[str]]:
    """Return which factors' effects cannot be told from chance, and sentences that say why."""
    held, notes = [], []
    for name, factor in zip(("listeners", "clips"), factors, strict=True):
        repeated = int((np.bincount(factor.level) > 1).sum())
        held.append(factor.n_levels < 2 or repeated < 2)
        if held[-1]:
            notes.append(
                f"How {name} differ cannot be estimated: it needs two {name} with at least two answers each. Their "
                "variance is left out, and the result holds for these only."
            )
    return (held[0], held[1]), notes


def _df(judgements: Judgements, factors: tuple[Factor, Factor]) -> int | None:
    """Return the smaller number of degrees of freedom of the two factors; a factor with one level has none to give."""
    lost = 1
    if judgements.covariate is not None:
        clips, x = factors[1], judgements.covariate
        mean = clips.sums(x) / np.bincount(clips.level)
        lost += int(np.allclose(x, mean[clips.level]))
    found = [factors[0].n_levels - 1, factors[1].n_levels - lost]
    usable = [df for df, factor in zip(found, factors, strict=True) if factor.n_levels > 1]
    return min(usable) if usable and min(usable) > 0 else None


def _coefficient(solution: Solution, at: int, df: int | None, confidence: float) -> Coefficient:
    estimate = float(solution.parameters[at])
    error = math.sqrt(float(solution.covariance[at, at]))  # the fixed effects are never held, so they stand first
    t = p = interval = None
    if df is not None:
        t = estimate / error
        p = float(2.0 * student.sf(abs(t), df))
        half = float(student.ppf(0.5 + confidence / 2.0, df)) * error
        interval = Interval(low=estimate - half, high=estimate + half, confidence=confidence)
    return Coefficient(estimate=estimate, standard_error=error, t=t, df=df, p_two_sided=p, interval=interval)


def _spread(root: Array) -> Spread:
    """Return standard deviations and correlation of Lambda Lambda'."""
    covariance = root @ root.T
    sds = np.sqrt(np.diag(covariance))
    if len(root) == 1:
        return Spread(sd=float(sds[0]), slope_sd=None, correlation=None)
    product = float(sds[0] * sds[1])
    return Spread(
        sd=float(sds[0]),
        slope_sd=float(sds[1]),
        correlation=float(covariance[0, 1]) / product if product > 0.0 else None,
    )
