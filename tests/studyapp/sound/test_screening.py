"""The registry: what every headphone test keeps to, and the bytes that are served."""

import hashlib
import random
from collections import Counter

import pytest

from studyapp.sound.levels import SAMPLE_RATE_HZ
from studyapp.sound.screening import SCREENING_TESTS
from studyapp.sound.three_intervals import EXAMPLE_PLACE, SOUND_NAMES, draw_names, target_place
from studyapp.sound.wav import encode_pcm16

pytestmark = pytest.mark.once

# SHA-256 of all of a test's files at -23 dBFS, in their order: what is served is the same on every machine.
PINNED = {
    "channels": "fa52a20e185f5d97cc099460b7d960a86cc10dd11c8ba82bfb7d9de9d7aba146",
    "antiphase": "ad2717bd12cc1bf9442d4acd5805d7daf9c91c63d3bc7f1b951cdc0749c04904",
    "huggins": "fd1025fa22b4a806e223054b6da2cc7ee26a906a1242b0c1d1132b27179107de",
    "beat": "f6df7940ba961435eb1ee8fa685b16fb955d8acc32878a5285bbabc3d290bca3",
}


@pytest.mark.parametrize("name", SCREENING_TESTS)
def test_the_files_of_a_test_are_of_one_size_and_pinned(name: str) -> None:
    test = SCREENING_TESTS[name]
    files = {sound: encode_pcm16(samples, SAMPLE_RATE_HZ) for sound, samples in test.sounds(-23.0)}
    assert len({len(content) for content in files.values()}) == 1
    assert len(set(files.values())) == len(files)
    assert {test.right_answer(sound) for sound in files} == {1, 2, 3}
    assert hashlib.sha256(b"".join(files.values())).hexdigest() == PINNED[name]


@pytest.mark.parametrize("name", ["antiphase", "huggins", "beat"])
@pytest.mark.parametrize("seed", range(20))
def test_an_attempt_asks_for_every_interval_equally_often(name: str, seed: int) -> None:
    test = SCREENING_TESTS[name]
    drawn = test.draw_sounds(random.Random(seed), 6)
    assert Counter(map(test.right_answer, drawn)) == {1: 2, 2: 2, 3: 2}
    assert len(set(drawn)) == 6
    assert drawn == test.draw_sounds(random.Random(seed), 6)


def test_the_right_interval_cannot_be_told_from_its_place_in_the_attempt() -> None:
    firsts = Counter(target_place(draw_names(random.Random(seed), 6)[0]) for seed in range(3000))
    assert all(900 < n < 1100 for n in firsts.values())


def test_no_sound_comes_again_before_all_of_its_place_were_heard() -> None:
    drawn = draw_names(random.Random(1), 12)
    assert sorted(drawn) == sorted(SOUND_NAMES)


def test_the_channel_check_asks_for_each_side_once() -> None:
    drawn = SCREENING_TESTS["channels"].draw_sounds(random.Random(3), 3)
    assert sorted(drawn) == ["both", "left", "right"]


@pytest.mark.parametrize("name", ["huggins", "beat"])
def test_the_example_is_none_of_the_sounds_that_are_asked(name: str) -> None:
    test = SCREENING_TESTS[name]
    assert test.example is not None
    example = encode_pcm16(test.example(-23.0), SAMPLE_RATE_HZ)
    others = {encode_pcm16(samples, SAMPLE_RATE_HZ) for _, samples in test.sounds(-23.0)}
    assert example not in others
    assert len(example) == len(next(iter(others)))
    assert EXAMPLE_PLACE == 2


@pytest.mark.parametrize("name", ["antiphase", "channels"])
def test_a_test_whose_example_would_mislead_has_none(name: str) -> None:
    assert SCREENING_TESTS[name].example is None
