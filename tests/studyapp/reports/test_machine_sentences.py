"""Sentences on listeners and a machine: which way they point, and what they leave out."""

from typing import Any

import numpy as np
import pytest

from studyapp.reports.machine_charts import draw_crowds, draw_shares
from studyapp.reports.machine_sentences import machine_sentences
from tests.studyapp.services.test_analysis_machines import compare

pytestmark = pytest.mark.once


def world(listeners: float, machine: float, n: int = 60) -> dict[str, Any]:
    """Return a comparison in which both tell 30 fakes from 30 reals as well as said."""
    rng = np.random.default_rng(8)
    is_fake = np.arange(n) % 2 == 0
    sign = np.where(is_fake, 1.0, -1.0)
    said = (rng.random((15, n)) < 0.5 + listeners * sign + rng.normal(0, 0.1, n)).astype(float)
    return compare(said, is_fake, np.clip(0.5 + machine * sign + rng.normal(0, 0.15, n), 0, 1))


def test_say_who_tells_the_classes_apart_better() -> None:
    ahead, behind = machine_sentences(world(0.3, 0.02)), machine_sentences(world(0.02, 0.3))
    assert "listeners tell them apart better" in ahead[0] and "difference 0." in ahead[0]
    assert "The machine tells them apart better" in behind[0] and "difference −0." in behind[0]
    alike = machine_sentences(world(0.06, 0.1))
    assert "the difference is not significant" in alike[0]
    for sentences in (ahead, behind, alike):
        assert len(sentences) >= 6
        assert all(sentence.endswith(".") and "None" not in sentence for sentence in sentences)
        assert [sentence for sentence in sentences if sentence.startswith("Weighed together")]


def test_a_machine_of_errors_gets_no_sentence_of_what_follows_from_the_choice() -> None:
    said = np.tile(np.arange(40) % 3 > 0, (5, 1)).astype(float)  # right about 13 of 20 fakes and 7 of 20 reals
    is_fake = np.arange(40) % 2 == 0
    found = compare(said, is_fake, np.where(is_fake, 0.1, 0.9))
    (sentence,) = machine_sentences(found)
    assert sentence.startswith("Of 40 clips, both are wrong about 20, only the majority of listeners is right about 20")
    assert machine_sentences(found | {"n_clips": 0}) == []


def test_errors_on_the_same_clips_are_said_to_be_shown_only_where_the_interval_leaves_out_0() -> None:
    found = world(0.06, 0.1)
    for low, high, words in (
        (0.1, 0.4, "They err on the same clips more often than two that err independently would ("),
        (-0.4, -0.1, "They err on the same clips less often than two that err independently would ("),
        (
            -0.1,
            0.1,
            "That they err on the same clips more often or less often than two that err independently would is",
        ),
    ):
        consistency = found["error_consistency"] | {"interval": {"low": low, "high": high, "confidence": 0.95}}
        sentences = machine_sentences(found | {"error_consistency": consistency})
        assert [sentence for sentence in sentences if sentence.startswith(words)]
    without = machine_sentences(found | {"error_consistency": found["error_consistency"] | {"interval": None}})
    assert not [sentence for sentence in without if "err on the same clips" in sentence]


def test_charts_hold_a_row_for_each_clip_and_size_and_none_where_there_is_nothing() -> None:
    found = world(0.2, 0.2)
    chart = draw_shares(found["clips"], sounds={0: "/a"}, threshold=0.5)
    assert chart is not None
    (rows,) = chart["datasets"].values()
    assert len(rows) == 60
    assert [row["clip"] for row in rows if "sound" in row] == ["0.wav"]
    assert rows[0]["said"].startswith("0.wav, fake: ")
    assert draw_shares([row | {"fake_score": None} for row in found["clips"]], sounds={}, threshold=0.5) is None
    (rows,) = draw_crowds(found["crowd"])["datasets"].values()  # type: ignore[index]
    assert len(rows) == 2 * len(found["crowd"]["points"]) + 2
    assert draw_crowds(found["crowd"] | {"points": []}) is None


def test_of_very_many_clips_some_are_drawn_from_all_parts() -> None:
    clip = world(0.2, 0.2)["clips"][0]
    clips = [clip | {"clip": number, "name": str(number)} for number in range(12_000)]
    (rows,) = draw_shares(clips, sounds={}, threshold=0.5)["datasets"].values()  # type: ignore[index]
    assert [row["clip"] for row in rows] == [str(number) for number in range(0, 12_000, 3)]
