"""The Laplace approximation of the likelihood of a binary mixed model with two crossed factors."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.special import expit, log_expit, log_ndtr

Link = Literal["logit", "probit"]
Array = NDArray[np.float64]
Index = NDArray[np.intp]
MAX_STEPS = 100
DONE = 1e-10  # of the squared step: the next one would be about its square


@dataclass(frozen=True, kw_only=True)
class Slopes:
    """Of each answer, all (n,): log-likelihood, its slope in eta, its curvature's negative, Fisher's information."""

    value: Array
    slope: Array
    curvature: Array
    information: Array


def log_likelihood(answers: Array, eta: Array, link: Link) -> Slopes:
    """Return the log-likelihood of each answer and its derivatives; curvature and information are positive.

    answers: (n,) 0 or 1. eta: (n,), on the scale of the link.

    >>> found = log_likelihood(np.array([1.0]), np.array([0.0]), "logit")
    >>> [round(float(part[0]), 6) for part in (found.value, found.slope, found.curvature)]
    [-0.693147, 0.5, 0.25]
    """
    sign = 2.0 * answers - 1.0
    if link == "logit":
        wrong = expit(-sign * eta)
        weight = wrong * (1.0 - wrong)
        return Slopes(value=log_expit(sign * eta), slope=sign * wrong, curvature=weight, information=weight)
    log_right = log_ndtr(sign * eta)
    log_density = -0.5 * eta * eta - 0.5 * math.log(2.0 * math.pi)
    mills = np.exp(log_density - log_right)
    curvature = np.maximum(mills * (mills + sign * eta), 0.0)  # far out, where rounding could pass 0
    information = np.exp(2.0 * log_density - log_right - log_ndtr(-sign * eta))
    return Slopes(value=log_right, slope=sign * mills, curvature=curvature, information=information)


@dataclass(frozen=True, kw_only=True)
class Factor:
    """One grouping of the answers, and what varies with it.

    level: (n,) from 0 to n_levels - 1, for each answer its listener (or clip).
    covariates: (n, q), the columns whose weight differs between levels: ones, and perhaps the slope's covariate.
    """

    level: Index
    n_levels: int
    covariates: Array

    @property
    def n_columns(self) -> int:
        """Return q."""
        return int(self.covariates.shape[1])

    def sums(self, values: Array) -> Array:
        """Return (n_levels,) sums of (n,) values."""
        return np.asarray(np.bincount(self.level, values, self.n_levels), dtype=np.float64)

    def weighted_sums(self, values: Array, z: Array) -> Array:
        """Return (n_levels, q) sums of (n,) values times each column of z, (n, q)."""
        return np.column_stack([self.sums(values * column) for column in z.T])

    def blocks(self, weight: Array, z: Array) -> Array:
        """Return (n_levels, q, q): of each level, I + the sum of weight z z'."""
        q = z.shape[1]
        found = np.empty((self.n_levels, q, q))
        for a in range(q):
            for b in range(a + 1):
                found[:, a, b] = found[:, b, a] = self.sums(weight * z[:, a] * z[:, b])
            found[:, a, a] += 1.0
        return found


@dataclass(frozen=True, kw_only=True)
class _Factorised:
    """H with the larger factor eliminated, ready to be solved."""

    inverse: Array  # (L, q, q), of the larger factor's blocks
    cross: Array  # (L, q, S q)
    carried: Array  # (L, q, S q), inverse @ cross
    schur: tuple[Array, bool]  # Cholesky factor of the rest, as scipy's cho_factor gives it
    log_det: float

    def solve(self, large: Array, small: Array) -> tuple[Array, Array]:
        """Return H^-1 (large, small), each (n_levels, q)."""
        half = np.einsum("lab,lb->la", self.inverse, large)
        rest = small.ravel() - np.tensordot(self.cross, half, axes=((0, 1), (0, 1)))
        found = cho_solve(self.schur, rest, check_finite=False)
        return half - self.carried @ found, found.reshape(small.shape)


