"""Integrated loudness: the signals of EBU Tech 3341, made here, and the standard's coefficients."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyapp.sound.loudness import high_pass, high_shelf, integrated_loudness

pytestmark = pytest.mark.once

RATE = 48_000


def sine(*parts: tuple[float, float], rate: int = RATE, frequency: float = 1000.0) -> np.ndarray:
    """Return a stereo sine whose level (dBFS of its peak) changes part by part of so many seconds, phase going on."""
    gains = np.concatenate([np.full(round(seconds * rate), 10 ** (level / 20)) for level, seconds in parts])
    wave = gains * np.sin(2 * np.pi * frequency * np.arange(len(gains)) / rate)
    return np.column_stack([wave, wave])


# Number of the case in EBU Tech 3341 (2016), table 1 -> its parts; expected loudness.
CASES = {
    1: ([(-23.0, 20.0)], -23.0),
    2: ([(-33.0, 20.0)], -33.0),
    3: ([(-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0)], -23.0),
    4: ([(-72.0, 10.0), (-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0), (-72.0, 10.0)], -23.0),
    5: ([(-26.0, 20.0), (-20.0, 20.1), (-26.0, 20.0)], -23.0),
}


@pytest.mark.parametrize("case", CASES)
def test_ebu_tech_3341(case):
    parts, expected = CASES[case]
    assert integrated_loudness(sine(*parts), RATE) == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize("rate", [16_000, 22_050, 32_000, 44_100, 96_000])
def test_other_rates_agree(rate):
    assert integrated_loudness(sine((-23.0, 5.0), rate=rate), rate) == pytest.approx(-23.0, abs=0.1)


def test_the_filters_at_48_khz_are_the_standards():
    b, a = high_shelf(RATE)
    np.testing.assert_allclose(b, [1.53512485958697, -2.69169618940638, 1.19839281085285], atol=1e-8)
    np.testing.assert_allclose(a, [1.0, -1.69065929318241, 0.73248077421585], atol=1e-8)
    b, a = high_pass(RATE)
    np.testing.assert_allclose(b, [1.0, -2.0, 1.0])
    np.testing.assert_allclose(a[1:], [-1.99004745483398, 0.99007225036621], atol=1e-8)


@pytest.mark.parametrize(("n_samples", "is_known"), [(19_199, False), (19_200, True)])
def test_less_than_a_block_has_no_loudness(n_samples, is_known):
    assert (integrated_loudness(sine((-23.0, 1.0))[:n_samples], RATE) is not None) == is_known


def test_what_lies_below_the_absolute_gate_has_no_loudness():
    assert integrated_loudness(sine((-75.0, 2.0)), RATE) is None
    assert integrated_loudness(np.zeros((RATE, 1)), RATE) is None


def test_mono_is_three_lu_softer_than_the_same_in_both_channels():
    both = sine((-23.0, 2.0))
    mono = integrated_loudness(both[:, 0], RATE)
    assert mono == pytest.approx(integrated_loudness(both, RATE) - 10 * np.log10(2), abs=1e-9)
    assert mono == integrated_loudness(both[:, :1], RATE)


def test_values_of_pyloudnorm():
    """Golden values: pyloudnorm 0.2.0, Meter(rate, filter_class="DeMan"), the standard's filters at every rate."""
    for rate, seed, expected in [
        (48_000, 1, -24.18406209976305),
        (44_100, 2, -24.19362681227757),
        (22_050, 3, -24.37241751482343),
    ]:
        rng = np.random.default_rng(seed)
        noise = rng.standard_normal((3 * rate, 2)) * 0.05 * np.linspace(0.001, 1, 3 * rate)[:, None]
        assert integrated_loudness(noise, rate) == pytest.approx(expected, abs=1e-8)


@given(gain_db=st.floats(-30, 10))
def test_a_gain_moves_the_loudness_by_as_much(gain_db):
    noise = 0.05 * np.random.default_rng(1).standard_normal(RATE)
    before, after = integrated_loudness(noise, RATE), integrated_loudness(noise * 10 ** (gain_db / 20), RATE)
    assert after == pytest.approx(before + gain_db, abs=1e-6)
