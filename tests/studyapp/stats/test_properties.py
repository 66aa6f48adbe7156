"""Properties of the functions whose own files have none: what must hold for any answers, whatever the numbers are."""

import math
import statistics
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import norm, ttest_1samp

from studyapp.stats.agreement import fleiss_kappa, intraclass_correlations, split_half_reliability
from studyapp.stats.cluster_bootstrap import bootstrap_contrast
from studyapp.stats.combination import crowd_log_odds
from studyapp.stats.crossed_components import (
    LatentSpread,
    estimate_components,
    estimate_contrast,
    latent_contrast,
)
from studyapp.stats.delong import compare_areas, delong
from studyapp.stats.descriptive import mean_of, sd_of, summarize_mean
from studyapp.stats.equivalence import tost_mean
from studyapp.stats.mixed_models import conditional_share, fit_crossed, judgements_of
from studyapp.stats.observer_model import ObserverModel, draw_reason, draw_says_fake, draw_shift
from studyapp.stats.power import Design, contrast_power, listeners_needed, power_ceiling
from studyapp.stats.proportions import check_counts, check_open_unit, exact_binomial_p, normal_p_value
from studyapp.stats.published import PrintedTest, implied_interval, implied_sd, readings_of_z, transforms_of_mean
from studyapp.stats.quasi_t import is_crossed, quasi_t_contrast
from studyapp.stats.rank_correlation import noise_ceiling
from studyapp.stats.reason_shares import clustered_interval, reason_shares
from studyapp.stats.signal_detection import d_prime_interval, signal_detection
from studyapp.stats.telling_apart import fit_logistic, telling_apart

pytestmark = pytest.mark.once
few = settings(max_examples=15, deadline=None)
some = settings(max_examples=50, deadline=None)
seeds = st.integers(0, 2**32 - 1)
CLOSE: dict[str, Any] = {"rel": 1e-9, "abs": 1e-9}


def answers(seed: int, n_listeners: int, n_clips: int, *, missing: float = 0.0) -> np.ndarray:
    """Return 0/1 answers in which listeners and clips differ, some missing."""
    rng = np.random.default_rng(seed)
    chance = np.clip(rng.uniform(0.2, 0.8, (n_listeners, 1)) + rng.uniform(-0.2, 0.2, (1, n_clips)), 0.05, 0.95)
    table = (rng.random((n_listeners, n_clips)) < chance).astype(float)
    table[rng.random(table.shape) < missing] = np.nan
    return table


@few
@given(seed=seeds, raters=st.integers(2, 6))
def test_fleiss_kappa_does_not_know_the_order_of_clips_or_answers(seed: int, raters: int) -> None:
    rng = np.random.default_rng(seed)
    counts = rng.multinomial(raters, [0.5, 0.3, 0.2], size=8).astype(float)
    kappa = fleiss_kappa(counts)
    turned = fleiss_kappa(rng.permutation(counts)[:, ::-1])
    assert (kappa is None) == (turned is None)
    if kappa is not None:
        assert kappa == pytest.approx(turned, **CLOSE) and -1.0 / (raters - 1) - 1e-9 <= kappa <= 1.0
    assert fleiss_kappa(np.eye(3) * raters) == 1.0


@few
@given(scores=arrays(float, (6, 4), elements=st.integers(-20, 20)), shift=st.integers(-9, 9))
def test_intraclass_correlations_do_not_know_the_unit(scores: np.ndarray, shift: int) -> None:
    here, there = intraclass_correlations(scores), intraclass_correlations(2.0 * scores + shift)
    for name, value in vars(here).items():
        other = getattr(there, name)
        assert (value is None) == (other is None)
        assert value is None or value == pytest.approx(other, rel=1e-6, abs=1e-6)
    if here.one_way is not None:
        assert here.one_way <= 1.0 + 1e-9


