"""Mann-Whitney of runs against R and scipy, by hand and at the edges."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from detector.ml.comparison import mann_whitney, rank_biserial

pytestmark = pytest.mark.once

VALUES = st.lists(st.integers(0, 12).map(float), min_size=1, max_size=12)


def test_agrees_with_the_example_of_r() -> None:
    # R, ?wilcox.test (Hollander and Wolfe 1973, p. 69): wilcox.test(x, y, alternative = "g") has W = 35, p = 0.1272.
    x = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
    y = [1.15, 0.88, 0.90, 0.74, 1.21]
    found = mann_whitney(x, y)
    assert (found.u, found.is_exact) == (35.0, True)
    assert found.p == pytest.approx(2 * 0.1272, abs=1e-4)
    assert found.rank_biserial == pytest.approx(0.4)


def test_two_times_ten_runs_that_do_not_overlap_have_the_smallest_p_there_is() -> None:
    found = mann_whitney(np.linspace(0.9, 0.99, 10).tolist(), np.linspace(0.7, 0.8, 10).tolist())
    assert (found.u, found.is_exact, found.rank_biserial) == (100.0, True, 1.0)
    assert found.p == pytest.approx(2 / 184756)  # 20 choose 10 orders, one of them at each end


def test_ties_give_the_corrected_normal_approximation() -> None:
    a, b = [0.9, 0.9, 0.8, 0.7], [0.8, 0.6, 0.6, 0.5]
    found = mann_whitney(a, b)
    # U = 14.5; variance 16 / 12 (9 - sum (t^3 - t) / 56), three pairs of ties.
    z = (14.5 - 8 - 0.5) / np.sqrt(16 / 12 * (9 - 18 / 56))
    assert (found.u, found.is_exact) == (14.5, False)
    assert found.p == pytest.approx(2 * stats.norm.sf(z))


def test_equal_values_tell_nothing() -> None:
    found = mann_whitney([0.5, 0.5], [0.5, 0.5, 0.5])
    assert (found.u, found.p, found.rank_biserial) == (3.0, 1.0, 0.0)


def test_one_run_on_each_side_tells_nothing() -> None:
    assert mann_whitney([0.9], [0.1]).p == 1.0


@pytest.mark.parametrize(("a", "b"), [([], [0.5]), ([0.5], []), ([np.nan], [0.5])])
def test_refuses_what_is_no_run(a: list[float], b: list[float]) -> None:
    with pytest.raises(ValueError, match="finite"):
        mann_whitney(a, b)
    with pytest.raises(ValueError, match="U="):
        rank_biserial(5.0, n_a=2, n_b=2)


@settings(deadline=None)
@given(VALUES, VALUES)
def test_swapping_sides_turns_the_effect_and_keeps_p(a: list[float], b: list[float]) -> None:
    one, other = mann_whitney(a, b), mann_whitney(b, a)
    assert one.rank_biserial == pytest.approx(-other.rank_biserial, abs=1e-12)
    assert one.p == pytest.approx(other.p)
    higher = np.mean([[x > y for y in b] for x in a]) - np.mean([[x < y for y in b] for x in a])
    assert one.rank_biserial == pytest.approx(higher, abs=1e-12)
    assert 0.0 < one.p <= 1.0
