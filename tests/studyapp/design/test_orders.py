"""Orders: every property that a session's draw must have."""

import time
from itertools import pairwise, permutations

import pytest
from hypothesis import given, settings
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


@given(ITEMS, SEEDS, st.integers(min_value=1, max_value=5), st.sampled_from(["random", "by_category"]))
def test_runs_stay_within_the_limit_wherever_that_is_possible(items, seed, limit, kind):
    if not can_limit_runs(items, limit, kind=kind):
        with pytest.raises(ValueError, match="cannot be ordered"):
            draw_order(items, seed=seed, kind=kind, max_same_label=limit)
        return
    order = draw_order(items, seed=seed, kind=kind, max_same_label=limit)
    assert sorted(order) == [item.key for item in items]
    assert longest_run([items[key].label for key in order]) <= limit
    if kind == "by_category":
        categories = [items[key].category for key in order]
        assert sum(a != b for a, b in pairwise(categories)) == max(0, len(set(categories)) - 1)


FEW = st.lists(st.tuples(st.sampled_from(["real", "fake"]), st.sampled_from(["a", "b", "c"])), max_size=7).map(
    lambda rows: [Placeable(key=i, label=label, category=category) for i, (label, category) in enumerate(rows)]
)


@given(FEW, st.integers(min_value=1, max_value=3), st.sampled_from(["random", "by_category"]))
@settings(deadline=None)
def test_what_is_possible_is_known_exactly(items, limit, kind):
    """Against every order there is."""

    def keeps(order):
        changes = sum(a.category != b.category for a, b in pairwise(order))
        together = kind == "random" or changes == max(0, len({item.category for item in order}) - 1)
        return together and longest_run([item.label for item in order]) <= limit

    assert can_limit_runs(items, limit, kind=kind) == any(keeps(order) for order in permutations(items))


def clips(**counts):
    """Return sounds by category: (real, fake) each."""
    labels = [(name, label) for name, n in counts.items() for label in ["real"] * n[0] + ["fake"] * n[1]]
    return [Placeable(key=i, label=label, category=name) for i, (name, label) in enumerate(labels)]


@pytest.mark.parametrize("limit", [1, 2])
def test_42_clips_in_seven_categories_are_ordered_for_every_seed(limit):
    items = clips(**{f"c{i}": (3, 3) for i in range(7)})
    orders = [draw_order(items, seed=seed, kind="by_category", max_same_label=limit) for seed in range(200)]
    assert all(longest_run([items[key].label for key in order]) <= limit for order in orders)
    firsts = {items[order[0]].category for order in orders}
    assert len(firsts) == 7  # categories are still drawn


def test_categories_of_one_label_are_set_between_those_of_the_other():
    items = clips(**{f"f{i}": (0, 1) for i in range(40)}, **{f"r{i}": (1, 0) for i in range(40)})
    assert can_limit_runs(items, 1, kind="by_category")
    order = draw_order(items, seed=1, kind="by_category", max_same_label=1)
    assert longest_run([items[key].label for key in order]) == 1


def test_categories_that_cannot_stand_side_by_side_are_refused():
    assert not can_limit_runs(clips(a=(0, 1), b=(0, 1), c=(4, 4)), 1, kind="by_category")  # c ends as it does not start
    assert can_limit_runs(clips(a=(0, 1), b=(0, 1), c=(4, 3)), 1, kind="by_category")
    assert not can_limit_runs(clips(a=(0, 2), b=(0, 2)), 3, kind="by_category")


def test_a_long_study_of_many_categories_is_ordered_quickly():
    items = clips(**{f"c{i}": (i % 4, (3 * i + 1) % 5) for i in range(200)})
    started = time.perf_counter()
    possible = [limit for limit in (1, 2, 3, 4, 5, 1000) if can_limit_runs(items, limit, kind="by_category")]
    for limit in possible:
        draw_order(items, seed=1, kind="by_category", max_same_label=limit)
    assert possible[-1] == 1000
    assert time.perf_counter() - started < 10


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
