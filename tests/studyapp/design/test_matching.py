"""Matched controls: the best assignment, and never one control twice."""

import time
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyapp.design import matching
from studyapp.design.matching import MatchClip, match_controls

pytestmark = pytest.mark.once


def clip(key, *, category="rain", duration_s=1.0, level_dbfs=-20.0):
    return MatchClip(key=key, category=category, duration_s=duration_s, level_dbfs=level_dbfs)


def test_the_sum_of_distances_is_the_least_not_each_ones_own():
    """Taken one by one, the first would take the control that the second needs."""
    clips = [clip(1, level_dbfs=-20), clip(2, level_dbfs=-26)]
    found = match_controls(clips, [clip(10, level_dbfs=-24), clip(11, level_dbfs=-17)])
    assert [(each.clip.key, each.control.key) for each in found] == [(1, 11), (2, 10)]
    assert [each.level_difference_db for each in found] == [3, 2]


def test_a_control_is_of_the_same_category_and_level_and_duration_weigh_as_said():
    found = match_controls([clip(1)], [clip(2, category="dog"), clip(3, level_dbfs=-14.1), clip(4, duration_s=2.0)])
    assert (found[0].control.key, found[0].distance) == (3, pytest.approx(5.9 / 6))
    found = match_controls([clip(1)], [clip(3, level_dbfs=-14.1), clip(4, duration_s=1.9)])
    assert (found[0].control.key, found[0].duration_ratio) == (4, 1.9)


def test_what_has_no_control_is_left_out():
    assert match_controls([], [clip(1)]) == match_controls([clip(1)], []) == []
    found = match_controls([clip(1), clip(2, level_dbfs=-40), clip(3, category="dog")], [clip(9, level_dbfs=-39)])
    assert [each.clip.key for each in found] == [2]


@pytest.mark.parametrize("constant", [False, True])
def test_a_large_category_is_matched_in_no_time_and_nearly_as_well(constant):
    rng = np.random.default_rng(4)
    durations = np.full(1200, 4.0) if constant else rng.uniform(1, 10, 1200)
    levels = rng.normal(-25, 6, 1200)
    facts = [{"duration_s": float(d), "level_dbfs": float(level)} for d, level in zip(durations, levels, strict=True)]
    clips = [clip(key, **given) for key, given in enumerate(facts[:600])]
    pool = [clip(key, **given) for key, given in enumerate(facts[600:], start=600)]
    found = match_controls(clips, pool)
    assert found == match_controls(clips, pool[::-1]) and [each.clip.key for each in found] == list(range(600))
    assert len({each.control.key for each in found}) == 600
    best = sum(distance for *_, distance in matching._least_sum(matching._places(clips), matching._places(pool)))
    assert best <= sum(each.distance for each in found) < 1.6 * best
    many = [clip(key, level_dbfs=-20 - key / 100) for key in range(2500)]
    started = time.process_time()
    assert len(match_controls(many, [clip(5000 + each.key, level_dbfs=each.level_dbfs - 3) for each in many])) == 2500
    assert time.process_time() - started < 1.0  # one by one against one another: 11 s


facts = st.lists(st.tuples(st.floats(0.1, 10), st.floats(-60, 0)), max_size=6)


@settings(max_examples=50)
@given(wanted=facts.filter(lambda given: len(given) <= 3), pool=facts)
def test_no_other_assignment_is_nearer_and_the_pools_order_is_nothing(wanted, pool):
    clips = [clip(key, duration_s=d, level_dbfs=level) for key, (d, level) in enumerate(wanted)]
    controls = [clip(100 + key, duration_s=d, level_dbfs=level) for key, (d, level) in enumerate(pool)]
    found = match_controls(clips, controls)
    assert found == match_controls(clips, controls[::-1])
    assert len({each.control.key for each in found}) == len(found) == min(len(clips), len(controls))
    if len(controls) >= len(clips):
        alone = {(c.key, p.key): match_controls([c], [p])[0].distance for c in clips for p in controls}
        best = min(
            sum(alone[c.key, p.key] for c, p in zip(clips, chosen, strict=True))
            for chosen in permutations(controls, len(clips))
        )
        assert sum(each.distance for each in found) == pytest.approx(best)
