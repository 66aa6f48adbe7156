import random
from collections import Counter

import numpy as np
import pytest

from studyapp.sound.antiphase import ANTIPHASE_ORDERS, amplitude_at_level, antiphase, draw_orders, right_answer

pytestmark = pytest.mark.once
TONE, GAP, RAMP = 44_100, 22_050, 4_410


def intervals(order: str) -> dict[str, np.ndarray]:
    sound = antiphase(order)
    starts = [0, TONE + GAP, 2 * (TONE + GAP)]
    return {letter: sound[start : start + TONE] for letter, start in zip(order, starts, strict=True)}


def rms(samples: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(samples))))


@pytest.mark.parametrize("order", ANTIPHASE_ORDERS)
def test_has_the_published_parameters(order: str) -> None:
    """The unit tests that methods.md 1.10 asks for."""
    sound = antiphase(order)
    assert sound.shape == (176_400, 2)
    assert np.abs(sound).max() < 0.99
    parts = intervals(order)
    assert 20 * np.log10(rms(parts["S"]) / rms(parts["I"])) == pytest.approx(-6.0, abs=0.01)
    assert rms(parts["O"]) == pytest.approx(rms(parts["I"]))
    assert np.corrcoef(parts["O"].T)[0, 1] == pytest.approx(-1.0)
    assert np.corrcoef(parts["I"].T)[0, 1] == pytest.approx(1.0)
    assert np.corrcoef(parts["S"].T)[0, 1] == pytest.approx(1.0)
    assert not sound[TONE : TONE + GAP].any()
    assert not sound[2 * TONE + GAP : 2 * (TONE + GAP)].any()


@pytest.mark.parametrize("order", ANTIPHASE_ORDERS)
def test_the_right_answer_is_the_quietest_in_one_ear_and_not_after_a_mono_sum(order: str) -> None:
    sound = antiphase(order)
    starts = [0, TONE + GAP, 2 * (TONE + GAP)]
    left = [rms(sound[start : start + TONE, 0]) for start in starts]
    summed = [rms(sound[start : start + TONE].sum(axis=1)) for start in starts]
    assert int(np.argmin(left)) + 1 == right_answer(order)
    assert order[int(np.argmin(summed))] == "O"


def test_the_tone_is_200_hz_at_peak_0_2() -> None:
    tone = intervals("IOS")["I"][:, 0]
    assert np.argmax(np.abs(np.fft.rfft(tone))) == 200
    assert np.abs(tone).max() == pytest.approx(0.2, abs=1e-4)
    assert 20 * np.log10(np.abs(intervals("IOS")["S"]).max()) == pytest.approx(-19.98, abs=0.01)


def test_the_ramps_rise_as_measured_on_the_released_files() -> None:
    """Amplitude 0.10 at 56 ms, 0.25 at 71 ms, 0.50 at 84 ms, 0.90 at 97 ms of 100 ms."""
    sound = antiphase("IOS", amplitude=0.5)[:TONE, 0]
    steady = 0.5 * np.sin(2 * np.pi * 200 * np.arange(TONE) / TONE)
    for ms, share in ((56, 0.10), (71, 0.25), (84, 0.50), (97, 0.90)):
        around = slice(round((ms - 2.5) * 44.1), round((ms + 2.5) * 44.1))
        assert rms(sound[around]) / rms(steady[around]) == pytest.approx(share, abs=0.03)
    assert sound[0] == 0.0
    assert abs(sound[TONE - 1]) < 1e-9


def test_refuses_an_unknown_order_and_an_amplitude_that_clips() -> None:
    with pytest.raises(ValueError, match="IIS"):
        antiphase("IIS")
    with pytest.raises(ValueError, match="amplitude"):
        antiphase("IOS", amplitude=1.0)
    with pytest.raises(ValueError, match="XYZ"):
        right_answer("XYZ")


@pytest.mark.parametrize("rng", [random.Random(5), np.random.default_rng(5)])
def test_six_trials_hold_every_order_once(rng: random.Random | np.random.Generator) -> None:
    assert sorted(draw_orders(rng, 6)) == sorted(ANTIPHASE_ORDERS)
    assert len(draw_orders(rng, 4)) == 4
    assert set(Counter(draw_orders(rng, 12)).values()) == {2}


def test_the_same_seed_draws_the_same_orders() -> None:
    assert draw_orders(random.Random(9), 6) == draw_orders(random.Random(9), 6)


def test_amplitude_follows_the_level_and_never_clips() -> None:
    tone = antiphase("IOS", amplitude=amplitude_at_level(-30.0))[RAMP : TONE - RAMP, 0]
    assert 20 * np.log10(rms(tone)) == pytest.approx(-30.0, abs=0.01)
    assert amplitude_at_level(0.0) == 0.99
