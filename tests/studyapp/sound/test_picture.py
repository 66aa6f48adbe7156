import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from studyapp.errors import AudioError
from studyapp.sound.picture import KINDS, NOTHING, draw_sound, level_colours
from studyapp.sound.spectrogram import FLOOR_DB, spectrogram_db, waveform_outline
from studyapp.sound.wav import decode_pcm16, encode_pcm16

pytestmark = pytest.mark.once

RATE = 16_000
rng = np.random.default_rng(3)


def tone(hz: float, *, seconds: float = 1.0, amplitude: float = 1.0) -> np.ndarray:
    return amplitude * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE)) / RATE)


@pytest.mark.parametrize(("amplitude", "level"), [(1.0, 0.0), (0.1, -20.0), (0.001, -60.0)])
def test_a_sine_has_its_level_in_its_row_alone(amplitude: float, level: float) -> None:
    levels = spectrogram_db(tone(1000, amplitude=amplitude), RATE, n_rows=80, n_columns=10)
    middle = levels[:, 5]
    assert middle.max() == pytest.approx(level, abs=0.1)
    assert 79 - middle.argmax() == 10  # rows of 100 Hz, counted from below
    assert middle[:40].max() <= max(level - 60, FLOOR_DB)


def test_octaves_give_equal_distances_to_equal_ratios() -> None:
    rows = [
        spectrogram_db(tone(hz), RATE, n_rows=100, n_columns=4, scale="log")[:, 2].argmax() for hz in (500, 1000, 2000)
    ]
    assert rows[0] - rows[1] == pytest.approx(rows[1] - rows[2], abs=1)


def test_a_click_is_not_lost_between_two_columns() -> None:
    sound = np.zeros(60 * RATE)
    sound[7 * RATE + 77] = 1.0
    levels = spectrogram_db(sound, RATE, n_rows=10, n_columns=60)
    assert levels.max(axis=0).argmax() == 7
    assert (levels[:, :6] == FLOOR_DB).all()


def test_channels_are_averaged_and_silence_is_the_floor() -> None:
    left_only = np.stack([tone(1000), np.zeros(RATE)], axis=1)
    assert spectrogram_db(left_only, RATE, n_rows=80, n_columns=4).max() == pytest.approx(-3.01, abs=0.1)
    assert (spectrogram_db(np.zeros(RATE), RATE, n_rows=8, n_columns=4) == FLOOR_DB).all()


def test_the_outline_holds_every_extreme() -> None:
    sound = rng.uniform(-1, 1, (1000, 2))
    low, high = waveform_outline(sound, n_columns=7)
    assert (low.min(), high.max()) == (sound.min(), sound.max())
    assert (low <= high).all()


@settings(max_examples=15, deadline=None)
@given(n=st.integers(1, 3000), rate=st.sampled_from([8000, 44_100, 192_000]), kind=st.sampled_from(list(KINDS)))
def test_a_sound_of_any_length_has_a_picture_of_its_kinds_size(n: int, rate: int, kind: str) -> None:
    image = Image.open(io.BytesIO(draw_sound(rng.normal(0, 2, n), rate, KINDS[kind])))
    assert image.size == (KINDS[kind].n_columns, KINDS[kind].wave_rows + KINDS[kind].spectrum_rows)


def test_a_picture_follows_from_the_sound_alone_and_lets_the_page_shine_through() -> None:
    sound, kind = tone(300, amplitude=0.2), KINDS["small"]
    assert draw_sound(sound, RATE, kind) == draw_sound(sound, RATE, kind)
    image = Image.open(io.BytesIO(draw_sound(sound, RATE, kind)))
    assert image.mode == "P" and image.info["transparency"] == NOTHING
    places = np.asarray(image)
    assert (places[0] == NOTHING).all() and not (places[kind.wave_rows :] >= NOTHING).any()
    assert set(image.info) == {"transparency"}


def test_the_scale_beside_it_runs_from_black_to_pale() -> None:
    colours = level_colours()
    assert (colours[0], colours[-1]) == ((0.0, "#000004"), (1.0, "#fcfdbf"))


def test_a_copy_is_read_back_bit_for_bit_and_nothing_else_is() -> None:
    sound = np.round(rng.uniform(-1, 0.99, (50, 2)) * 32768) / 32768
    samples, rate = decode_pcm16(encode_pcm16(sound, 8000))
    assert rate == 8000 and (samples == sound).all()
    for bad in (b"", b"RIFF" + bytes(60), encode_pcm16(sound, 8000)[:-2]):
        with pytest.raises(AudioError):
            decode_pcm16(bad)
