import io

import numpy as np
import pytest
import soundfile

from studyapp.sound.audit import measure
from studyapp.sound.presentation import choose_format, make_copy

pytestmark = pytest.mark.once
VALUES = np.random.default_rng(3).integers(-20_000, 20_000, size=(22_050, 1)).astype(np.int16)
SAMPLES = (VALUES / 32768).astype(np.float32)


def read(content: bytes) -> tuple[np.ndarray, int]:
    return soundfile.read(io.BytesIO(content), dtype="int16", always_2d=True)


def test_an_unchanged_16_bit_clip_keeps_its_samples() -> None:
    samples, rate = read(make_copy(SAMPLES, 22_050, target_rate_hz=22_050, n_channels=1))
    np.testing.assert_array_equal(samples, VALUES)
    assert rate == 22_050


def test_a_mono_clip_stands_in_both_channels_of_a_stereo_copy() -> None:
    samples, _ = read(make_copy(SAMPLES, 22_050, target_rate_hz=22_050, n_channels=2))
    np.testing.assert_array_equal(samples, np.repeat(VALUES, 2, axis=1))


def test_resampling_keeps_a_tone_and_the_duration() -> None:
    tone = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(22_050) / 22_050)
    samples, rate = read(make_copy(tone, 22_050, target_rate_hz=48_000, n_channels=1))
    assert (len(samples), rate) == (48_000, 48_000)
    facts = measure(samples / 32768, 48_000)
    assert facts.level_dbfs == pytest.approx(20 * np.log10(0.5) - 3.0103, abs=0.02)
    assert facts.bandwidth_hz == pytest.approx(1000, abs=2)


def test_a_gain_is_applied_and_one_that_would_clip_refused() -> None:
    quiet, _ = read(make_copy(SAMPLES, 22_050, target_rate_hz=22_050, n_channels=1, gain_db=-20.0))
    assert np.abs(quiet - VALUES / 10).max() <= 0.51
    with pytest.raises(ValueError, match="would clip"):
        make_copy(SAMPLES, 22_050, target_rate_hz=22_050, n_channels=1, gain_db=12.0)


def test_refuses_to_drop_a_channel() -> None:
    with pytest.raises(ValueError, match="2 channels"):
        make_copy(np.zeros((100, 2)), 8000, target_rate_hz=8000, n_channels=1)


def test_the_format_loses_nothing_of_any_clip() -> None:
    mono = measure(SAMPLES, 22_050)
    fast = measure(SAMPLES, 48_000)
    stereo = measure(np.repeat(SAMPLES, 2, axis=1), 16_000)
    assert choose_format([mono]) == (22_050, 1)
    assert choose_format([mono, stereo, fast]) == (48_000, 2)
    with pytest.raises(ValueError, match="no clips"):
        choose_format([])