@few
@given(seed=seeds)
def test_split_halves_know_neither_the_label_nor_the_order_of_clips(seed: int) -> None:
    table = answers(seed, 8, 12, missing=0.1)
    here = split_half_reliability(table, seed=1, n_splits=50)
    for other in (1.0 - table, table[:, ::-1]):
        there = split_half_reliability(other, seed=1, n_splits=50)
        assert here == there or here == pytest.approx(there, rel=1e-6, abs=1e-9)
    assert here is None or here <= 1.0


@few
@given(seed=seeds)
def test_a_bootstrapped_contrast_turns_with_the_answers(seed: int) -> None:
    fake, real = answers(seed, 6, 7, missing=0.1), answers(seed + 1, 6, 5)
    here = bootstrap_contrast(fake, real, seed=3, n_draws=200)
    there = bootstrap_contrast(1.0 - fake, 1.0 - real, seed=3, n_draws=200)
    assert here.estimate == pytest.approx(np.nanmean(fake) - np.nanmean(real), **CLOSE)
    assert here.estimate == pytest.approx(-(there.estimate or 0.0), **CLOSE)
    assert here.standard_error == pytest.approx(there.standard_error, **CLOSE)
    assert here.interval is not None and there.interval is not None
    assert here.interval.low == pytest.approx(-there.interval.high, **CLOSE)


@few
@given(seed=seeds)
def test_components_know_neither_the_label_nor_the_order(seed: int) -> None:
    fake, real = answers(seed, 7, 6, missing=0.1), answers(seed + 1, 7, 5, missing=0.1)
    order = np.random.default_rng(seed).permutation(7)
    one, contrast = estimate_components(fake), estimate_contrast(fake, real)
    for other in (fake[order][:, ::-1], 1.0 - fake):
        there = estimate_components(other)
        for name in ("listener", "clip", "residual"):
            assert getattr(one, name) == pytest.approx(getattr(there, name), rel=1e-7, abs=1e-9)
    assert contrast.difference == pytest.approx(estimate_contrast(fake[order], real[order]).difference, **CLOSE)
    assert contrast.difference == pytest.approx(estimate_contrast(1.0 - fake, 1.0 - real).difference, **CLOSE)
    assert contrast.with_means(fake=0.6, real=0.4).mean == pytest.approx(0.2) and contrast.fake == one


@few
@given(d_prime=st.floats(-1, 3), criterion=st.floats(-1, 1), sd=st.floats(0, 0.8))
def test_latent_components_turn_with_the_criterion(d_prime: float, criterion: float, sd: float) -> None:
    """Leaning to "real" with fakes is leaning to "fake" with reals; spreads are never negative."""
    spread = LatentSpread(listener_sd=sd, clip_sd=sd)
    here = latent_contrast(d_prime=d_prime, criterion_c=criterion, spread=spread)
    there = latent_contrast(d_prime=d_prime, criterion_c=-criterion, spread=spread)
    assert here.fake.mean == pytest.approx(1.0 - there.real.mean, abs=1e-6)
    assert here.mean == pytest.approx(there.mean, abs=1e-6) and here.mean * d_prime >= -1e-6
    assert min(here.fake.listener, here.fake.clip, here.fake.residual) >= -1e-9


@few
@given(seed=seeds)
def test_a_difference_of_areas_turns_with_its_sides(seed: int) -> None:
    rng = np.random.default_rng(seed)
    areas = delong(rng.integers(0, 5, (2, 14)).astype(float), is_fake=np.arange(14) < 7)
    here, there = compare_areas(areas, 0, 1), compare_areas(areas, 1, 0)
    assert here.difference == -there.difference and here.p_two_sided == there.p_two_sided
    assert here.interval is None or there.interval is None or here.interval.low == -there.interval.high


