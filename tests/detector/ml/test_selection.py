"""The rule that selects clips by their scores: by hand, at the edges, and what holds for any clips."""

import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.ml.selection import CHOICES, ERRORS, BadSelection, Bucket, Choice, Rule, ScoredClip, select

pytestmark = pytest.mark.once


def clip(pk: int, *, is_fake: bool, score: float, category: str = "rain", **facts: Any) -> ScoredClip:
    return ScoredClip(stimulus_id=pk, is_fake=is_fake, category=category, fake_score=score, **facts)


def told(choice: Choice) -> list[tuple[int, Bucket, int]]:
    return [(pick.clip.stimulus_id, pick.bucket, pick.rank) for pick in choice.picks]


MIXED = [
    clip(1, is_fake=False, score=0.6),
    clip(2, is_fake=False, score=0.9),
    clip(3, is_fake=False, score=0.8),
    clip(4, is_fake=True, score=0.3),
    clip(5, is_fake=True, score=0.2),
    clip(6, is_fake=True, score=0.99),
    clip(7, is_fake=False, score=0.1),
    clip(8, is_fake=True, score=0.5),
    clip(9, is_fake=True, score=0.4, category="dog_bark"),
]


def test_the_most_confident_errors_of_each_kind_are_taken_up_to_the_cap() -> None:
    choice = select(MIXED, Rule(per_class=2))
    assert told(choice) == [
        (9, Bucket.INCORRECT_NEGATIVE, 1),
        (2, Bucket.INCORRECT_POSITIVE, 1),
        (3, Bucket.INCORRECT_POSITIVE, 2),
        (5, Bucket.INCORRECT_NEGATIVE, 1),
        (4, Bucket.INCORRECT_NEGATIVE, 2),
    ]
    assert choice.n_found == {Bucket.INCORRECT_POSITIVE: 3, Bucket.INCORRECT_NEGATIVE: 3}


def test_no_clip_and_no_error_give_no_pick() -> None:
    assert select([], Rule()).picks == []
    assert select([clip(1, is_fake=True, score=0.9)], Rule()).picks == []


def test_the_notebooks_other_buckets_are_ordered_as_there() -> None:
    clips = [clip(pk, is_fake=True, score=score) for pk, score in enumerate((0.47, 0.49, 0.5, 0.7, 0.95))]
    clips += [clip(10 + pk, is_fake=False, score=score) for pk, score in enumerate((0.1, 0.05, 0.49, 0.5))]
    rule = Rule(buckets=(Bucket.SURE_REALS, Bucket.SURELY_CAUGHT, Bucket.BARELY_CAUGHT), per_class=2)
    assert told(select(clips, rule)) == [
        (1, Bucket.BARELY_CAUGHT, 1),  # .49 is above .48, and yet the detector calls it real
        (2, Bucket.BARELY_CAUGHT, 2),
        (4, Bucket.SURELY_CAUGHT, 1),
        (3, Bucket.SURELY_CAUGHT, 2),
        (11, Bucket.SURE_REALS, 1),
        (10, Bucket.SURE_REALS, 2),
    ]
    strict = Rule(buckets=(Bucket.BARELY_CAUGHT,), barely_caught_above=0.6)
    assert [pk for pk, *_ in told(select(clips, strict))] == [3, 4]


def test_a_clip_of_two_buckets_goes_to_the_first() -> None:
    clips = [clip(1, is_fake=True, score=0.49), clip(2, is_fake=True, score=0.6)]
    assert told(select(clips, Rule(buckets=CHOICES))) == [
        (1, Bucket.INCORRECT_NEGATIVE, 1),
        (2, Bucket.BARELY_CAUGHT, 1),
    ]


def test_one_source_gives_no_more_than_its_cap_and_an_unknown_source_has_none() -> None:
    clips = [clip(pk, is_fake=False, score=1 - pk / 100, source="recording 1") for pk in range(1, 5)]
    clips += [clip(5, is_fake=False, score=0.6, source="recording 2")]
    clips += [clip(6, is_fake=True, score=0.1, source="recording 1")]  # a generator of the same name is another source
    clips += [clip(pk, is_fake=True, score=0.2) for pk in (7, 8)]
    assert [pk for pk, *_ in told(select(clips, Rule(per_source=1)))] == [1, 5, 6, 7, 8]
    assert [pk for pk, *_ in told(select(clips, Rule(per_source=2)))] == [1, 2, 5, 6, 7, 8]


