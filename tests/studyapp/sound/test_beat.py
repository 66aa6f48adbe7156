"""The published parameters of the beat test, measured on what is synthesised."""

import numpy as np
import pytest
from scipy.signal import hilbert

from studyapp.sound.beat import beat
from studyapp.sound.levels import rms_dbfs

pytestmark = pytest.mark.once
RATE = 44_100
INNER = slice(4410, 39_690)  # without the ramps


def intervals(sound: np.ndarray) -> list[np.ndarray]:
    return [sound[2 * place * RATE : (2 * place + 1) * RATE] for place in range(3)]


def depth_at_30_hz(ear: np.ndarray) -> float:
    """Return how deep the envelope beats at 30 Hz: the component's amplitude over the mean."""
    envelope = np.abs(hilbert(ear))[INNER]
    time_s = np.arange(len(envelope)) / RATE
    return float(2 * np.abs(np.mean(envelope * np.exp(-2j * np.pi * 30 * time_s))) / envelope.mean())


@pytest.mark.parametrize("target", [1, 2, 3])
@pytest.mark.parametrize("seed", range(4))
def test_every_interval_beats_in_each_ear_but_the_target(target: int, seed: int) -> None:
    sound = beat(target, level_dbfs=-20.0, seed=seed)
    assert sound.shape == (5 * RATE, 2)
    for place, interval in enumerate(intervals(sound), start=1):
        for ear in interval.T:
            depth = depth_at_30_hz(ear)
            assert depth < 0.02 if place == target else depth > 0.6
        is_diotic = np.array_equal(interval[:, 0], interval[:, 1])
        assert is_diotic == (place != target)


def test_the_tones_lie_in_the_published_range_30_hz_apart() -> None:
    seen = []
    for seed in range(40):
        target = intervals(beat(1, level_dbfs=-20.0, seed=seed))[0]
        peaks = [np.argmax(np.abs(np.fft.rfft(ear, 10 * RATE))) / 10 for ear in target.T]
        assert peaks[1] - peaks[0] == pytest.approx(30.0, abs=0.2)
        seen.append(peaks[0])
    assert 1800 <= min(seen) < 1900
    assert 2400 < max(seen) <= 2500


def test_over_loudspeakers_the_target_beats_too() -> None:
    target = intervals(beat(2, level_dbfs=-20.0, seed=9))[1]
    assert depth_at_30_hz(target.sum(axis=1)) > 0.6


def test_loudness_tells_nothing() -> None:
    levels = {True: [], False: []}
    for seed in range(60):
        sound = beat(1 + seed % 3, level_dbfs=-20.0, seed=seed)
        for place, interval in enumerate(intervals(sound)):
            ears = [rms_dbfs(ear) for ear in interval.T]
            assert ears[0] == pytest.approx(ears[1], abs=0.05)
            levels[place == seed % 3].append(ears[0])
    both = levels[True] + levels[False]
    assert min(both) > -24.1 and max(both) < -19.9
    assert np.mean(levels[True]) == pytest.approx(np.mean(levels[False]), abs=0.5)