@some
@given(values=st.lists(st.integers(-1000, 1000).map(lambda n: n / 8), min_size=2, max_size=12), null=st.integers(-5, 5))
def test_means_are_those_of_the_standard_library_and_scipy(values: list[float], null: int) -> None:
    assert mean_of(values) == pytest.approx(statistics.fmean(values), **CLOSE) and mean_of([]) is None
    assert sd_of(values) == pytest.approx(statistics.stdev(values), **CLOSE) and sd_of(values[:1]) is None
    found = summarize_mean(values, null=null)
    if len(set(values)) == 1:
        assert found.t is None and found.sd == 0.0
        return
    outside = ttest_1samp(values, null)
    assert (found.t, found.p_two_sided) == (
        pytest.approx(outside.statistic, rel=1e-7, abs=1e-9),
        pytest.approx(outside.pvalue, rel=1e-6, abs=1e-12),
    )


@some
@given(mean=st.floats(-1, 1), error=st.floats(0.01, 1), df=st.floats(1, 99), low=st.floats(-2, -0.01))
def test_equivalence_of_a_mean_is_the_same_in_the_mirror(mean: float, error: float, df: float, low: float) -> None:
    here = tost_mean(mean=mean, standard_error=error, df=df, low=low, high=0.5)
    there = tost_mean(mean=-mean, standard_error=error, df=df, low=-0.5, high=-low)
    assert here.p_value == pytest.approx(there.p_value, **CLOSE) and 0.0 <= here.p_value <= 1.0


@settings(max_examples=3, deadline=None)
@given(seed=seeds)
def test_the_middle_share_rises_with_the_slope(seed: int) -> None:
    table = np.hstack([answers(seed, 8, 8), answers(seed + 1, 8, 8)])
    fit = fit_crossed(judgements_of(table, np.repeat([0.5, -0.5], 8)))
    shares = [conditional_share(fit, at=at) for at in (-0.5, 0.0, 0.5)]
    assert all(0.0 < share.proportion < 1.0 for share in shares) and fit.slope is not None
    rises = shares[0].proportion < shares[1].proportion < shares[2].proportion
    assert rises == (fit.slope.estimate > 0)


@some
@given(seed=seeds, sd=st.floats(0, 3), d_prime=st.floats(-8, 8))
def test_drawn_answers_and_reasons_are_possible_ones(seed: int, sd: float, d_prime: float) -> None:
    model = ObserverModel(d_prime=d_prime, reason_weights={"b": 1.0})
    drawn = [
        (
            draw_shift(sd, rng),
            draw_says_fake(model, is_fake=True, rng=rng, listener_shift=9.0),
            draw_says_fake(model, is_fake=True, rng=rng),
            draw_reason(model, codes=["a", "b"], rng=rng),
        )
        for rng in (np.random.default_rng(seed), np.random.default_rng(seed))
    ]
    assert drawn[0] == drawn[1] and math.isfinite(drawn[0][0]) and (sd > 0 or drawn[0][0] == 0.0)
    assert drawn[0][3] == "b" and (drawn[0][1] or d_prime < -6)


@few
@given(d_prime=st.floats(0.1, 1.5), n_clips=st.integers(4, 40), wanted=st.floats(0.3, 0.9))
def test_power_grows_with_listeners_up_to_its_ceiling(d_prime: float, n_clips: int, wanted: float) -> None:
    components = latent_contrast(d_prime=d_prime, criterion_c=0.2, spread=LatentSpread(listener_sd=0.3, clip_sd=0.4))

    def power_of(n_listeners: int) -> float:
        design = Design(n_listeners=n_listeners, n_fake=n_clips, n_real=n_clips, heard_fake=3)
        assert (design.heard("fake"), design.heard("real")) == (3, n_clips)
        return contrast_power(components, design).power

    ceiling, fewest = power_ceiling(power_of), listeners_needed(power_of, wanted=wanted)
    powers = [power_of(n) for n in (2, 8, 32, 128)]
    assert powers == sorted(powers) and powers[-1] <= ceiling + 1e-6
    if fewest is None:
        assert ceiling < wanted + 1e-3
    else:
        assert power_of(fewest) >= wanted and (fewest == 2 or power_of(fewest - 1) < wanted)


