"""Golden values: methods.md part 7 and statsmodels' multinomial_proportions_confint."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import multinomial_proportions_confint

from studyapp.stats.reason_shares import goodman_intervals, reason_shares

pytestmark = pytest.mark.once


def test_goodman_agrees_with_the_golden_table() -> None:
    found = goodman_intervals([219, 206, 83, 64, 44, 26])
    expected = [(0.29370, 0.39195), (0.27441, 0.37118), (0.09829, 0.16823), (0.07266, 0.13530), (0.04659, 0.09974)]
    for interval, bounds in zip(found, [*expected, (0.02443, 0.06643)], strict=True):
        assert interval is not None
        assert (interval.low, interval.high) == pytest.approx(bounds, abs=1e-5)


def test_goodman_is_undefined_for_nothing() -> None:
    assert goodman_intervals([]) == []
    assert goodman_intervals([0, 0]) == [None, None]


def test_pools_judgements_and_weighs_listeners_the_same() -> None:
    first, second = reason_shares(
        codes=["distorted", "other"],
        counts_by_listener={"L1": {"distorted": 3, "other": 1}, "L2": {"other": 2}},
        judgements_by_listener={"L1": 4, "L2": 2, "silent": 0},
    )
    assert (first.n_chosen, first.n_judgements, first.proportion, first.listener_mean) == (3, 6, 0.5, 0.375)
    assert (second.proportion, second.listener_mean) == (0.5, 0.625)


def test_no_judgement_gives_none_and_zero_counts() -> None:
    (share,) = reason_shares(codes=["other"], counts_by_listener={}, judgements_by_listener={"L1": 0})
    assert (share.n_chosen, share.proportion, share.wilson, share.goodman, share.listener_mean) == (0, *[None] * 4)


def test_several_reasons_for_one_judgement_have_no_simultaneous_interval() -> None:
    shares = reason_shares(
        codes=["a", "b"],
        counts_by_listener={"L": {"a": 2, "b": 2}},
        judgements_by_listener={"L": 2},
        is_single_choice=False,
    )
    assert [(share.proportion, share.goodman) for share in shares] == [(1.0, None), (1.0, None)]


def test_refuses_a_reason_that_is_not_in_the_menu() -> None:
    with pytest.raises(ValueError, match="nonsense"):
        reason_shares(codes=["a"], counts_by_listener={"L": {"nonsense": 1}}, judgements_by_listener={"L": 1})


@given(st.lists(st.integers(0, 200), min_size=2, max_size=8).filter(lambda counts: sum(counts) > 0))
def test_goodman_agrees_with_statsmodels(counts: list[int]) -> None:
    expected = multinomial_proportions_confint(counts, 0.05, "goodman")
    for interval, (low, high) in zip(goodman_intervals(counts), expected, strict=True):
        assert interval is not None
        assert (interval.low, interval.high) == pytest.approx((low, high), abs=1e-8)
