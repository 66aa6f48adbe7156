"""The interval of error consistency: against scipy's bootstrap of the clips themselves, and at the edges."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from studyapp.stats.agreement import error_consistency
from studyapp.stats.consistency_interval import consistency_interval

pytestmark = pytest.mark.once


def test_is_scipys_bootstrap_of_clips() -> None:
    counts = [30, 8, 6, 12]
    first, second = (np.repeat(right, counts) for right in ([True, True, False, False], [True, False, True, False]))
    drawn = stats.bootstrap(
        (first, second),
        lambda a, b: error_consistency(a, b).kappa,
        paired=True,
        vectorized=False,
        n_resamples=2000,
        method="percentile",
        rng=np.random.default_rng(3),
    ).confidence_interval
    found = consistency_interval(both_right=30, only_first=8, only_second=6, both_wrong=12, seed=1)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((drawn.low, drawn.high), abs=0.03)
    assert found.low < error_consistency(first, second).kappa < found.high


@settings(deadline=None, max_examples=30)
@given(counts=st.lists(st.integers(0, 9), min_size=4, max_size=4), seed=st.integers(0, 100))
def test_lies_within_what_kappa_can_be_and_comes_back_with_its_seed(counts: list[int], seed: int) -> None:
    names = ("both_right", "only_first", "only_second", "both_wrong")
    found = consistency_interval(**dict(zip(names, counts, strict=True)), seed=seed)
    if found is not None:
        assert -1.0 - 1e-9 <= found.low <= found.high <= 1.0 + 1e-9
        assert consistency_interval(**dict(zip(names, counts, strict=True)), seed=seed) == found


def test_edges() -> None:
    assert consistency_interval(both_right=2, only_first=0, only_second=0, both_wrong=1, seed=1) is None
    assert consistency_interval(both_right=0, only_first=0, only_second=0, both_wrong=0, seed=1) is None
    assert consistency_interval(both_right=9, only_first=5, only_second=0, both_wrong=0, seed=1) is None  # always right
    # One clip of forty right: draws without it have no kappa, and those with it gave -0.27 to -0.07.
    assert consistency_interval(both_right=0, only_first=27, only_second=1, both_wrong=12, seed=1) is None
    enough = {"both_right": 20, "only_first": 5, "only_second": 5, "both_wrong": 0}
    assert consistency_interval(**enough, seed=1) is not None
    assert consistency_interval(**(enough | {"only_first": 4}), seed=1) is None
    alike = consistency_interval(both_right=5, only_first=0, only_second=0, both_wrong=5, seed=1)
    assert alike is not None and (alike.low, alike.high) == (1.0, 1.0)
    with pytest.raises(ValueError, match="negative"):
        consistency_interval(both_right=-1, only_first=0, only_second=0, both_wrong=9, seed=1)
    with pytest.raises(ValueError, match="confidence"):
        consistency_interval(both_right=3, only_first=1, only_second=1, both_wrong=3, seed=1, confidence=1.0)
