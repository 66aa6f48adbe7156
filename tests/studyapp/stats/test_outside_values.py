"""Outside values and edges of the functions whose own files lack one; `test_evidence.py` says which stands where."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit
from scipy.stats import bootstrap, norm, pearsonr
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.power import TTestIndPower, TTestPower
from statsmodels.stats.proportion import multinomial_proportions_confint, proportion_confint

from studyapp.stats.agreement import error_consistency, split_half_reliability
from studyapp.stats.cluster_bootstrap import bootstrap_contrast
from studyapp.stats.combination import crowd_log_odds
from studyapp.stats.crossed_components import Components, ContrastComponents, estimate_contrast
from studyapp.stats.delong import area_interval, compare_areas, delong
from studyapp.stats.mixed_models import conditional_share, fit_crossed, judgements_of
from studyapp.stats.observer_model import (
    ObserverModel,
    draw_says_fake,
    draw_shift,
    fake_probability,
    simulate_answers,
)
from studyapp.stats.power import Design, class_power, contrast_power, listeners_needed, power_ceiling
from studyapp.stats.published import PrintedTest, implied_sd, readings_of_z
from studyapp.stats.quasi_t import is_crossed
from studyapp.stats.reason_shares import reason_shares
from studyapp.stats.telling_apart import _hanley_mcneil, fit_logistic

pytestmark = pytest.mark.once
RNG_SEED = 20260826


def test_error_consistency_is_kappa_of_right_and_wrong() -> None:
    """Geirhos et al. (2020) define it as Cohen's kappa of the two observers' right answers: statsmodels."""
    rng = np.random.default_rng(RNG_SEED)
    first, second = rng.random(60) < 0.7, rng.random(60) < 0.5
    table = [[np.sum((first == a) & (second == b)) for b in (True, False)] for a in (True, False)]
    assert error_consistency(first, second).kappa == pytest.approx(cohens_kappa(np.array(table)).kappa, abs=1e-12)


def test_two_listeners_have_one_split_and_the_prophecy_formula_on_scipys_correlation() -> None:
    table = np.random.default_rng(RNG_SEED).normal(size=(2, 30)) + np.linspace(-1, 1, 30)
    r = float(pearsonr(*table).statistic)
    assert split_half_reliability(table, seed=1, n_splits=20) == pytest.approx(2 * r / (1 + r), abs=1e-9)


def test_a_contrast_over_listeners_is_scipys_bootstrap_of_their_differences() -> None:
    rng = np.random.default_rng(RNG_SEED)
    fake, real = (rng.random((24, 20)) < p for p in (0.6, 0.4))
    found = bootstrap_contrast(fake.astype(float), real.astype(float), seed=1, drawn="listeners", n_draws=4000)
    differences = fake.mean(axis=1) - real.mean(axis=1)
    theirs = bootstrap((differences,), np.mean, n_resamples=4000, method="percentile", rng=rng)
    assert found.estimate == pytest.approx(differences.mean())
    assert found.standard_error == pytest.approx(theirs.standard_error, rel=0.05)
    assert found.interval is not None
    assert found.interval.low == pytest.approx(theirs.confidence_interval.low, abs=0.012)


def test_areas_and_their_difference_are_the_published_formula_over_pairs() -> None:
    """DeLong et al. (1988), eq. 3 to 5, pair by pair, with numpy's covariance of the structural components."""
    rng = np.random.default_rng(RNG_SEED)
    is_fake = np.arange(25) < 11
    scores = rng.normal(size=(2, 25)) + is_fake * [[1.2], [0.5]]
    psi = (scores[:, is_fake][:, :, None] > scores[:, ~is_fake][:, None, :]).astype(float)
    covariance = np.cov(psi.mean(axis=2)) / 11 + np.cov(psi.mean(axis=1)) / 14
    areas = delong(scores, is_fake=is_fake)
    assert areas.auc == pytest.approx(psi.mean(axis=(1, 2)))
    difference = compare_areas(areas)
    error = float(np.sqrt(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]))
    assert difference.standard_error == pytest.approx(error, rel=1e-9)
    assert difference.p_two_sided == pytest.approx(2 * norm.sf(abs(areas.auc[0] - areas.auc[1]) / error), rel=1e-9)
    interval = area_interval(areas, 0)
    assert interval is not None and interval.low < areas.auc[0] < interval.high
    same = compare_areas(delong(scores[[0, 0]], is_fake=is_fake))
    assert (same.difference, same.p_two_sided) == (0.0, None)


