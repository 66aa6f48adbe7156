"""Gains: the target, what keeps a clip from it, and no peak above the ceiling."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyapp.sound.alignment import median_level, plan_gains

pytestmark = pytest.mark.once


def plan(levels, peaks, *, target=-23.0, max_gain_db=12.0, peak_ceiling_dbfs=-1.0):
    return plan_gains(levels, peaks, target=target, max_gain_db=max_gain_db, peak_ceiling_dbfs=peak_ceiling_dbfs)


@pytest.mark.parametrize(
    ("level", "peak", "gain_db", "miss_db"),
    [
        (-30.0, -20.0, 7.0, 0.0),
        (-20.0, -3.0, -3.0, 0.0),
        (-30.0, -4.0, 3.0, -4.0),  # the ceiling
        (-50.0, -40.0, 12.0, -15.0),  # the most gain
        (-5.0, -2.0, -12.0, 6.0),
        (-23.0, 0.0, -1.0, -1.0),  # at the target, above the ceiling
        (-23.04, -20.0, 0.04, 0.0),
        (None, -20.0, 0.0, None),
        (None, 0.0, -1.0, None),
    ],
)
def test_a_gain_and_by_how_much_it_misses(level, peak, gain_db, miss_db):
    (found,) = plan([level], [peak])
    assert found.gain_db == pytest.approx(gain_db)
    assert found.miss_db == (None if miss_db is None else pytest.approx(miss_db))
    assert found.has_met == (miss_db == 0.0)


clips = st.lists(st.tuples(st.floats(-60, -3), st.floats(0, 30)), min_size=1, max_size=20)


@given(clips=clips, target=st.floats(-40, -5))
def test_no_peak_is_above_the_ceiling_and_aligning_twice_changes_nothing(clips, target):
    levels, peaks = [level for level, _ in clips], [level + crest for level, crest in clips]
    first = plan(levels, peaks, target=target, max_gain_db=100.0)
    after = [level + each.gain_db for level, each in zip(levels, first, strict=True)]
    peaks_after = [peak + each.gain_db for peak, each in zip(peaks, first, strict=True)]
    assert max(peaks_after) <= -1.0 + 1e-9
    again = plan(after, peaks_after, target=target, max_gain_db=100.0)
    assert np.abs([each.gain_db for each in again]).max() < 1e-9


def test_the_median_is_of_the_levels_there_are():
    assert median_level([]) is median_level([None]) is None
    assert median_level([-10.0, None, -20.0]) == -15.0
