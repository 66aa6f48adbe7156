import itertools
import random

import numpy as np
import pytest

from studyapp.sound.channel_check import channel_sound, channel_verdict
from studyapp.sound.levels import rms_dbfs
from studyapp.sound.screening import SCREENING_TESTS

pytestmark = pytest.mark.once


def test_each_sound_is_where_its_name_says_and_all_are_of_one_length() -> None:
    left, right, both = (channel_sound(name, level_dbfs=-25.0) for name in ("left", "right", "both"))
    assert left.shape == right.shape == both.shape == (35_280, 2)
    assert not left[:, 1].any() and not right[:, 0].any()
    np.testing.assert_array_equal(left[:, 0], right[:, 1])
    np.testing.assert_array_equal(both[:, 0], both[:, 1])
    assert rms_dbfs(both) == pytest.approx(-25.0, abs=1e-6)
    with pytest.raises(ValueError, match="unknown channel"):
        channel_sound("centre", level_dbfs=-25.0)


@pytest.mark.parametrize("again", ["left", "right", "both"])
def test_every_answer_has_a_verdict(again: str) -> None:
    verdicts: dict[str, list[tuple[int, ...]]] = {}
    sounds = ("left", "right", "both", again)
    for answers in itertools.product((1, 2, 3), repeat=4):
        verdict = channel_verdict(zip(sounds, answers, strict=True))
        verdicts.setdefault(verdict, []).append(answers)
    place = sounds.index(again)
    assert verdicts["ok"] == [(1, 2, 3, (1, 2, 3)[place])]  # a guess is right once in 81 times
    assert verdicts["swapped"] == [(2, 1, 3, (2, 1, 3)[place])]
    assert all(left == right and (left, right, both)[place] == last for left, right, both, last in verdicts["mono"])
    assert len(verdicts["mono"]) == 9
    assert channel_verdict([("left", 1), ("right", 2), ("both", None)]) == "unclear"


def test_an_attempt_has_every_sound_and_one_of_them_again() -> None:
    drawn = [SCREENING_TESTS["channels"].draw_sounds(random.Random(seed), 4) for seed in range(300)]
    assert all(set(sounds) == {"left", "right", "both"} and len(sounds) == 4 for sounds in drawn)
    for name in ("left", "right", "both"):
        assert 70 < sum(sounds.count(name) == 2 for sounds in drawn) < 130
    assert len(set(map(tuple, drawn))) == 36  # every order of each
