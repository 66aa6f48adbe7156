import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from studyapp.errors import AudioError
from studyapp.sound.audit import measure
from studyapp.vocab import Rejection

pytestmark = pytest.mark.once
RATE = 16_000


def sine(hertz: float, amplitude: float = 1.0, seconds: float = 1.0) -> np.ndarray:
    return amplitude * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)


def test_a_full_scale_sine_measures_as_the_textbook_says() -> None:
    facts = measure(sine(1000.0), RATE)
    assert facts.level_dbfs == pytest.approx(-3.0103, abs=1e-4)
    assert facts.peak_dbfs == pytest.approx(0.0, abs=1e-6)
    assert facts.bandwidth_hz == 1000.0
    assert facts.dc_offset == pytest.approx(0.0, abs=1e-9)
    assert facts.duration_s == 1.0
    assert (facts.n_samples, facts.n_channels, facts.sample_rate_hz) == (16_000, 1, RATE)


def test_a_square_wave_at_full_scale_is_zero_dbfs_and_all_clipped() -> None:
    facts = measure(np.where(sine(100.0) >= 0, 1.0, -1.0), RATE)
    assert facts.level_dbfs == pytest.approx(0.0)
    assert facts.clipped_fraction == 1.0


def test_bandwidth_holds_99_percent_of_the_energy() -> None:
    assert measure(sine(500.0) + sine(3000.0, 0.2), RATE).bandwidth_hz == 3000.0
    assert measure(sine(500.0) + sine(3000.0, 0.05), RATE).bandwidth_hz == 500.0


def test_a_constant_offset_changes_no_bandwidth() -> None:
    facts = measure(0.3 + sine(2000.0, 0.1), RATE)
    assert facts.dc_offset == pytest.approx(0.3)
    assert facts.bandwidth_hz == 2000.0


def test_leading_silence_and_zero_runs_are_counted_over_both_channels() -> None:
    left = np.concatenate([np.zeros(1600), sine(440.0), np.zeros(3200), sine(440.0)])
    right = np.concatenate([np.zeros(800), np.full(800, 0.0005), sine(440.0), np.zeros(3200), sine(440.0)])
    facts = measure(np.column_stack([left, right]), RATE)
    assert facts.leading_silence_s == pytest.approx(1601 / RATE)
    assert facts.longest_zero_run_s == pytest.approx(0.2, abs=2 / RATE)


def test_a_sound_below_minus_60_dbfs_is_all_leading_silence() -> None:
    assert measure(sine(440.0, 0.0009), RATE).leading_silence_s == 1.0


@pytest.mark.parametrize(
    ("samples", "reason"),
    [
        (np.zeros(RATE), Rejection.SILENT),
        (np.full(RATE, 0.25), Rejection.SILENT),
        (np.random.default_rng(0).integers(-1, 2, RATE) / 32768, Rejection.SILENT),
        (np.zeros(0), Rejection.EMPTY),
        (np.full(159, 0.5), Rejection.EMPTY),
        (np.array([0.1, np.nan] * 1000), Rejection.NON_FINITE),
        (np.array([0.1, np.inf] * 1000), Rejection.NON_FINITE),
        (np.array([0.1, 1e30] * 1000), Rejection.UNREADABLE),
        (np.array([0.1, 20000.0] * 1000), Rejection.UNREADABLE),
    ],
)
def test_refuses_what_is_no_sound(samples: np.ndarray, reason: Rejection) -> None:
    with pytest.raises(AudioError) as caught:
        measure(samples, RATE)
    assert caught.value.reason == reason


@settings(max_examples=150, deadline=None)
@given(
    npst.arrays(
        np.float32,
        st.tuples(st.integers(80, 400), st.integers(1, 2)),
        elements=st.floats(-1.5, 1.5, width=32, allow_subnormal=True),
    )
)
def test_every_fact_of_an_accepted_sound_is_finite_and_in_range(samples: np.ndarray) -> None:
    try:
        facts = measure(samples, 8000)
    except AudioError:
        return
    assert facts.loudness_lufs is None  # less than 0.4 s
    assert np.isfinite([value for value in vars(facts).values() if value is not None]).all()
    assert 0 <= facts.bandwidth_hz <= 4000
    assert 0 <= facts.clipped_fraction <= 1
    assert 0 <= facts.leading_silence_s <= facts.duration_s
    assert 0 <= facts.longest_zero_run_s <= facts.duration_s
    assert facts.level_dbfs <= facts.peak_dbfs + 1e-9
