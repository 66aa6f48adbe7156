"""Golden values: methods.md part 7, agreeing with R statpsych::signal's log-linear rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from studyapp.stats.signal_detection import d_prime_interval, signal_detection

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
