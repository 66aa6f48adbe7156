"""Groups are divided by the shares of their clips, in every stratum."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.ml.protocols.divide import divide, equal_shares
from detector.ml.splits import ClipFacts

pytestmark = pytest.mark.once


def groups(sizes: list[int], *, n_classes: int = 1) -> dict[str, list[ClipFacts]]:
    return {
        f"{place:03}": [ClipFacts(key="", is_fake=False, category=f"class {place % n_classes}")] * size
        for place, size in enumerate(sizes)
    }


@settings(deadline=None)
@given(st.integers(0, 400), st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_single_clips_are_divided_to_within_one_clip_of_the_shares(n: int, n_classes: int, seed: int) -> None:
    shares = (0.7, 0.1, 0.2)
    parts = divide(groups([1] * n, n_classes=n_classes), shares, np.random.default_rng(seed))
    counts = Counter(parts.values())
    assert len(parts) == n
    for part, share in enumerate(shares):
        assert abs(counts[part] - share * n) <= 1 + (n <= 3)


@settings(deadline=None)
@given(st.lists(st.integers(1, 40), max_size=60), st.integers(2, 9), st.integers(0, 2**32 - 1))
def test_no_part_stays_empty_while_there_are_as_many_groups(sizes: list[int], n_parts: int, seed: int) -> None:
    parts = divide(groups(sizes, n_classes=3), equal_shares(n_parts), np.random.default_rng(seed))
    assert len(set(parts.values())) == min(n_parts, len(sizes))


def test_one_class_is_divided_like_another() -> None:
    made = groups([1] * 700, n_classes=7)
    parts = divide(made, (0.875, 0.125), np.random.default_rng(0))
    for number in range(7):
        here = [parts[key] for key, clips in made.items() if clips[0].category == f"class {number}"]
        assert here.count(1) in (12, 13)


@settings(deadline=None, max_examples=60)
@given(st.integers(2, 40), st.integers(1, 10), st.integers(1, 4), st.booleans(), st.integers(0, 2**32 - 1))
def test_every_generator_of_seven_clips_is_in_training_and_evaluation(
    n_generators: int, n_classes: int, most: int, even: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    cells = [(g, c) for g in range(n_generators) for c in range(n_classes) for _ in range(most)]
    kept = [cell for cell in cells if even or rng.random() < 0.7]
    made = {
        f"{place:05}": [ClipFacts(key="", is_fake=True, category=f"class {c}", generator=f"generator {g}")]
        for place, (g, c) in enumerate(kept)
    }
    parts = divide(made, (0.7, 0.1, 0.2), rng)
    for generator in range(n_generators):
        here = [parts[key] for key, (clip,) in made.items() if clip.generator == f"generator {generator}"]
        for part, share in enumerate((0.7, 0.1, 0.2)):
            assert abs(here.count(part) - share * len(here)) < 2
        if len(here) >= 7:
            assert here.count(0) and here.count(2)


@pytest.mark.parametrize("each", [1, 2, 4])
def test_generators_whose_cells_are_a_divisor_of_ten_do_not_share_one_fate(each: int) -> None:
    """With ten generators the small cells of one came to the same place of the row in every category."""
    made = {
        f"{c} {g} {n}": [ClipFacts(key="", is_fake=True, category=f"class {c}", generator=f"generator {g}")]
        for c in range(7)
        for g in range(10)
        for n in range(each)
    }
    parts = divide(made, (0.7, 0.1, 0.2), np.random.default_rng(42))
    evaluated = Counter(made[key][0].generator for key, part in parts.items() if part == 2)
    assert len(evaluated) == 10
    assert max(evaluated.values()) - min(evaluated.values()) <= 1


def test_a_recording_with_most_of_the_clips_goes_to_the_largest_part() -> None:
    parts = divide(groups([50, *[1] * 30]), (0.7, 0.1, 0.2), np.random.default_rng(3))
    assert parts["000"] == 0
    assert set(parts.values()) == {0, 1, 2}