class CrossedLikelihood:
    """The marginal log-likelihood of answers, with the effects of both factors integrated out.

    Notes
    -----
    eta = X beta + sum over the two factors of Z Lambda u, u ~ N(0, 1) each and Lambda lower triangular. With u* the
    mode of h(u) = sum log f(y | eta) - u'u / 2, Laplace's approximation is h(u*) - log det H / 2. H is Fisher's
    information at u*, as in lme4: for the logit it is -h''(u*), for the probit its expectation. H is block diagonal
    within a factor: the factor with more levels is eliminated, so that only a matrix as large as the smaller factor is
    factorised (Schur complement). u* is found by Newton's method with step halving.

    References
    ----------
    Breslow & Clayton (1993), J. Am. Stat. Assoc. 88:9-25; Bates, Maechler, Bolker & Walker (2015), J. Stat. Softw.
    67(1):1-48; Tierney & Kadane (1986), J. Am. Stat. Assoc. 81:82-86.
    """

    def __init__(self, *, answers: Array, fixed: Array, factors: tuple[Factor, Factor], link: Link) -> None:
        """Keep the data. fixed: (n, p), the columns of X."""
        self.answers, self.fixed, self.link = answers, fixed, link
        self.is_swapped = factors[0].n_levels < factors[1].n_levels
        self.large, self.small = (factors[1], factors[0]) if self.is_swapped else factors
        self.cell = self.large.level * self.small.n_levels + self.small.level
        self._mode = (np.zeros(self._shape(self.large)), np.zeros(self._shape(self.small)))

    def __call__(self, beta: Array, roots: tuple[Array, Array]) -> float:
        """Return the log-likelihood.

        beta: (p,). roots: for each factor, in the order given, the (q, q) lower triangle Lambda.
        """
        root_large, root_small = (roots[1], roots[0]) if self.is_swapped else roots
        z = (self.large.covariates @ root_large, self.small.covariates @ root_small)  # (n, q) each
        base = self.fixed @ beta
        u = self._mode
        value, slopes = self._joint(base, z, u)
        for _ in range(MAX_STEPS):
            large = self.large.weighted_sums(slopes.slope, z[0]) - u[0]
            small = self.small.weighted_sums(slopes.slope, z[1]) - u[1]
            step = self._factorise(z, slopes.curvature).solve(large, small)
            scale = 1.0
            while True:
                tried = (u[0] + scale * step[0], u[1] + scale * step[1])
                new_value, slopes = self._joint(base, z, tried)
                if new_value >= value - 1e-12 * abs(value) or scale < 1e-6:
                    break
                scale /= 2.0
            u, value = tried, new_value
            if float((step[0] ** 2).sum() + (step[1] ** 2).sum()) < DONE:
                break
        self._mode = u  # the next call starts here: its parameters are close
        return value - 0.5 * self._factorise(z, slopes.information).log_det

    @staticmethod
    def _shape(factor: Factor) -> tuple[int, int]:
        return factor.n_levels, factor.n_columns

    def _joint(self, base: Array, z: tuple[Array, Array], u: tuple[Array, Array]) -> tuple[float, Slopes]:
        """Return h(u), and each answer's derivatives."""
        eta = base + (z[0] * u[0][self.large.level]).sum(axis=1) + (z[1] * u[1][self.small.level]).sum(axis=1)
        slopes = log_likelihood(self.answers, eta, self.link)
        return float(slopes.value.sum() - 0.5 * (u[0] ** 2).sum() - 0.5 * (u[1] ** 2).sum()), slopes

    def _factorise(self, z: tuple[Array, Array], weight: Array) -> _Factorised:
        """Return I + Z' W Z, factorised; weight: (n,)."""
        (n_large, q_large), (n_small, q_small) = self._shape(self.large), self._shape(self.small)
        cells = np.empty((n_large, q_large, n_small, q_small))
        for a in range(q_large):
            for b in range(q_small):
                sums = np.bincount(self.cell, weight * z[0][:, a] * z[1][:, b], n_large * n_small)
                cells[:, a, :, b] = sums.reshape(n_large, n_small)
        cross = cells.reshape(n_large, q_large, n_small * q_small)
        blocks = self.large.blocks(weight, z[0])
        inverse: Array = np.linalg.inv(blocks).astype(np.float64, copy=False)
        carried = inverse @ cross
        schur = -np.tensordot(cross, carried, axes=((0, 1), (0, 1)))
        rows = np.arange(n_small * q_small).reshape(n_small, q_small)
        schur[rows[:, :, None], rows[:, None, :]] += self.small.blocks(weight, z[1])
        factor = cho_factor(schur, lower=True, check_finite=False)
        log_det = np.linalg.slogdet(blocks)[1].sum() + 2.0 * np.log(np.diag(factor[0])).sum()
        return _Factorised(inverse=inverse, cross=cross, carried=carried, schur=factor, log_det=float(log_det))
