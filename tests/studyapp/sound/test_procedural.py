from collections import Counter
from itertools import islice

import numpy as np
import pytest

from studyapp.sound.audit import measure
from studyapp.sound.contrast import contrast
from studyapp.sound.procedural import SAMPLE_RATE_HZ, make_corpus
from studyapp.vocab import DCASE_2023_CATEGORIES, Label

pytestmark = pytest.mark.once


def test_makes_84_usable_clips_balanced_over_categories_and_the_same_again() -> None:
    clips = list(make_corpus(seed=3))
    assert len(clips) == 84
    assert Counter((clip.category, clip.label) for clip in clips) == dict.fromkeys(
        ((category, label) for category in DCASE_2023_CATEGORIES for label in Label), 6
    )
    facts = [measure(clip.samples, SAMPLE_RATE_HZ) for clip in clips]
    assert all(2.0 <= each.duration_s <= 4.001 and each.peak_dbfs < 0 for each in facts)
    levels = {
        label: [each.level_dbfs for each, clip in zip(facts, clips, strict=True) if clip.label == label]
        for label in Label
    }
    assert not contrast(levels[Label.REAL], levels[Label.FAKE]).is_telling
    for clip, again in zip(clips, islice(make_corpus(seed=3), 12), strict=False):
        np.testing.assert_array_equal(clip.samples, again.samples)
