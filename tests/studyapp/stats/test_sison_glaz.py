"""Sison-Glaz: against statsmodels and the published example, and at the edges."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import multinomial_proportions_confint

from studyapp.stats.reason_shares import goodman_intervals
from studyapp.stats.sison_glaz import sison_glaz_intervals

pytestmark = pytest.mark.once


def ends(counts: list[int], confidence: float = 0.95) -> np.ndarray:
    return np.array([(each.low, each.high) for each in sison_glaz_intervals(counts, confidence=confidence)])


@settings(deadline=None, max_examples=30)
@given(
    counts=st.lists(st.integers(0, 50), min_size=2, max_size=6).filter(lambda counts: sum(counts) >= 10),
    alpha=st.sampled_from([0.01, 0.05, 0.1, 0.3]),
)
def test_is_statsmodels(counts: list[int], alpha: float) -> None:
    theirs = multinomial_proportions_confint(counts, alpha, "sison-glaz")
    assert ends(counts, 1 - alpha) == pytest.approx(theirs, abs=1e-9)


def test_is_the_published_example() -> None:
    """Sison & Glaz (1995), table 1, as statsmodels' own tests have it from R's MultinomialCI."""
    found = ends([56, 72, 73, 59, 62, 87, 58])
    wanted = [(0.079, 0.164), (0.113, 0.199), (0.116, 0.201), (0.086, 0.171), (0.092, 0.177), (0.146, 0.231)]
    assert found[:6] == pytest.approx(np.array(wanted), abs=1e-3)


def test_is_narrower_than_goodman_for_large_shares() -> None:
    counts = [219, 206, 83, 64, 44, 26]
    goodman = goodman_intervals(counts)[0]
    assert goodman is not None
    assert ends(counts)[0, 1] - ends(counts)[0, 0] < goodman.high - goodman.low


def test_edges() -> None:
    assert sison_glaz_intervals([]) == []
    assert sison_glaz_intervals([0, 0]) == []
    alone = ends([7])
    assert alone.tolist() == [[1.0, 1.0]]
    one = ends([10, 0, 0])
    assert one[0].tolist() == [1.0, 1.0]
    assert (one[1:, 0] == 0.0).all()
    with pytest.raises(ValueError, match="negative"):
        sison_glaz_intervals([3, -1])
