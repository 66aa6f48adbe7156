import numpy as np
import pytest
from scipy.stats import mannwhitneyu

from studyapp.sound.contrast import contrast, spread

pytestmark = pytest.mark.once


def test_the_share_of_pairs_is_the_mann_whitney_statistic() -> None:
    rng = np.random.default_rng(2)
    real, fake = rng.integers(0, 9, 31).tolist(), rng.integers(2, 11, 17).tolist()
    expected = mannwhitneyu(fake, real).statistic / (31 * 17)
    assert contrast(real, fake).fake_above == pytest.approx(expected, abs=1e-12)


def test_equal_facts_tell_nothing_and_separate_ones_all() -> None:
    assert contrast([4.0] * 9, [4.0] * 9).fake_above == 0.5
    assert not contrast([4.0] * 9, [4.0] * 9).is_telling
    assert contrast([1.0] * 9, [4.0] * 9).fake_above == 1.0
    assert contrast([4.0] * 9, [1.0] * 9).is_telling


def test_few_clips_are_never_called_different() -> None:
    assert not contrast([1.0] * 4, [4.0] * 9).is_telling
    assert contrast([], [4.0]).fake_above is None


def test_a_share_that_chance_explains_is_not_called_telling() -> None:
    few = contrast([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [2.5, 3.5, 4.5, 5.5, 6.5, 7.5])
    assert few.fake_above is not None
    assert few.fake_above > 0.7
    assert not few.is_telling
    many = contrast([1.0, 2.0, 3.0, 4.0, 5.0, 6.0] * 9, [2.5, 3.5, 4.5, 5.5, 6.5, 7.5] * 9)
    assert many.fake_above == few.fake_above
    assert many.is_telling


def test_no_clips_have_no_median() -> None:
    assert spread([]).median is None
    assert spread([2.0, 8.0]).median == 5.0
