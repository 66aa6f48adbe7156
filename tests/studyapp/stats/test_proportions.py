"""Golden values: methods.md part 7 (scipy 1.17, statsmodels 0.15) and statsmodels itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint, proportions_ztest

from studyapp.stats.proportions import (
    clopper_pearson_interval,
    exact_binomial_p,
    jeffreys_interval,
    proportion_z_test,
    wilson_interval,
)

pytestmark = pytest.mark.once

COUNTS = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    ("k", "n", "z", "exact", "low", "high"),
    [
        (0, 20, -4.472136, 1.907349e-6, 0.0, 0.161125),
        (7, 20, -1.341641, 0.2631760, 0.181192, 0.567146),
        (14, 20, 1.788854, 0.1153183, 0.481027, 0.854523),
        (15, 20, 2.236068, 0.0413895, 0.531299, 0.888138),
        (60, 100, 2.0, 0.0568879, 0.502003, 0.690599),
        (71, 100, 4.2, 3.21600e-5, 0.614611, 0.789852),
        (6, 6, 2.449490, 0.03125, 0.609666, 1.0),
    ],
)
def test_agrees_with_the_golden_table(k: int, n: int, z: float, exact: float, low: float, high: float) -> None:
    assert proportion_z_test(n_successes=k, n_trials=n).z == pytest.approx(z, rel=1e-6)
    assert exact_binomial_p(n_successes=k, n_trials=n) == pytest.approx(exact, rel=1e-5)
    interval = wilson_interval(n_successes=k, n_trials=n)
    assert interval is not None
    assert (interval.low, interval.high) == (pytest.approx(low, abs=1e-6), pytest.approx(high, abs=1e-6))


def test_null_variance_and_sample_variance_differ_as_statsmodels_has_them() -> None:
    null = proportion_z_test(n_successes=539, n_trials=760)
    wald = proportion_z_test(n_successes=539, n_trials=760, variance="sample")
    assert null.z == pytest.approx(proportions_ztest(539, 760, 0.5, prop_var=0.5)[0], rel=1e-12)
    assert wald.z == pytest.approx(proportions_ztest(539, 760, 0.5)[0], rel=1e-12)
    assert (round(null.z or 0, 2), round(wald.z or 0, 2)) == (11.54, 12.70)


def test_one_sided_p_values_are_those_of_the_paper_read_as_a_normal_statistic() -> None:
    found = proportion_z_test(n_successes=421, n_trials=860, alternative="greater")
    assert found.p_value == pytest.approx(proportions_ztest(421, 860, 0.5, "larger", prop_var=0.5)[1], rel=1e-12)
    assert exact_binomial_p(n_successes=6, n_trials=6, alternative="greater") == 0.5**6
    assert exact_binomial_p(n_successes=0, n_trials=6, alternative="less") == 0.5**6


def test_continuity_correction_shrinks_by_half_a_trial_and_stops_at_zero() -> None:
    assert proportion_z_test(n_successes=60, n_trials=100, is_continuity_corrected=True).z == pytest.approx(1.9)
    assert proportion_z_test(n_successes=40, n_trials=100, is_continuity_corrected=True).z == pytest.approx(-1.9)
    assert proportion_z_test(n_successes=50, n_trials=100, is_continuity_corrected=True).z == 0.0


def test_nothing_is_defined_without_trials() -> None:
    found = proportion_z_test(n_successes=0, n_trials=0)
    assert (found.proportion, found.z, found.p_value) == (None, None, None)
    assert exact_binomial_p(n_successes=0, n_trials=0) is None
    assert wilson_interval(n_successes=0, n_trials=0) is None


def test_wald_has_no_statistic_where_its_variance_is_zero() -> None:
    found = proportion_z_test(n_successes=5, n_trials=5, variance="sample")
    assert (found.proportion, found.z, found.p_value) == (1.0, None, None)


@pytest.mark.parametrize(("k", "n"), [(-1, 3), (4, 3), (0, -1)])
def test_refuses_impossible_counts(k: int, n: int) -> None:
    for function in (proportion_z_test, exact_binomial_p, wilson_interval):
        with pytest.raises(ValueError, match="successes"):
            function(n_successes=k, n_trials=n)


@given(COUNTS)
def test_wilson_agrees_with_statsmodels_and_holds_the_proportion(counts: tuple[int, int]) -> None:
    k, n = counts
    interval = wilson_interval(n_successes=k, n_trials=n)
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx(proportion_confint(k, n, method="wilson"), abs=1e-9)
    assert -1e-12 <= interval.low <= k / n + 1e-12
    assert k / n - 1e-12 <= interval.high <= 1 + 1e-12


@given(COUNTS)
def test_swapping_success_and_failure_turns_z_and_keeps_p(counts: tuple[int, int]) -> None:
    k, n = counts
    one, other = proportion_z_test(n_successes=k, n_trials=n), proportion_z_test(n_successes=n - k, n_trials=n)
    assert one.z == pytest.approx(-(other.z or 0.0), abs=1e-9)
    assert one.p_value == pytest.approx(other.p_value, rel=1e-9)


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [(7, 20, 0.153909, 0.592189), (14, 20, 0.457211, 0.881068), (0, 20, 0.0, 0.168433), (6, 6, 0.540742, 1.0)],
)
def test_clopper_pearson_is_the_golden_table(k: int, n: int, low: float, high: float) -> None:
    interval = clopper_pearson_interval(n_successes=k, n_trials=n)
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=1e-6)


@given(counts=COUNTS, confidence=st.floats(0.5, 0.999))
def test_exact_and_jeffreys_intervals_are_statsmodels(counts: tuple[int, int], confidence: float) -> None:
    k, n = counts
    exact = clopper_pearson_interval(n_successes=k, n_trials=n, confidence=confidence)
    jeffreys = jeffreys_interval(n_successes=k, n_trials=n, confidence=confidence)
    assert exact is not None
    assert jeffreys is not None
    assert (exact.low, exact.high) == pytest.approx(proportion_confint(k, n, 1 - confidence, "beta"), abs=1e-9)
    theirs = proportion_confint(k, n, 1 - confidence, "jeffreys")
    wanted = (theirs[0] if k else 0.0, theirs[1] if k < n else 1.0)  # statsmodels does not mend the ends
    assert (jeffreys.low, jeffreys.high) == pytest.approx(wanted, abs=1e-9)
    assert exact.low <= jeffreys.low <= k / n <= jeffreys.high <= exact.high


def test_intervals_need_a_trial() -> None:
    assert clopper_pearson_interval(n_successes=0, n_trials=0) is None
    assert jeffreys_interval(n_successes=0, n_trials=0) is None