@some
@given(n=st.integers(0, 60), k=st.integers(-5, 65), z=st.floats(-6, 6), unit=st.floats(-1, 2))
def test_counts_units_and_normal_p_values(n: int, k: int, z: float, unit: float) -> None:
    if 0 <= k <= n:
        check_counts(k, n)
        p = exact_binomial_p(n_successes=k, n_trials=n)
        assert (p is None) == (n == 0)
        mirrored = exact_binomial_p(n_successes=n - k, n_trials=n)
        assert p is None or (0.0 < p <= 1.0 + 1e-12 and p == pytest.approx(mirrored, rel=1e-9))
    else:
        with pytest.raises(ValueError, match="need 0 <= successes <= trials"):
            check_counts(k, n)
    if not 0.0 < unit < 1.0:
        with pytest.raises(ValueError, match="not strictly between"):
            check_open_unit("share", unit)
    else:
        check_open_unit("share", unit)
    greater, less = normal_p_value(z, "greater"), normal_p_value(z, "less")
    assert greater == pytest.approx(norm.sf(z)) and greater + less == pytest.approx(1.0)
    assert normal_p_value(z, "two-sided") == pytest.approx(2.0 * min(greater, less))


@some
@given(mean=st.integers(52, 95), z=st.integers(5, 300))
def test_readings_of_a_printed_z(mean: int, z: int) -> None:
    printed = PrintedTest(mean=mean / 100, z=z / 100, p_low=0.0, p_high=1.0, n_listeners=20, n_clips=40)
    low, high = implied_sd(printed)
    assert 0.0 < low <= (printed.mean - 0.5) / printed.z <= high
    readings = {reading.code: reading for reading in readings_of_z(printed)}
    assert readings["over_listeners"].statistic == pytest.approx(printed.z * math.sqrt(20))
    assert readings["over_clips"].statistic == pytest.approx(printed.z * math.sqrt(40))
    for reading in readings.values():
        assert 0.0 <= reading.p_greater <= reading.p_two_sided <= 1.0
        # A p printed as 0 to 1 fits anything; only the mean can speak against a reading then.
        speaks_against = reading.needs_z is not None
        assert speaks_against or (reading.fits_one_sided and reading.fits_two_sided)


@few
@given(seed=seeds)
def test_a_quasi_t_of_a_contrast_turns_with_the_answers(seed: int) -> None:
    fake, real = answers(seed, 7, 6, missing=0.1), answers(seed + 1, 7, 5)
    here, there = quasi_t_contrast(fake, real), quasi_t_contrast(1.0 - fake, 1.0 - real)
    assert here.mean == pytest.approx(-(there.mean or 0.0), **CLOSE)
    assert here.standard_error == pytest.approx(there.standard_error, **CLOSE)
    assert here.p_two_sided == pytest.approx(there.p_two_sided, **CLOSE)


@some
@given(reliability=st.floats(-1, 1))
def test_the_noise_ceiling_is_the_root_of_the_reliability(reliability: float) -> None:
    ceiling = noise_ceiling(reliability)
    assert (ceiling is None) == (reliability <= 0.0)
    assert ceiling is None or ceiling**2 == pytest.approx(reliability)


@few
@given(counts=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=5))
def test_shares_of_single_choices_sum_to_one(counts: list[tuple[int, int]]) -> None:
    given_by = {f"P{n}": dict(zip("ab", pair, strict=True)) for n, pair in enumerate(counts)}
    totals = {who: sum(pair.values()) for who, pair in given_by.items()}
    found = reason_shares(codes=["a", "b", "c"], counts_by_listener=given_by, judgements_by_listener=totals)
    assert [share.n_chosen for share in found] == [sum(a for a, _ in counts), sum(b for _, b in counts), 0]
    shares = [share.proportion for share in found]
    if sum(totals.values()):
        assert sum(share or 0.0 for share in shares) == pytest.approx(1.0)
    else:
        assert shares == [None] * 3


