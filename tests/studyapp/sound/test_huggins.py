"""The published parameters (Milne et al. 2021), measured on what is synthesised."""

import numpy as np
import pytest
import soxr

from studyapp.sound.huggins import huggins
from studyapp.sound.levels import rms_dbfs

pytestmark = pytest.mark.once
RATE = 44_100
PLACES = [1, 2, 3]


def intervals(sound: np.ndarray, rate: int = RATE) -> list[np.ndarray]:
    return [sound[2 * place * rate : (2 * place + 1) * rate] for place in range(3)]


@pytest.mark.parametrize("target", PLACES)
def test_three_noises_of_a_second_stand_a_second_apart(target: int) -> None:
    sound = huggins(target, level_dbfs=-20.0, seed=3)
    assert sound.shape == (5 * RATE, 2)
    for gap in (sound[RATE : 2 * RATE], sound[3 * RATE : 4 * RATE]):
        assert not gap.any()
    for noise in intervals(sound):
        assert np.abs(noise[:10]).max() > 0  # no ramp
    assert rms_dbfs(np.concatenate(intervals(sound))) == pytest.approx(-20.0, abs=1e-9)


@pytest.mark.parametrize("target", PLACES)
def test_the_ears_differ_in_the_target_alone(target: int) -> None:
    for place, noise in enumerate(intervals(huggins(target, level_dbfs=-20.0, seed=4)), start=1):
        correlation = np.corrcoef(noise.T)[0, 1]
        if place == target:
            # 1 - 2 * 73 / 22050 = .99338 for a white noise; the authors' files have .992 to .994.
            assert correlation == pytest.approx(0.99338, abs=0.0012)
        else:
            np.testing.assert_array_equal(noise[:, 0], noise[:, 1])


def test_the_band_of_73_hertz_is_turned_by_180_degrees_and_nothing_else() -> None:
    target = intervals(huggins(2, level_dbfs=-20.0, seed=5))[1]
    left, right = np.fft.rfft(target[:, 0]), np.fft.rfft(target[:, 1])
    phase = np.abs(np.angle(right / left))  # bins of 1 Hz
    np.testing.assert_allclose(phase[564:637], np.pi, atol=1e-6)
    assert phase[1:564].max() < 1e-6 and phase[637:22_000].max() < 1e-6
    np.testing.assert_allclose(np.abs(right), np.abs(left), rtol=1e-6)
    assert np.flatnonzero(phase > 1).size == 73


def test_a_sum_of_the_ears_loses_the_band() -> None:
    """What loudspeakers and a mono downmix do to it."""
    target = intervals(huggins(2, level_dbfs=-20.0, seed=6))[1]
    mono = np.abs(np.fft.rfft(target.sum(axis=1)))
    assert 20 * np.log10(mono[566:635].mean() / mono[700:800].mean()) < -40


def test_the_band_survives_the_browsers_resampling() -> None:
    sound = soxr.resample(huggins(1, level_dbfs=-20.0, seed=7), RATE, 48_000, quality="VHQ")
    target = sound[:48_000]
    phase = np.abs(np.angle(np.fft.rfft(target[:, 1]) / np.fft.rfft(target[:, 0])))
    assert np.median(phase[570:630]) == pytest.approx(np.pi, abs=0.01)
    assert np.median(phase[700:5000]) < 0.01


def test_a_loud_one_is_made_quieter_and_never_clips() -> None:
    sound = huggins(3, level_dbfs=-3.0, seed=8)
    assert np.abs(sound).max() == pytest.approx(0.99)
    assert rms_dbfs(np.concatenate(intervals(sound))) == pytest.approx(-12.6, abs=0.6)  # as the authors' files


def test_refuses_another_target() -> None:
    with pytest.raises(ValueError, match="not 1, 2 or 3"):
        huggins(4, level_dbfs=-20.0, seed=1)
