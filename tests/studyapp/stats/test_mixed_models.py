"""Mixed models: against lme4, against a likelihood written out densely and by quadrature, and at the edges."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import minimize
from scipy.special import expit, log_expit, logit, ndtr
from scipy.stats import norm

from studyapp.stats.crossed_fit import NotEstimable
from studyapp.stats.laplace import CrossedLikelihood, Factor, Link, log_likelihood
from studyapp.stats.mixed_models import (
    CrossedFit,
    Judgements,
    conditional_share,
    fit_crossed,
    judgements_of,
    marginal_share,
)
from studyapp.stats.observer_model import ObserverModel, simulate_answers
from tests.studyapp.stats.crossed_judgements import golden_table

pytestmark = pytest.mark.once

TOLERANCE = 0.005
ONE_CLASS = {
    "fake": (0.241671, 0.353843, 0.774841, 1.017411, -161.724571),
    "real": (0.620468, 0.342249, 0.799453, 0.934423, -159.697147),
}
BOTH: dict[Link, tuple[float, ...]] = {
    "logit": (-0.186981, 0.306192, 0.855894, 0.323374, 0.783099, 0.974125, -315.037450),
    "probit": (-0.109987, 0.184611, 0.509741, 0.194029, 0.469225, 0.587957, -315.240014),
}


def says_fake() -> Judgements:
    fake = golden_table("response", "fake", truth="fake")
    real = golden_table("response", "fake", truth="real")
    return judgements_of(np.hstack([fake, real]), np.repeat([0.5, -0.5], [fake.shape[1], real.shape[1]]))


@pytest.mark.parametrize("truth", ONE_CLASS)
def test_one_class_is_what_lme4_fits(truth: str) -> None:
    fit = fit_crossed(judgements_of(golden_table("correct", "1", truth=truth)))
    found = (fit.intercept.estimate, fit.intercept.standard_error, fit.clip.sd, fit.listener.sd, fit.log_likelihood)
    assert found == pytest.approx(ONE_CLASS[truth], abs=TOLERANCE)
    assert fit.notes == ()
    assert (fit.n_listeners, fit.n_clips, fit.intercept.df) == (14, 20, 13)


@pytest.mark.parametrize("link", BOTH)
def test_both_classes_are_what_lme4_fits(link: Link) -> None:
    fit = fit_crossed(says_fake(), link=link)
    assert fit.slope is not None
    found = (fit.intercept.estimate, fit.intercept.standard_error, fit.slope.estimate, fit.slope.standard_error)
    assert (*found, fit.clip.sd, fit.listener.sd, fit.log_likelihood) == pytest.approx(BOTH[link], abs=TOLERANCE)


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_likelihood_with_random_slopes_equals_one_written_out_densely(link: Link) -> None:
    rng = np.random.default_rng(2)
    n, n_listeners, n_clips = 90, 7, 6
    listeners, clips = rng.integers(0, n_listeners, n), rng.integers(0, n_clips, n)
    y, x = rng.integers(0, 2, n).astype(float), rng.normal(size=n)
    fixed = np.column_stack([np.ones(n), x])
    beta, roots = np.array([0.3, -0.6]), (np.array([[0.8, 0.0], [0.3, 0.5]]), np.array([[0.6, 0.0], [-0.2, 0.7]]))
    factors = (
        Factor(level=listeners, n_levels=n_listeners, covariates=fixed),
        Factor(level=clips, n_levels=n_clips, covariates=fixed),
    )
    z = np.zeros((n, 2 * (n_listeners + n_clips)))
    for row in range(n):
        z[row, 2 * listeners[row] : 2 * listeners[row] + 2] = fixed[row] @ roots[0]
        start = 2 * (n_listeners + clips[row])
        z[row, start : start + 2] = fixed[row] @ roots[1]

    def chance(u: np.ndarray) -> np.ndarray:
        eta = fixed @ beta + z @ u
        return expit(eta) if link == "logit" else ndtr(eta)

    def loss(u: np.ndarray) -> float:
        p = chance(u)
        return float(-np.log(np.where(y == 1, p, 1 - p)).sum() + u @ u / 2)

    mode = minimize(loss, np.zeros(z.shape[1]), method="BFGS", options={"gtol": 1e-7})
    p, eta = chance(mode.x), fixed @ beta + z @ mode.x
    weight = p * (1 - p) if link == "logit" else norm.pdf(eta) ** 2 / (p * (1 - p))
    dense = -mode.fun - 0.5 * np.linalg.slogdet(np.eye(z.shape[1]) + z.T @ (weight[:, None] * z))[1]
    likelihood = CrossedLikelihood(answers=y, fixed=fixed, factors=factors, link=link)
    assert likelihood(beta, roots) == pytest.approx(dense, abs=1e-5)


def test_with_one_factor_it_is_close_to_the_integral_itself() -> None:
    """Listeners alone: the likelihood is a product of one-dimensional integrals. Laplace errs little at 60 answers."""
    rng = np.random.default_rng(3)
    table = (rng.random((12, 60)) < expit(rng.normal(0.4, 0.8, (12, 1)))).astype(float)
    ones = np.ones((table.size, 1))
    listeners = np.repeat(np.arange(12), 60)
    factors = (
        Factor(level=listeners, n_levels=12, covariates=ones),
        Factor(level=np.zeros(table.size, dtype=np.intp), n_levels=1, covariates=ones),
    )
    likelihood = CrossedLikelihood(answers=table.ravel(), fixed=ones, factors=factors, link="logit")
    found = likelihood(np.array([0.4]), (np.array([[0.8]]), np.array([[0.0]])))
    exact = 0.0
    for k in table.sum(axis=1):
        peak = k * log_expit(0.4) + (60 - k) * log_expit(-0.4)
        area = quad(
            lambda u, k=k, peak=peak: (
                norm.pdf(u) * np.exp(k * log_expit(0.4 + 0.8 * u) + (60 - k) * log_expit(-0.4 - 0.8 * u) - peak)
            ),
            -8,
            8,
            limit=200,
        )[0]
        exact += peak + np.log(area)
    assert found == pytest.approx(exact, abs=0.05)


@settings(deadline=None, max_examples=50)
@given(eta=st.floats(-30, 30), y=st.sampled_from([0.0, 1.0]), link=st.sampled_from(["logit", "probit"]))
def test_slopes_are_the_derivatives_far_out_too(eta: float, y: float, link: Link) -> None:
    at = [log_likelihood(np.array([y]), np.array([eta + move]), link) for move in (-1e-4, 0.0, 1e-4)]
    value, slope = [float(each.value[0]) for each in at], [float(each.slope[0]) for each in at]
    assert slope[1] == pytest.approx((value[2] - value[0]) / 2e-4, rel=1e-4, abs=1e-8)
    assert float(at[1].curvature[0]) == pytest.approx((slope[0] - slope[2]) / 2e-4, rel=1e-3, abs=1e-7)
    assert float(at[1].information[0]) >= 0.0


@settings(deadline=None, max_examples=8)
@given(seed=st.integers(0, 10_000))
def test_calling_one_what_was_zero_turns_the_signs_and_nothing_else(seed: int) -> None:
    rng = np.random.default_rng(seed)
    table = (rng.random((8, 9)) < expit(rng.normal(0, 1, (8, 1)) + rng.normal(0, 1, 9))).astype(float)
    table[rng.random(table.shape) < 0.2] = np.nan
    try:
        there, turned = fit_crossed(judgements_of(table)), fit_crossed(judgements_of(1.0 - table))
    except NotEstimable:
        return
    assert there.intercept.estimate == pytest.approx(-turned.intercept.estimate, abs=2e-3)
    assert there.listener.sd == pytest.approx(turned.listener.sd, abs=5e-3)
    assert marginal_share(there).proportion == pytest.approx(1 - marginal_share(turned).proportion, abs=1e-3)


def test_shares_are_the_links_inverse_and_its_mean() -> None:
    fit = fit_crossed(says_fake(), link="probit")
    assert fit.slope is not None
    at_fake = fit.intercept.estimate + 0.5 * fit.slope.estimate
    spread = 1 + fit.listener.sd**2 + fit.clip.sd**2
    assert conditional_share(fit, at=0.5).proportion == pytest.approx(ndtr(at_fake), abs=1e-12)
    assert marginal_share(fit, at=0.5).proportion == pytest.approx(ndtr(at_fake / spread**0.5), abs=1e-12)
    logistic = fit_crossed(judgements_of(golden_table("correct", "1", truth="fake")))
    total = (logistic.listener.sd**2 + logistic.clip.sd**2) ** 0.5
    mean = quad(lambda u: norm.pdf(u) * expit(logistic.intercept.estimate + total * u), -10, 10)[0]
    marginal = marginal_share(logistic)
    assert marginal.proportion == pytest.approx(mean, abs=1e-7)
    assert abs(marginal.proportion - 0.5) < abs(conditional_share(logistic).proportion - 0.5)
    # An intercept's delta-method error is its own times the slope of the inverse link.
    p = conditional_share(logistic)
    assert p.standard_error == pytest.approx(logistic.intercept.standard_error * p.proportion * (1 - p.proportion))
    assert p.interval is not None
    assert logistic.intercept.interval is not None
    assert logit(p.interval.low) == pytest.approx(logistic.intercept.interval.low, abs=1e-4)


def sloped(seed: int, *, n_listeners: int, n_clips: int, slope_sd: float) -> CrossedFit:
    rng = np.random.default_rng(seed)
    x = np.tile([0.5, -0.5], n_clips // 2)
    slope = 1.0 + rng.normal(0, slope_sd, (n_listeners, 1))
    eta = rng.normal(0, 0.4, (n_listeners, 1)) + rng.normal(0, 0.4, n_clips) - 0.2 + slope * x
    table = (rng.random(eta.shape) < ndtr(eta)).astype(float)
    return fit_crossed(judgements_of(table, x), link="probit", listener_slope=True)


def test_a_random_slope_is_found_again() -> None:
    fit = sloped(4, n_listeners=60, n_clips=120, slope_sd=0.7)
    assert fit.slope is not None
    assert fit.slope.estimate == pytest.approx(1.0, abs=4 * fit.slope.standard_error)
    assert fit.listener.slope_sd == pytest.approx(0.7, abs=0.2)
    assert fit.listener.correlation is not None
    assert abs(fit.listener.correlation) < 0.6
    assert fit.slope.df == 59


def test_a_variance_at_its_boundary_is_held_there_and_said() -> None:
    """Every listener calls the same number of clips fake: they differ less than chance would have them."""
    rng = np.random.default_rng(6)
    table = np.array([rng.permutation(np.repeat([0.0, 1.0], 10)) for _ in range(15)])
    fit = fit_crossed(judgements_of(table))
    assert fit.listener.sd == 0.0
    assert any("variance between listeners is 0" in note for note in fit.notes)
    assert fit.intercept.standard_error > 0


def test_an_absent_slope_variance_is_said() -> None:
    for seed in range(20):
        fit = sloped(seed, n_listeners=10, n_clips=30, slope_sd=0.0)
        if any("listeners" in note for note in fit.notes):
            assert fit.slope is not None
            assert fit.slope.standard_error < 1.0
            return
    pytest.fail("no study without slope variance came to a boundary")


def test_one_clip_or_one_listener_has_a_fit_that_says_what_it_leaves_out() -> None:
    answers = np.array([1.0, 1.0, 1.0, 0.0])
    for table, name in ((answers[:, None], "listeners"), (answers[None, :], "clips")):
        fit = fit_crossed(judgements_of(table))
        assert fit.intercept.estimate == pytest.approx(np.log(3), abs=1e-4)
        assert fit.intercept.standard_error == pytest.approx((1 / 3 + 1) ** 0.5, abs=1e-4)
        assert any(f"How {name} differ cannot be estimated" in note for note in fit.notes)


@pytest.mark.parametrize(
    ("table", "x"),
    [
        (np.empty((0, 0)), None),
        (np.full((3, 4), np.nan), None),
        (np.ones((5, 6)), None),
        (np.zeros((5, 6)), None),
        (np.tile([1.0, 0.0], (5, 3)), np.tile([0.5, -0.5], 3)),  # everybody hears every fake
        (np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([0.5, 0.5])),  # no reals
        (np.repeat([[1.0], [0.0]], 30, axis=1), None),  # each listener always says the same
    ],
)
def test_says_when_there_is_no_estimate(table: np.ndarray, x: np.ndarray | None) -> None:
    with pytest.raises(NotEstimable):
        fit_crossed(judgements_of(table, x))


def test_refuses_what_is_no_answer() -> None:
    at = np.array([0, 1])
    with pytest.raises(ValueError, match="0 or 1"):
        fit_crossed(Judgements(answers=np.array([0.0, 2.0]), listeners=at, clips=at))
    with pytest.raises(ValueError, match="length"):
        fit_crossed(Judgements(answers=np.array([0.0]), listeners=at, clips=at))
    with pytest.raises(ValueError, match="covariate"):
        fit_crossed(Judgements(answers=np.array([0.0, 1.0]), listeners=at, clips=at), listener_slope=True)


@pytest.mark.parametrize(("n_listeners", "seconds"), [(20, 1.0), (500, 20.0)])
def test_is_fast_enough_for_a_page(n_listeners: int, seconds: float) -> None:
    """Processor time: what else runs on the machine does not count."""
    model = ObserverModel(d_prime=0.6, criterion_c=0.2, listener_sd=0.4, clip_sd=0.5)
    is_fake = np.arange(81) < 43
    answers = simulate_answers(model, n_listeners=n_listeners, is_fake=is_fake, rng=np.random.default_rng(1))
    judgements = judgements_of(answers.astype(float), np.where(is_fake, 0.5, -0.5))
    started = time.process_time()
    fit_crossed(judgements, link="probit")
    assert time.process_time() - started < seconds
