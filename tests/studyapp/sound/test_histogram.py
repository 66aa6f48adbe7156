"""Bins that hold every value, of widths that a reader can name."""

from itertools import pairwise
from math import log10

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyapp.sound.histogram import histogram, round_edges

pytestmark = pytest.mark.once

VALUES = st.lists(st.floats(-1e6, 1e6, allow_nan=False), min_size=1, max_size=50)


def test_edges_are_multiples_of_a_round_width() -> None:
    assert round_edges([-23.0, -3.0], max_bins=10).tolist() == [-25.0, -20.0, -15.0, -10.0, -5.0, 0.0]
    assert round_edges([0.0, 1.0], max_bins=10) == pytest.approx(np.arange(11) / 10)
    assert round_edges([0.0, 1.1], max_bins=10) == pytest.approx(np.arange(7) / 5)


def test_equal_values_and_values_that_differ_by_rounding_fall_into_one_bin() -> None:
    assert len(round_edges([4.0] * 9)) == 2
    assert len(round_edges([0.0, 0.0])) == 2
    low, high = round_edges([4.0001, 4.0001 + 1e-12])
    assert low <= 4.0001 < high


def test_counts_are_numpys_and_the_last_bin_has_its_upper_edge() -> None:
    assert histogram([0.0, 0.5, 0.9, 1.0], np.array([0.0, 0.5, 1.0])).tolist() == [1, 3]
    assert histogram([], np.array([0.0, 1.0])).tolist() == [0]
    values = np.random.default_rng(3).normal(-25, 6, 500)
    edges = round_edges(values.tolist())
    assert histogram(values.tolist(), edges).tolist() == [
        int(((values >= low) & (values < high)).sum()) for low, high in pairwise(edges)
    ]


@pytest.mark.parametrize("values", [[], [1.0, float("nan")], [float("-inf")]])
def test_what_has_no_bins_is_refused(values: list[float]) -> None:
    with pytest.raises(ValueError, match="finite"):
        round_edges(values)
    with pytest.raises(ValueError, match="too few"):
        round_edges([1.0], max_bins=2)


@settings(deadline=None, max_examples=500)
@given(VALUES, st.integers(3, 40))
def test_every_value_is_in_a_bin_and_widths_are_round(values: list[float], max_bins: int) -> None:
    edges = round_edges(values, max_bins=max_bins)
    counts = histogram(values, edges)
    assert 1 <= len(counts) <= max_bins
    assert counts.sum() == len(values)
    width = float(np.median(np.diff(edges)))
    powers = [log10(width / step) for step in (1, 2, 5)]
    assert min(abs(power - round(power)) for power in powers) < 1e-6
    assert np.allclose(edges / width, np.round(edges / width), atol=1e-3)