@some
@given(hits=st.integers(0, 30), false_alarms=st.integers(0, 30))
def test_an_interval_of_d_prime_holds_it_and_widens_with_confidence(hits: int, false_alarms: int) -> None:
    found = signal_detection(
        n_hits=hits, n_misses=30 - hits, n_false_alarms=false_alarms, n_correct_rejections=30 - false_alarms
    )
    narrow, wide = d_prime_interval(found, confidence=0.8), d_prime_interval(found, confidence=0.99)
    assert narrow is not None and wide is not None and found.d_prime is not None
    assert wide.low < narrow.low < found.d_prime < narrow.high < wide.high


@few
@given(seed=seeds)
def test_what_tells_apart_is_ranks_and_a_minimum_of_the_loss(seed: int) -> None:
    rng = np.random.default_rng(seed)
    positive = np.arange(30) < 14
    facts = rng.normal(size=(30, 2)) + positive[:, None] * rng.uniform(0, 2)
    here, there = telling_apart(facts, positive), telling_apart(np.exp(facts), positive)
    assert here is not None and here == there and 0.0 <= here.low <= here.auc <= here.high <= 1.0
    weights = fit_logistic(facts, positive, penalty=1.0)
    design = np.column_stack([facts, np.ones(30)])
    gradient = design.T @ (1.0 / (1.0 + np.exp(-design @ weights)) - positive) + weights * [1.0, 1.0, 0.0]
    assert np.abs(gradient).max() < 1e-6


@given(n_fake=st.integers(0, 500), n_real=st.integers(0, 500))
def test_a_crowds_log_odds_turn_with_the_answers_and_are_finite(n_fake: int, n_real: int) -> None:
    n = np.array([n_fake + n_real] * 2)
    one, other = crowd_log_odds(np.array([n_fake, n_real]), n)
    assert one == pytest.approx(-other) and math.isfinite(one) and (one > 0) == (n_fake > n_real)


@given(seed=seeds, n_listeners=st.integers(1, 6), n_clips=st.integers(1, 6), missing=st.floats(0, 1))
def test_whether_a_design_is_crossed_does_not_hang_on_order_or_on_what_was_answered(
    seed: int, n_listeners: int, n_clips: int, missing: float
) -> None:
    table = answers(seed, n_listeners, n_clips, missing=missing)
    assert is_crossed(table) == is_crossed(table[::-1, ::-1]) == is_crossed(table.T) == is_crossed(1 - table)


@given(mean=st.floats(0.51, 0.95), z=st.floats(0.05, 4), n=st.integers(2, 60))
def test_what_a_printed_mean_implies_lies_around_it_and_turns_with_it(mean: float, z: float, n: int) -> None:
    above, below = (
        PrintedTest(mean=m, z=sign * z, p_low=0.0, p_high=1.0, n_listeners=n, n_clips=n)
        for m, sign in ((mean, 1), (1 - mean, -1))
    )
    low, high = implied_interval(above)
    assert (low + high) / 2 == pytest.approx(mean)
    assert implied_interval(below) == pytest.approx((1 - high, 1 - low))
    for one, other in zip(transforms_of_mean(above), transforms_of_mean(below), strict=True):
        assert one.low < one.value < one.high and one.value > 0
        assert other.value == pytest.approx(-one.value)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)).filter(sum), min_size=2, max_size=12))
def test_an_interval_over_clusters_turns_with_the_counts_and_does_not_hang_on_their_order(
    pairs: list[tuple[int, int]],
) -> None:
    counts, totals = [a for a, _ in pairs], [a + b for a, b in pairs]
    found, effect = clustered_interval(counts, totals)
    turned, same = clustered_interval([total - n for n, total in zip(counts, totals, strict=True)], totals)
    again, _ = clustered_interval(counts[::-1], totals[::-1])
    assert (found is None) == (turned is None) == (again is None)
    if found and turned and again:
        assert (turned.low, turned.high) == pytest.approx((1 - found.high, 1 - found.low), abs=1e-9)
        assert (again.low, again.high) == pytest.approx((found.low, found.high), abs=1e-9)
        assert effect == pytest.approx(same)