def test_many_draws_have_the_model_s_probabilities() -> None:
    """5,000 draws within four standard errors of Phi; shifts with the standard deviation asked for."""
    model, rng = ObserverModel(d_prime=1.0, criterion_c=0.2), np.random.default_rng(RNG_SEED)
    share = np.mean([draw_says_fake(model, is_fake=True, rng=rng, clip_shift=0.1) for _ in range(5000)])
    expected = norm.cdf(0.5 - 0.2 + 0.1)
    assert fake_probability(model, is_fake=True, clip_shift=0.1) == pytest.approx(expected)
    assert abs(share - expected) < 4 * np.sqrt(expected * (1 - expected) / 5000)
    shifts = [draw_shift(0.7, rng) for _ in range(5000)]
    assert np.std(shifts) == pytest.approx(0.7, rel=0.04) and abs(np.mean(shifts)) < 0.04


def test_an_observer_far_out_or_alone_is_drawn_all_the_same() -> None:
    sure = ObserverModel(d_prime=80.0, criterion_c=0.0)
    assert (fake_probability(sure, is_fake=True), fake_probability(sure, is_fake=False)) == (1.0, 0.0)
    is_fake = np.array([True, False, True])
    alone = simulate_answers(sure, n_listeners=1, is_fake=is_fake, rng=np.random.default_rng(1))
    assert alone.tolist() == [is_fake.tolist()]
    assert simulate_answers(sure, n_listeners=2, is_fake=is_fake[:0], rng=np.random.default_rng(1)).shape == (2, 0)


def test_power_of_one_kind_of_spread_is_statsmodels_t_test() -> None:
    """Without spread between clips it is a t-test over listeners; with endless listeners one over clips."""
    of_listeners = Components(mean=0.6, listener=0.04, clip=0.0, residual=0.0)

    def power_of(n: int) -> float:
        return class_power(of_listeners, effect=0.1, n_listeners=n, n_clips=50).power

    wanted = TTestPower().solve_power(effect_size=0.5, power=0.8, alpha=0.05)
    assert listeners_needed(power_of, wanted=0.8) == int(np.ceil(wanted))
    of_clips = Components(mean=0.6, listener=0.02, clip=0.04, residual=0.2)
    ceiling = power_ceiling(lambda n: class_power(of_clips, effect=0.1, n_listeners=n, n_clips=30).power)
    assert ceiling == pytest.approx(TTestPower().power(effect_size=0.5, nobs=30, alpha=0.05), abs=0.002)


def test_power_of_a_contrast_with_one_kind_of_spread_is_statsmodels_t_test() -> None:
    """Where only listeners differ it is the paired t-test over them, where only clips do the unpaired one over them."""
    still = Components(mean=0.5, listener=0.0, clip=0.0, residual=0.0)
    design = Design(n_listeners=22, n_fake=17, n_real=17)
    for effect, alpha, side, alternative in ((0.1, 0.05, "two", "two-sided"), (0.06, 0.01, "one", "larger")):
        of_listeners = ContrastComponents(fake=still, real=still, difference=0.03)
        found = contrast_power(of_listeners, design, effect=effect, alpha=alpha, side=side)
        theirs = TTestPower().power(effect / 0.03**0.5, nobs=22, alpha=alpha, alternative=alternative)
        assert (found.power, found.df) == (pytest.approx(theirs, rel=1e-6), pytest.approx(21))
        of_clips = replace(still, clip=0.02)
        found = contrast_power(
            ContrastComponents(fake=of_clips, real=of_clips, difference=0.0),
            design,
            effect=effect,
            alpha=alpha,
            side=side,
        )
        theirs = TTestIndPower().power(effect / 0.02**0.5, nobs1=17, alpha=alpha, alternative=alternative)
        assert (found.power, found.df) == (pytest.approx(theirs, rel=1e-6), pytest.approx(32))


