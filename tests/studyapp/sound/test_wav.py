import io
import wave

import numpy as np
import pytest

from studyapp.errors import AudioError
from studyapp.sound.wav import encode_pcm16
from studyapp.vocab import Rejection

pytestmark = pytest.mark.once


def test_writes_only_a_fmt_and_a_data_chunk() -> None:
    content = encode_pcm16(np.zeros((10, 2)), 44_100)
    assert content[:4] + content[8:16] == b"RIFFWAVEfmt "
    assert content[36:40] == b"data"
    assert len(content) == 44 + 40
    assert int.from_bytes(content[4:8], "little") == len(content) - 8


def test_the_standard_library_reads_it_back() -> None:
    samples = np.column_stack([np.linspace(-1, 0.9, 100), np.linspace(0.9, -1, 100)])
    with wave.open(io.BytesIO(encode_pcm16(samples, 22_050))) as file:
        assert (file.getnchannels(), file.getframerate(), file.getsampwidth(), file.getnframes()) == (2, 22_050, 2, 100)
        read = np.frombuffer(file.readframes(100), "<i2").reshape(-1, 2)
    assert np.abs(read / 32768 - samples).max() <= 0.5 / 32768


def test_clips_what_lies_beyond_full_scale() -> None:
    data = np.frombuffer(encode_pcm16(np.array([1.0, 2.0, -1.0, -2.0]), 8000)[44:], "<i2")
    assert data.tolist() == [32767, 32767, -32768, -32768]


@pytest.mark.parametrize(
    ("samples", "reason"), [(np.array([0.0, np.nan]), Rejection.NON_FINITE), (np.zeros((0, 1)), Rejection.EMPTY)]
)
def test_refuses_what_cannot_be_written(samples: np.ndarray, reason: Rejection) -> None:
    with pytest.raises(AudioError) as caught:
        encode_pcm16(samples, 8000)
    assert caught.value.reason == reason
