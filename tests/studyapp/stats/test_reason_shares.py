"""Golden values: methods.md part 7 and statsmodels' multinomial_proportions_confint."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import multinomial_proportions_confint

from studyapp.stats.reason_shares import clustered_interval, goodman_intervals, reason_shares

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
    assert (share.n_chosen, share.n_judgements, share.code) == (0, 0, "other")
    assert set(vars(share).values()) == {0, None, "other"}


def test_several_reasons_for_one_judgement_have_no_simultaneous_interval() -> None:
    shares = reason_shares(
        codes=["a", "b"],
        counts_by_listener={"L": {"a": 2, "b": 2}},
        judgements_by_listener={"L": 2},
        is_single_choice=False,
    )
    assert [(share.proportion, share.goodman, share.sison_glaz) for share in shares] == [(1.0, None, None)] * 2


def test_the_interval_over_listeners_is_that_of_cluster_robust_regression_on_a_constant() -> None:
    counts, totals = [3, 0, 7, 2, 5], [9, 4, 8, 6, 5]
    answers = np.concatenate([np.repeat([1.0, 0.0], [k, n - k]) for k, n in zip(counts, totals, strict=True)])
    listeners = np.repeat(np.arange(5), totals)
    fitted = sm.OLS(answers, np.ones(len(answers))).fit(cov_type="cluster", cov_kwds={"groups": listeners}, use_t=True)
    found, design_effect = clustered_interval(counts, totals)
    assert found is not None
    assert (found.low, found.high) == pytest.approx(tuple(fitted.conf_int()[0]), rel=1e-10)
    share = sum(counts) / sum(totals)
    assert design_effect == pytest.approx(float(fitted.bse[0]) ** 2 / (share * (1 - share) / sum(totals)))


def test_listeners_who_do_not_differ_have_no_interval_over_listeners() -> None:
    assert clustered_interval([1, 2, 3], [3, 6, 9]) == (None, None)
    assert clustered_interval([1], [3]) == (None, None)
    assert clustered_interval([], []) == (None, None)
    (all_same,) = reason_shares(codes=["a"], counts_by_listener={"L": {"a": 2}}, judgements_by_listener={"L": 2})
    assert (all_same.listener_mean, all_same.listener_interval, all_same.clustered) == (1.0, None, None)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)).filter(sum), min_size=2, max_size=12))
def test_two_reasons_have_mirrored_intervals(pairs: list[tuple[int, int]]) -> None:
    first, second = reason_shares(
        codes=["a", "b"],
        counts_by_listener={str(number): {"a": a, "b": b} for number, (a, b) in enumerate(pairs)},
        judgements_by_listener={str(number): a + b for number, (a, b) in enumerate(pairs)},
    )
    assert first.design_effect == pytest.approx(second.design_effect)
    for one, other in ((first.clustered, second.clustered), (first.listener_interval, second.listener_interval)):
        assert (one is None) == (other is None)
        if one is not None and other is not None:
            assert (one.low, one.high) == pytest.approx((1.0 - other.high, 1.0 - other.low), abs=1e-9)
            assert one.low < one.high


def test_sison_and_glaz_takes_ten_judgements() -> None:
    for n, is_there in ((9, False), (10, True)):
        (first, _) = reason_shares(
            codes=["a", "b"], counts_by_listener={"L": {"a": n - 2, "b": 2}}, judgements_by_listener={"L": n}
        )
        assert (first.sison_glaz is not None) == is_there
        assert first.goodman is not None


def test_refuses_a_reason_that_is_not_in_the_menu() -> None:
    with pytest.raises(ValueError, match="nonsense"):
        reason_shares(codes=["a"], counts_by_listener={"L": {"nonsense": 1}}, judgements_by_listener={"L": 1})


@given(st.lists(st.integers(0, 200), min_size=2, max_size=8).filter(lambda counts: sum(counts) > 0))
def test_goodman_agrees_with_statsmodels(counts: list[int]) -> None:
    expected = multinomial_proportions_confint(counts, 0.05, "goodman")
    for interval, (low, high) in zip(goodman_intervals(counts), expected, strict=True):
        assert interval is not None
        assert (interval.low, interval.high) == pytest.approx((low, high), abs=1e-8)
