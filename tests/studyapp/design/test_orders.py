"""Orders: every property that a session's draw must have."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyapp.design.orders import (
    Placeable,
    can_limit_runs,
    draw_order,
    fake_stands_first,
    longest_run,
    order_reasons,
)

pytestmark = pytest.mark.once

ITEMS = st.lists(
    st.tuples(st.sampled_from(["real", "fake"]), st.sampled_from(["rain", "dog_bark", "footstep"])),
    min_size=0,
    max_size=60,
).map(lambda rows: [Placeable(key=i, label=label, category=category) for i, (label, category) in enumerate(rows)])
SEEDS = st.integers(min_value=-(2**62), max_value=2**62)


@given(ITEMS, SEEDS, st.sampled_from(["random", "by_category"]))
def test_an_order_holds_every_sound_once(items, seed, kind):
    assert sorted(draw_order(items, seed=seed, kind=kind)) == [item.key for item in items]


@given(ITEMS, SEEDS, st.sampled_from(["random", "by_category"]))
def test_the_same_seed_gives_the_same_order(items, seed, kind):
    assert draw_order(items, seed=seed, kind=kind) == draw_order(items, seed=seed, kind=kind)


@given(ITEMS, SEEDS)
def test_by_category_keeps_each_category_together(items, seed):
    categories = [items[key].category for key in draw_order(items, seed=seed, kind="by_category")]
    changes = sum(a != b for a, b in pairwise(categories))
    assert changes == max(0, len(set(categories)) - 1)


@given(ITEMS, SEEDS, st.integers(min_value=1, max_value=5))
def test_runs_stay_within_the_limit_wherever_that_is_possible(items, seed, limit):
    if not can_limit_runs(items, limit):
        with pytest.raises(ValueError, match="cannot be ordered"):
            draw_order(items, seed=seed, max_same_label=limit)
        return
    order = draw_order(items, seed=seed, max_same_label=limit)
    assert sorted(order) == [item.key for item in items]
    assert longest_run([items[key].label for key in order]) <= limit


def test_an_order_is_the_known_one_for_a_known_seed():
    """Frozen: an order that changes between releases would no longer be that of its seed."""
    items = [Placeable(key=i, label="real", category="rain") for i in range(8)]
    assert draw_order(items, seed=1) == [1, 2, 7, 5, 6, 4, 0, 3]


def test_every_place_is_equally_likely():
    items = [Placeable(key=i, label="real", category="rain") for i in range(5)]
    first = [draw_order(items, seed=seed)[0] for seed in range(5000)]
    assert all(abs(first.count(key) - 1000) < 130 for key in range(5))  # 4.5 standard deviations of 28.3


def test_sides_are_balanced_over_seeds():
    assert abs(sum(fake_stands_first(seed) for seed in range(4000)) - 2000) < 140


def test_reasons_keep_their_order_unless_shuffled():
    codes = [f"c{i}" for i in range(6)]
    assert order_reasons(codes, seed=3, shuffle=False) == codes
    drawn = {tuple(order_reasons(codes, seed=seed, shuffle=True)) for seed in range(50)}
    assert len(drawn) > 40
    assert all(sorted(order) == codes for order in drawn)