def test_power_at_its_edges() -> None:
    still = Components(mean=0.5, listener=0.02, clip=0.0, residual=0.2)
    both = ContrastComponents(fake=still, real=still, difference=0.02)
    design = Design(n_listeners=20, n_fake=10, n_real=8, heard_fake=99)
    assert (design.heard("fake"), design.heard("real")) == (10, 8)  # nobody hears more than there is
    assert contrast_power(both, design, effect=0.0).power == pytest.approx(0.05, abs=1e-6)
    assert power_ceiling(lambda n: class_power(still, effect=0.1, n_listeners=n, n_clips=10).power) == pytest.approx(
        1.0
    )
    assert listeners_needed(lambda n: 0.5, wanted=0.8) is None
    with pytest.raises(ValueError, match="same listeners"):
        estimate_contrast(np.ones((2, 2)), np.ones((3, 2)))


def test_reason_shares_have_statsmodels_intervals() -> None:
    counts = {"a": {"x": 7, "y": 3}, "b": {"x": 2, "y": 8, "z": 1}}
    found = reason_shares(codes=["x", "y", "z"], counts_by_listener=counts, judgements_by_listener={"a": 10, "b": 11})
    goodman = multinomial_proportions_confint([9, 11, 1], method="goodman")
    for share, n, limits in zip(found, (9, 11, 1), goodman, strict=True):
        assert share.proportion == n / 21 and share.wilson is not None and share.goodman is not None
        wilson = proportion_confint(n, 21, method="wilson")
        assert (share.wilson.low, share.wilson.high) == pytest.approx(wilson)
        assert (share.goodman.low, share.goodman.high) == pytest.approx(limits, abs=1e-6)


def test_the_error_of_an_area_is_hanley_and_mcneils_own() -> None:
    """Their example: an area of .893 with 51 abnormal and 58 normal images has the standard error .032."""
    assert _hanley_mcneil(0.893, 51, 58) == pytest.approx(0.032, abs=0.0006)


def test_a_regression_on_nothing_is_the_log_odds() -> None:
    positive = np.arange(10) < 3
    assert fit_logistic(np.empty((10, 0)), positive, penalty=1.0) == pytest.approx([logit(0.3)], abs=1e-6)
    flat = fit_logistic(np.zeros((10, 1)), positive, penalty=1.0)
    assert flat == pytest.approx([0.0, logit(0.3)], abs=1e-6)


def test_printed_numbers_that_say_nothing() -> None:
    printed = PrintedTest(mean=0.5, z=0.0, p_low=0.9, p_high=1.0, n_listeners=1, n_clips=2)
    with pytest.raises(ValueError, match="any standard deviation"):
        implied_sd(printed)
    assert all(reading.p_greater == pytest.approx(0.5) for reading in readings_of_z(printed) if reading.df != 0)


def test_without_a_covariate_the_middle_share_is_that_of_the_intercept() -> None:
    table = (np.random.default_rng(RNG_SEED).random((6, 7)) < 0.6).astype(float)
    fit = fit_crossed(judgements_of(table))
    share = conditional_share(fit)
    assert share.proportion == pytest.approx(expit(fit.intercept.estimate)) == conditional_share(fit, at=9.0).proportion


def test_crowds_log_odds_are_scipys_logit_of_a_share_moved_inwards() -> None:
    n_fake, n = np.array([0, 1, 5, 9, 9]), np.array([9, 1, 10, 9, 20])
    assert crowd_log_odds(n_fake, n) == pytest.approx(logit((n_fake + 0.5) / (n + 1)), abs=1e-12)


def test_a_design_is_crossed_where_pandas_counts_every_cell() -> None:
    nan = np.nan
    tables = ([[1.0]], [[1.0, 0.0]], [[1.0], [0.0]], [[nan, nan], [nan, nan]], [[1, nan], [nan, 0]], [[1, 0], [0, nan]])
    for table in (*tables, [[1, 0], [0, 1]], [[1, 0, nan], [nan, 0, 1]], [[1, 0, nan], [1, 0, 1]]):
        there = pd.DataFrame(table).notna()
        listeners, clips = (int((there.sum(axis=axis) > 1).sum()) for axis in (1, 0))
        assert is_crossed(np.array(table, dtype=float)) == (min(listeners, clips) > 1)
