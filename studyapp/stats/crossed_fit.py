"""Where the likelihood of a crossed mixed model is largest, and how sharp it is there."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from studyapp.stats.laplace import Array, CrossedLikelihood

Value = Callable[[Array], float]
STEP = 1e-4  # of central differences for the gradient
HESSIAN_STEP = 1e-3
TOLERANCE = 1e-4  # of the gradient, per parameter
NEAR_ZERO = 0.05  # a standard deviation below this is tried at 0
SAME = 1e-3  # log-likelihoods closer than this count as equal
RUNAWAY = 25.0  # on the scale of the link: no study shows log odds as large


class NotEstimable(ValueError):
    """The answers leave no finite estimate; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How the parameters lie in one vector: fixed effects, then the lower triangles of listeners and of clips.

    A triangle of one column is (a); of two columns (a, b, c): Lambda = [[a, 0], [b, c]].
    """

    n_fixed: int
    n_listener: int
    n_clip: int

    @property
    def n_parameters(self) -> int:
        """Return the length of the vector."""
        return self.n_fixed + sum(n * (n + 1) // 2 for n in (self.n_listener, self.n_clip))

    def places(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return where the triangle of the listeners and that of the clips stand."""
        middle = self.n_fixed + self.n_listener * (self.n_listener + 1) // 2
        return tuple(range(self.n_fixed, middle)), tuple(range(middle, self.n_parameters))

    def roots(self, parameters: Array) -> tuple[Array, Array]:
        """Return Lambda of the listeners and of the clips."""
        first, second = (parameters[list(places)] for places in self.places())
        return _triangle(first), _triangle(second)


@dataclass(frozen=True, kw_only=True)
class Solution:
    """The maximum: parameters, the places of those that were free, and the covariance of these, in this order."""

    parameters: Array
    free: tuple[int, ...]
    covariance: Array
    log_likelihood: float
    notes: tuple[str, ...]


def maximise(likelihood: CrossedLikelihood, layout: Layout, held: tuple[bool, bool]) -> Solution:
    """Maximise over fixed effects and triangles; `held` names the factors whose spread is not to be estimated.

    Raises
    ------
    NotEstimable
        The maximum runs away, or is flat in the fixed effects.

    Notes
    -----
    BFGS on central differences. The likelihood is even in the columns of Lambda, so that a standard deviation needs
    no bound: where its maximum lies at 0 the search ends near 0, and it is then held there if the likelihood is no
    smaller for it. The covariance is the inverse of the Hessian by central differences.
    """
    places = layout.places()
    fixed_at_zero = {place for own, is_held in zip(places, held, strict=True) if is_held for place in own}

    def value(parameters: Array) -> float:
        return likelihood(parameters[: layout.n_fixed], layout.roots(parameters))

    parameters = np.zeros(layout.n_parameters)
    for own in places:
        parameters[[own[0], own[-1]]] = 0.5
    notes: list[str] = []
    parameters, best = _search(value, parameters, _free(layout, fixed_at_zero))
    for name, own in zip(("listeners", "clips"), places, strict=True):
        for candidate, what in _candidates(own, parameters, fixed_at_zero):
            tried, found = _search(value, parameters, _free(layout, fixed_at_zero | candidate))
            if found >= best - SAME:
                fixed_at_zero |= candidate
                parameters, best = tried, found
                notes.append(what.format(name=name))
    free = _free(layout, fixed_at_zero)
    covariance, note = _covariance(value, parameters, free, layout.n_fixed)
    return Solution(parameters=parameters, free=free, covariance=covariance, log_likelihood=best, notes=(*notes, *note))


def _candidates(own: tuple[int, ...], parameters: Array, held: set[int]) -> list[tuple[set[int], str]]:
    """Return which parts of a triangle may lie at 0, and what it means if they do."""
    if set(own) <= held:
        return []
    none = "The estimated variance between {name} is 0: it was held there, and the rest fitted without it."
    if len(own) == 1:
        return [({own[0]}, none)] if abs(parameters[own[0]]) < NEAR_ZERO else []
    a, b, c = (abs(float(parameters[place])) for place in own)
    found = []
    if a < NEAR_ZERO:
        found.append(({own[0], own[1]}, none))
    if c < NEAR_ZERO and b < NEAR_ZERO:
        what = "The estimated variance of the slope between {name} is 0: it was held there, the rest fitted without it."
        found.append(({own[1], own[2]}, what))
    elif c < NEAR_ZERO and a >= NEAR_ZERO:
        what = "Intercepts and slopes of {name} are estimated to correlate perfectly: the data cannot tell them apart."
        found.append(({own[2]}, what))
    return found


def _free(layout: Layout, held: set[int]) -> tuple[int, ...]:
    return tuple(place for place in range(layout.n_parameters) if place not in held)


def _triangle(entries: Array) -> Array:
    if len(entries) == 1:
        return entries.reshape(1, 1)
    return np.array([[entries[0], 0.0], [entries[1], entries[2]]])


def _search(value: Value, start: Array, free: tuple[int, ...]) -> tuple[Array, float]:
    """Return the parameters with the largest value, those not in `free` at 0, and the value."""
    places = list(free)
    base = np.zeros(len(start))

    def full(some: Array) -> Array:
        whole = base.copy()
        whole[places] = some
        return whole

    def loss(some: Array) -> float:
        return -value(full(some))

    def slope(some: Array) -> Array:
        moves = np.eye(len(some)) * STEP
        return np.array([(loss(some + move) - loss(some - move)) / (2.0 * STEP) for move in moves])

    found = minimize(loss, start[places], jac=slope, method="BFGS", options={"gtol": TOLERANCE})
    if not np.isfinite(found.fun) or np.abs(found.x).max() > RUNAWAY:
        raise NotEstimable("the estimates grow without limit: listeners or clips hardly ever get different answers")
    return full(found.x), -float(found.fun)


def _covariance(value: Value, parameters: Array, free: tuple[int, ...], n_fixed: int) -> tuple[Array, tuple[str, ...]]:
    """Return the covariance of the free parameters, and a sentence where the spreads had to be taken as known."""
    curvature = -_hessian(value, parameters, free)
    if np.linalg.eigvalsh(curvature)[0] > 0.0:
        return np.asarray(np.linalg.inv(curvature)), ()
    fixed = curvature[:n_fixed, :n_fixed]
    if np.linalg.eigvalsh(fixed)[0] <= 0.0:
        raise NotEstimable("the likelihood is flat: the answers do not determine the estimates")
    covariance = np.zeros_like(curvature)
    covariance[:n_fixed, :n_fixed] = np.linalg.inv(fixed)
    return covariance, ("The variances are hardly determined: the standard errors take them as known.",)


def _hessian(value: Value, parameters: Array, free: tuple[int, ...]) -> Array:
    moves = np.eye(len(parameters))[list(free)] * HESSIAN_STEP
    n = len(moves)
    middle = value(parameters)
    found = np.empty((n, n))
    for a in range(n):
        both = value(parameters + moves[a]) + value(parameters - moves[a])
        found[a, a] = (both - 2.0 * middle) / HESSIAN_STEP**2
        for b in range(a):
            same = value(parameters + moves[a] + moves[b]) + value(parameters - moves[a] - moves[b])
            apart = value(parameters + moves[a] - moves[b]) + value(parameters - moves[a] + moves[b])
            found[a, b] = found[b, a] = (same - apart) / (4.0 * HESSIAN_STEP**2)
    return found
