import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from studyapp.stats.multiple import benjamini_hochberg, holm

pytestmark = pytest.mark.once


@pytest.mark.parametrize("n", [1, 2, 5, 20])  # few: statsmodels collects garbage each time, which takes a second
def test_holm_is_that_of_statsmodels(n):
    p_values = list(np.random.default_rng(n).random(n))
    np.testing.assert_allclose(holm(p_values), multipletests(p_values, method="holm")[1])


def test_no_comparison_has_nothing_to_correct():
    assert holm([]) == []
    assert holm([0.2]) == [pytest.approx(0.2)]


def test_benjamini_and_hochberg_is_the_published_table() -> None:
    p_values = [0.001, 0.012, 0.02, 0.03, 0.04, 0.2, 0.9]
    assert benjamini_hochberg(p_values) == pytest.approx(
        [0.007, 0.042, 0.046667, 0.0525, 0.056, 0.233333, 0.9], abs=1e-6
    )
    assert benjamini_hochberg([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_benjamini_and_hochberg_is_statsmodels_and_never_above_holm(p_values: list[float]) -> None:
    found = benjamini_hochberg(p_values)
    assert found == pytest.approx(multipletests(p_values, method="fdr_bh")[1], abs=1e-12)
    assert all(mine <= other + 1e-12 for mine, other in zip(found, holm(p_values), strict=True))
