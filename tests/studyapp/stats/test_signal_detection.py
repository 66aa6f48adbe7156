"""Golden values: methods.md part 7, agreeing with R statpsych::signal's log-linear rule."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm

from studyapp.stats.signal_detection import (
    SignalDetection,
    d_prime_difference,
    d_prime_interval,
    share_of_pairs,
    signal_detection,
)

pytestmark = pytest.mark.once

COUNT = st.integers(0, 300)


@pytest.mark.parametrize(
    ("counts", "d_prime", "c"),
    [
        ((20, 0, 0, 20), 3.961505, 0.0),
        ((20, 0, 10, 10), 1.980752, -0.990376),
        ((15, 5, 5, 15), 1.274968, 0.0),
        ((43, 0, 38, 0), 0.046382, -2.254797),
        ((30, 13, 8, 30), 1.284029, 0.137125),
        ((25, 0, 3, 22), 3.174738, -0.482533),
    ],
)
def test_agrees_with_the_golden_table(counts: tuple[int, int, int, int], d_prime: float, c: float) -> None:
    hits, misses, false_alarms, correct_rejections = counts
    found = signal_detection(
        n_hits=hits, n_misses=misses, n_false_alarms=false_alarms, n_correct_rejections=correct_rejections
    )
    assert found.d_prime == pytest.approx(d_prime, abs=1e-6)
    assert found.criterion_c == pytest.approx(c, abs=1e-6)


def test_variance_is_gourevitch_and_galanters_by_hand() -> None:
    found = signal_detection(n_hits=15, n_misses=5, n_false_alarms=5, n_correct_rejections=15)
    rate = 15.5 / 21
    expected = 2 * rate * (1 - rate) / (20 * norm.pdf(norm.ppf(rate)) ** 2)
    assert found.variance_d_prime == pytest.approx(expected, rel=1e-12)
    interval = d_prime_interval(found)
    assert interval is not None
    assert interval.high - interval.low == pytest.approx(2 * 1.959963984540054 * expected**0.5, rel=1e-12)


def test_is_undefined_without_fakes_or_without_reals() -> None:
    no_fakes = signal_detection(n_hits=0, n_misses=0, n_false_alarms=3, n_correct_rejections=7)
    assert (no_fakes.d_prime, no_fakes.hit_rate, no_fakes.false_alarm_rate) == (None, None, 0.3)
    nothing = signal_detection(n_hits=0, n_misses=0, n_false_alarms=0, n_correct_rejections=0)
    assert (nothing.d_prime, nothing.criterion_c, nothing.variance_d_prime) == (None, None, None)
    assert d_prime_interval(nothing) is None


def test_stays_finite_when_every_answer_is_the_same() -> None:
    found = signal_detection(n_hits=5, n_misses=0, n_false_alarms=5, n_correct_rejections=0)
    assert found.d_prime == 0.0
    assert found.criterion_c is not None
    assert found.criterion_c < -1


def test_refuses_negative_counts() -> None:
    with pytest.raises(ValueError, match="negative"):
        signal_detection(n_hits=-1, n_misses=0, n_false_alarms=0, n_correct_rejections=0)


@given(COUNT, COUNT, COUNT, COUNT)
def test_swapping_the_two_classes_turns_d_prime_and_keeps_c(a: int, b: int, c: int, d: int) -> None:
    one = signal_detection(n_hits=a, n_misses=b, n_false_alarms=c, n_correct_rejections=d)
    other = signal_detection(n_hits=c, n_misses=d, n_false_alarms=a, n_correct_rejections=b)
    if one.d_prime is None:
        assert other.d_prime is None
    else:
        assert one.d_prime == pytest.approx(-(other.d_prime or 0.0), abs=1e-9)
        assert one.criterion_c == pytest.approx(other.criterion_c, abs=1e-9)


def detection(h: int, m: int, f: int, c: int, correction: str = "log-linear") -> SignalDetection:
    return signal_detection(n_hits=h, n_misses=m, n_false_alarms=f, n_correct_rejections=c, correction=correction)


def test_one_in_two_n_is_the_golden_value_and_touches_only_the_ends() -> None:
    assert detection(20, 0, 0, 20, "1/(2N)").d_prime == pytest.approx(3.919928, abs=1e-6)
    between = detection(15, 5, 4, 16, "1/(2N)")
    assert between.d_prime == pytest.approx(norm.ppf(0.75) - norm.ppf(0.2), abs=1e-12)
    assert detection(0, 0, 1, 1, "1/(2N)").d_prime is None


def test_difference_of_two_d_primes_is_the_interaction_of_statsmodels_probit_regression() -> None:
    """The regression of "fake" on truth and group has d' for its slope (DeCarlo 1998); the same Wald test."""
    halves = np.array([[20, 5], [4, 16], [27, 18], [22, 28], [13, 12], [7, 13], [25, 20], [18, 32]])  # "fake", "real"
    truth, group = np.tile([0.5, -0.5, 0.5, -0.5], 2), np.tile([1.0, 1.0, 0.0, 0.0], 2)
    design = np.column_stack([np.ones(8), truth, group, truth * group])
    theirs = sm.GLM(halves, design, family=sm.families.Binomial(sm.families.links.Probit())).fit()
    counts = halves[:4] + halves[4:]
    first, second = (detection(*counts[at : at + 2].ravel().tolist(), "1/(2N)") for at in (0, 2))
    found = d_prime_difference(first, second)
    assert found is not None
    assert (found.difference, found.standard_error) == pytest.approx((theirs.params[3], theirs.bse[3]), rel=1e-6)
    assert (found.z, found.p_two_sided) == pytest.approx((theirs.tvalues[3], theirs.pvalues[3]), rel=1e-6)
    assert (found.interval.low, found.interval.high) == pytest.approx(tuple(theirs.conf_int()[3]), rel=1e-6)


