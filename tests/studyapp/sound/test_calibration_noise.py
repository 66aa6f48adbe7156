import numpy as np
import pytest

from studyapp.sound.calibration_noise import calibration_noise
from studyapp.sound.levels import rms_dbfs

pytestmark = pytest.mark.once


class TestCalibrationNoise:
    noise = calibration_noise(level_dbfs=-24.0, seed=1)

    def test_has_the_level_asked_for_in_both_ears(self) -> None:
        assert self.noise.shape == (441_000, 2)
        assert rms_dbfs(self.noise) == pytest.approx(-24.0, abs=1e-6)
        np.testing.assert_array_equal(self.noise[:, 0], self.noise[:, 1])

    def test_loses_three_decibels_an_octave(self) -> None:
        power = np.abs(np.fft.rfft(self.noise[:, 0])) ** 2  # bins of 0.1 Hz
        octaves = [10 * np.log10(power[10 * low : 20 * low].mean()) for low in (100, 200, 400, 800, 1600, 3200, 6400)]
        np.testing.assert_allclose(np.diff(octaves), -3.01, atol=0.4)

    def test_starts_and_ends_at_nothing(self) -> None:
        assert np.abs(self.noise[:10]).max() < 1e-4
        assert np.abs(self.noise[-10:]).max() < 1e-4

    def test_repeats_with_its_seed_and_never_clips(self) -> None:
        np.testing.assert_array_equal(self.noise, calibration_noise(level_dbfs=-24.0, seed=1))
        assert not np.array_equal(self.noise, calibration_noise(level_dbfs=-24.0, seed=2))
        assert np.abs(calibration_noise(level_dbfs=-3.0, seed=1)).max() == pytest.approx(0.99)