def test_controls_go_round_the_errors_and_each_is_the_nearest_in_level() -> None:
    errors = [clip(1, is_fake=True, score=0.1, level_dbfs=-20.0), clip(2, is_fake=True, score=0.2, level_dbfs=-30.0)]
    right = [(11, -21.0), (12, -29.0), (13, -19.0), (14, -60.0)]
    clips = errors + [clip(pk, is_fake=True, score=0.9, level_dbfs=level) for pk, level in right]
    clips += [clip(20, is_fake=False, score=0.1, level_dbfs=-20.0)]
    clips += [clip(21, is_fake=True, score=0.9, level_dbfs=-20.0, category="dog_bark")]
    picks = [pick for pick in select(clips, Rule(n_controls=2)).picks if pick.bucket is Bucket.CONTROL]
    assert [(pick.clip.stimulus_id, pick.control_of, pick.level_difference_db, pick.rank) for pick in picks] == [
        (11, 1, -1.0, 1),  # as near as clip 13, and the lower id
        (13, 1, 1.0, 2),
        (12, 2, 1.0, 3),
        (14, 2, -30.0, 4),
    ]
    short = select(clips, Rule(n_controls=3))
    assert short.n_controls_missing == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"buckets": ()}, "one or more of the buckets"),
        ({"buckets": (Bucket.CONTROL,)}, "one or more of the buckets"),
        ({"per_class": 0}, "at least 1"),
        ({"per_source": 0}, "leave the cap out"),
        ({"n_controls": -1}, "0 or more"),
        ({"n_controls": 1, "buckets": (Bucket.SURE_REALS,)}, "matched to errors"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(BadSelection, match=words):
        Rule(**change)


def test_controls_without_levels_are_refused() -> None:
    with pytest.raises(BadSelection, match="have none"):
        select(MIXED, Rule(n_controls=1))


CLIPS = st.lists(
    st.builds(
        ScoredClip,
        stimulus_id=st.integers(1, 10**6),
        is_fake=st.booleans(),
        category=st.sampled_from(["dog_bark", "rain"]),
        fake_score=st.sampled_from([0.0, 0.2, 0.47, 0.48, 0.49, 0.5, 0.51, 0.8, 1.0]),
        source=st.sampled_from(["", "a", "b", "c"]),
        level_dbfs=st.sampled_from([-40.0, -30.5, -30.0, -12.0]),
    ),
    max_size=60,
    unique_by=lambda clip: clip.stimulus_id,
)
RULES = st.builds(
    Rule,
    buckets=st.sets(st.sampled_from(CHOICES)).map(lambda others: tuple({*others, Bucket.INCORRECT_NEGATIVE})),
    per_class=st.integers(1, 6),
    per_source=st.none() | st.integers(1, 3),
    n_controls=st.integers(0, 3),
)


@settings(deadline=None, max_examples=200)
@given(CLIPS, RULES, st.integers(0, 10**6))
def test_the_order_of_the_clips_does_not_matter(clips: list[ScoredClip], rule: Rule, seed: int) -> None:
    shuffled = random.Random(seed).sample(clips, len(clips))
    assert select(shuffled, rule) == select(clips, rule)


@settings(deadline=None, max_examples=200)
@given(CLIPS, RULES)
def test_no_cap_is_passed_and_no_clip_is_taken_twice(clips: list[ScoredClip], rule: Rule) -> None:
    picks = select(clips, rule).picks
    assert len({pick.clip.stimulus_id for pick in picks}) == len(picks)
    kinds = Counter((pick.clip.category, pick.bucket) for pick in picks if pick.bucket is not Bucket.CONTROL)
    assert all(n <= rule.per_class for n in kinds.values())
    sources = Counter((pick.clip.category, pick.clip.is_fake, pick.clip.source) for pick in picks if pick.clip.source)
    assert rule.per_source is None or all(n <= rule.per_source for n in sources.values())


@settings(deadline=None, max_examples=200)
@given(CLIPS, RULES)
def test_a_control_is_a_clip_called_right_beside_an_error_of_its_label_and_category(
    clips: list[ScoredClip], rule: Rule
) -> None:
    choice = select(clips, rule)
    errors = {pick.clip.stimulus_id: pick.clip for pick in choice.picks if pick.bucket in ERRORS}
    controls = [pick for pick in choice.picks if pick.bucket is Bucket.CONTROL]
    for pick in controls:
        error = errors[pick.control_of or 0]
        assert (pick.clip.fake_score >= rule.threshold) == pick.clip.is_fake
        assert (pick.clip.is_fake, pick.clip.category) == (error.is_fake, error.category)
        assert pick.level_difference_db == (pick.clip.level_dbfs or 0.0) - (error.level_dbfs or 0.0)
    assert all(n <= rule.n_controls for n in Counter(pick.control_of for pick in controls).values())
    assert len(controls) + choice.n_controls_missing == rule.n_controls * len(errors)


@settings(deadline=None, max_examples=200)
@given(CLIPS, RULES)
def test_without_a_cap_on_sources_the_first_bucket_leaves_out_nothing_more_telling(
    clips: list[ScoredClip], rule: Rule
) -> None:
    plain = Rule(buckets=(Bucket.INCORRECT_NEGATIVE,), per_class=rule.per_class)
    taken = {pick.clip.stimulus_id for pick in select(clips, plain).picks}
    for category in ("dog_bark", "rain"):
        missed = [each for each in clips if each.is_fake and each.fake_score < 0.5 and each.category == category]
        inside = [each.fake_score for each in missed if each.stimulus_id in taken]
        outside = [each.fake_score for each in missed if each.stimulus_id not in taken]
        assert len(inside) == min(len(missed), rule.per_class)
        assert not outside or max(inside) <= min(outside)