def test_difference_of_two_d_primes_keeps_its_level_on_independent_answers() -> None:
    """Two groups of 400 answers with d' = 1: the z of Gourevitch and Galanter is standard normal."""
    rng = np.random.default_rng(1)
    hits, false_alarms = rng.binomial(200, norm.cdf(0.5), (1000, 2)), rng.binomial(200, norm.cdf(-0.5), (1000, 2))
    z = []
    for h, f in zip(hits, false_alarms, strict=True):
        found = d_prime_difference(*(detection(h[i], 200 - h[i], f[i], 200 - f[i]) for i in range(2)))
        assert found is not None
        z.append(found.z)
    assert 0.03 <= np.mean(np.abs(z) > 1.96) <= 0.07
    assert np.std(z) == pytest.approx(1.0, abs=0.08)


@given(counts=st.tuples(COUNT, COUNT, COUNT, COUNT))
def test_difference_is_antisymmetric_and_none_where_undefined(counts: tuple[int, int, int, int]) -> None:
    one, other = detection(*counts), detection(30, 13, 8, 30)
    found, turned = d_prime_difference(one, other), d_prime_difference(other, one)
    assert (found is None) == (one.d_prime is None) == (turned is None)
    if found and turned:
        assert found.difference == pytest.approx(-turned.difference)
        assert found.p_two_sided == pytest.approx(turned.p_two_sided)
        assert found.interval.low <= found.difference <= found.interval.high


@pytest.mark.parametrize(("share", "d_prime"), [(0.55, 0.18), (0.75, 0.95), (0.76, 1.0), (0.9, 1.81)])
def test_pairs_are_those_of_the_table_of_forced_choice_and_of_its_definition(share: float, d_prime: float) -> None:
    """Hacker & Ratcliff (1979), Perception & Psychophysics 26:168-170, two alternatives, as printed to two digits."""
    assert share_of_pairs(d_prime) == pytest.approx(share, abs=0.003)
    fake_is_larger = quad(lambda x: norm.pdf(x - d_prime) * norm.cdf(x), -12, 12)[0]
    assert share_of_pairs(d_prime) == pytest.approx(fake_is_larger, abs=1e-9)


def test_pairs_at_the_edges() -> None:
    assert (share_of_pairs(0.0), share_of_pairs(np.inf), share_of_pairs(-np.inf)) == (0.5, 1.0, 0.0)


@given(st.floats(-6, 6), st.floats(-6, 6))
def test_pairs_grow_with_d_prime_and_are_symmetric(first: float, second: float) -> None:
    assert share_of_pairs(max(first, second)) >= share_of_pairs(min(first, second))
    assert share_of_pairs(-first) == pytest.approx(1.0 - share_of_pairs(first), abs=1e-12)
