import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from studyapp.errors import AudioError
from studyapp.sound.decode import Decoder
from studyapp.sound.presentation import make_copy
from studyapp.sound.wav import encode_pcm16
from studyapp.vocab import Rejection

pytestmark = pytest.mark.once
NOISE = np.random.default_rng(1).uniform(-0.5, 0.5, size=(24_000, 1))


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    with Decoder() as opened:
        yield opened


def write(path: Path, samples: np.ndarray = NOISE, rate: int = 24_000, **kind: str) -> Path:
    soundfile.write(path, samples, rate, **kind)
    return path


def refusal(decoder: Decoder, path: Path) -> str:
    with pytest.raises(AudioError) as caught:
        decoder.decode(path)
    return caught.value.reason


def wav(data: bytes, *, rate: int = 8000, channels: int = 1, declared: int | None = None) -> bytes:
    size = len(data) if declared is None else declared
    fmt = struct.pack("<HHIIHH", 1, channels, rate, (rate * 2 * channels) & 0xFFFFFFFF, 2 * channels, 16)
    head = b"RIFF" + struct.pack("<I", (36 + size) & 0xFFFFFFFF) + b"WAVEfmt " + struct.pack("<I", 16) + fmt
    return head + b"data" + struct.pack("<I", size) + data


@pytest.mark.parametrize(
    ("container", "subtype"),
    [
        ("WAV", "PCM_U8"),
        ("WAV", "PCM_16"),
        ("WAV", "PCM_24"),
        ("WAV", "PCM_32"),
        ("WAV", "FLOAT"),
        ("WAV", "DOUBLE"),
        ("FLAC", "PCM_16"),
        ("FLAC", "PCM_24"),
    ],
)
def test_lossless_formats_come_back(tmp_path: Path, decoder: Decoder, container: str, subtype: str) -> None:
    audio = decoder.decode(write(tmp_path / "clip", format=container, subtype=subtype))
    assert (audio.container, audio.subtype, audio.sample_rate_hz) == (container, subtype, 24_000)
    assert audio.samples.shape == (24_000, 1)
    assert audio.samples.dtype == np.float32
    step = 1 / 128 if subtype == "PCM_U8" else 1 / 32768
    assert np.abs(audio.samples - NOISE).max() <= step


@pytest.mark.parametrize(("container", "subtype"), [("OGG", "VORBIS"), ("OGG", "OPUS"), ("MP3", "MPEG_LAYER_III")])
def test_lossy_formats_come_back(tmp_path: Path, decoder: Decoder, container: str, subtype: str) -> None:
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(72_000) / 24_000)
    path = write(tmp_path / "clip", tone, format=container, subtype=subtype)
    audio = decoder.decode(path)
    assert (audio.container, audio.subtype) == (container, subtype)
    # Read in blocks, but as if in one go: soundfile's own reading in blocks loses samples of an MP3.
    whole, _ = soundfile.read(path, dtype="float32", always_2d=True)
    np.testing.assert_allclose(audio.samples, whole, atol=1e-6)
    assert np.std(audio.samples) == pytest.approx(0.5 / np.sqrt(2), rel=0.01)


def test_extensible_wav_is_wav(tmp_path: Path, decoder: Decoder) -> None:
    assert decoder.decode(write(tmp_path / "clip", format="WAVEX", subtype="PCM_24")).container == "WAV"


def test_stereo_keeps_its_channels_apart(tmp_path: Path, decoder: Decoder) -> None:
    stereo = np.column_stack([NOISE[:, 0], -NOISE[:, 0] / 2])
    samples = decoder.decode(write(tmp_path / "clip.wav", stereo, subtype="FLOAT")).samples
    np.testing.assert_array_equal(samples, stereo.astype(np.float32))


def test_16_bit_samples_survive_bit_for_bit(tmp_path: Path, decoder: Decoder) -> None:
    values = np.arange(-32768, 32768, dtype=np.int16)
    path = write(tmp_path / "clip.wav", values, subtype="PCM_16")
    audio = decoder.decode(path)
    assert encode_pcm16(audio.samples, audio.sample_rate_hz)[44:] == values.tobytes()


def test_one_child_reads_many_files_and_lives_on_after_a_refusal(tmp_path: Path, decoder: Decoder) -> None:
    good = write(tmp_path / "good.wav")
    (tmp_path / "bad.wav").write_bytes(b"<html>no sound</html>")
    decoder.decode(good)
    child = decoder._child
    assert refusal(decoder, tmp_path / "bad.wav") == Rejection.UNREADABLE
    decoder.decode(good)
    assert decoder._child is child


HOSTILE = {
    "html": b"<html><script>canary()</script></html>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="canary()"/>',
    "javascript": b"canary()/*",
    "gif": b"GIF89a/*canary()*/=1;",
    "pdf": b"%PDF-1.7 canary()",
    "zip": b"PK\x03\x04canary()",
    "php": b"<?php canary() ?>",
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("place", ["alone", "before", "in a chunk", "as samples", "after"])
def test_nothing_that_a_browser_would_run_survives_in_a_wav(
    tmp_path: Path, decoder: Decoder, name: str, place: str
) -> None:
    """A file that is a page, picture or script beside a sound: it is refused, or what is served is only the sound."""
    payload = HOSTILE[name] + b" " * (len(HOSTILE[name]) % 2)
    sound = wav(b"\x01\x02" * 8000)
    if place == "in a chunk":
        chunk = b"LIST" + len(payload).to_bytes(4, "little") + payload
        content = sound[:4] + (len(sound) - 8 + len(chunk)).to_bytes(4, "little") + sound[8:12] + chunk + sound[12:]
    else:
        samples = (payload * 1000)[:16_000]
        content = {
            "alone": payload, "before": payload + sound, "as samples": wav(samples), "after": sound + payload
        }[place]  # fmt: skip
    path = tmp_path / "clip.wav"
    path.write_bytes(content)
    if place in ("alone", "before"):
        assert refusal(decoder, path) == Rejection.UNREADABLE
        return
    try:
        audio = decoder.decode(path)
    except AudioError as error:
        assert (place, error.reason) == ("after", Rejection.UNREADABLE)
        return
    served = make_copy(audio.samples, audio.sample_rate_hz, target_rate_hz=audio.sample_rate_hz, n_channels=1)
    assert served[:4] + served[8:16] + served[36:40] == b"RIFFWAVEfmt data"  # a plain header, and nothing beside it
    assert len(served) == 44 + 2 * len(audio.samples)
    assert (b"canary" in served) == (place == "as samples")  # samples are data, behind a header that no page has


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3"])
@pytest.mark.parametrize("share", [0.3, 0.66, 0.9])
def test_refuses_a_file_that_was_cut_short(tmp_path: Path, decoder: Decoder, suffix: str, share: float) -> None:
    path = write(tmp_path / f"clip.{suffix}")
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    assert refusal(decoder, path) == Rejection.UNREADABLE


def test_reads_a_wav_of_unknown_length_from_a_pipe(tmp_path: Path, decoder: Decoder) -> None:
    path = tmp_path / "clip.wav"
    path.write_bytes(wav(b"\x01\x02" * 8000, declared=0xFFFFFFFF))
    assert len(decoder.decode(path).samples) == 8000


@pytest.mark.parametrize("rate", [0, 1, 7999, 192_001, 2**31 - 1])
def test_refuses_an_odd_sampling_rate(tmp_path: Path, decoder: Decoder, rate: int) -> None:
    path = tmp_path / "clip.wav"
    path.write_bytes(wav(b"\x01\x02" * 8000, rate=rate))
    assert refusal(decoder, path) in (Rejection.BAD_SAMPLE_RATE, Rejection.UNREADABLE)


@pytest.mark.parametrize("channels", [3, 6, 1024])
def test_refuses_more_than_two_channels(tmp_path: Path, decoder: Decoder, channels: int) -> None:
    path = tmp_path / "clip.wav"
    path.write_bytes(wav(b"\x01\x02" * channels * 100, channels=channels))
    assert refusal(decoder, path) == Rejection.BAD_CHANNELS


@pytest.mark.parametrize(
    ("container", "subtype"),
    [
        ("AIFF", "PCM_16"),
        ("AU", "PCM_16"),
        ("CAF", "PCM_16"),
        ("W64", "PCM_16"),
        ("RF64", "PCM_16"),
        ("MAT5", "PCM_16"),
        ("WAV", "IMA_ADPCM"),
        ("WAV", "MS_ADPCM"),
        ("WAV", "GSM610"),
        ("WAV", "ULAW"),
    ],
)
def test_refuses_formats_off_the_list(tmp_path: Path, decoder: Decoder, container: str, subtype: str) -> None:
    path = write(tmp_path / "clip.wav", format=container, subtype=subtype)
    assert refusal(decoder, path) == Rejection.UNSUPPORTED_FORMAT


def test_refuses_no_bytes_no_samples_no_file_and_no_folder(tmp_path: Path, decoder: Decoder) -> None:
    (tmp_path / "nothing.wav").write_bytes(b"")
    (tmp_path / "header.wav").write_bytes(wav(b""))
    os.mkfifo(tmp_path / "pipe.wav")
    assert refusal(decoder, tmp_path / "nothing.wav") == Rejection.EMPTY
    assert refusal(decoder, tmp_path / "header.wav") == Rejection.EMPTY
    assert refusal(decoder, tmp_path / "absent.wav") == Rejection.MISSING
    assert refusal(decoder, tmp_path) == Rejection.UNREADABLE
    assert refusal(decoder, tmp_path / "pipe.wav") == Rejection.UNREADABLE


def test_refuses_more_than_a_minute(tmp_path: Path, decoder: Decoder) -> None:
    just = write(tmp_path / "just.wav", np.full(60 * 8000, 0.1), 8000)
    over = write(tmp_path / "over.wav", np.full(60 * 8000 + 1, 0.1), 8000)
    assert len(decoder.decode(just).samples) == 60 * 8000
    assert refusal(decoder, over) == Rejection.TOO_LONG


def test_stops_a_silence_bomb_at_once(tmp_path: Path, decoder: Decoder) -> None:
    path = tmp_path / "bomb.flac"
    with soundfile.SoundFile(path, "w", samplerate=44_100, channels=1, subtype="PCM_16") as file:
        for _ in range(1200):
            file.write(np.zeros(44_100, dtype=np.int16))
    assert path.stat().st_size < 200_000
    assert refusal(decoder, path) == Rejection.TOO_LONG


def test_refuses_a_flac_header_that_claims_68_billion_samples(tmp_path: Path, decoder: Decoder) -> None:
    path = write(tmp_path / "clip.flac")
    content = bytearray(path.read_bytes())
    content[21] |= 0x0F  # the four highest of the 36 bits that count samples
    content[22:26] = b"\xff\xff\xff\xff"
    path.write_bytes(content)
    assert refusal(decoder, path) == Rejection.UNREADABLE
    path.write_bytes(content[:132])
    assert refusal(decoder, path) in (Rejection.UNREADABLE, Rejection.EMPTY)


def test_mutated_files_are_read_or_refused_and_never_end_the_program(tmp_path: Path, decoder: Decoder) -> None:
    rng = np.random.default_rng(7)
    path = tmp_path / "mutant"
    for suffix in ("wav", "flac", "ogg", "mp3"):
        original = write(tmp_path / f"seed.{suffix}", NOISE[:4000]).read_bytes()
        for _ in range(150):
            mutant = bytearray(original)
            for place in rng.integers(0, min(len(mutant), 400), size=rng.integers(1, 8)):
                mutant[place] = rng.integers(256)
            path.write_bytes(mutant)
            try:
                samples = decoder.decode(path).samples
            except AudioError:
                continue
            assert 0 < len(samples) <= 60 * 192_000


def test_a_hanging_child_is_ended_and_the_next_file_read(tmp_path: Path) -> None:
    path = write(tmp_path / "clip.wav", np.full(1_000_000, 0.1), 48_000)
    with Decoder(file_timeout_s=0.0) as decoder:
        assert refusal(decoder, path) == Rejection.UNREADABLE
        assert decoder._child is None
        decoder._file_timeout_s = 30.0
        assert len(decoder.decode(path).samples) == 1_000_000


def test_a_dead_child_is_replaced(tmp_path: Path) -> None:
    path = write(tmp_path / "clip.wav")
    with Decoder() as decoder:
        decoder.decode(path)
        assert decoder._child is not None
        decoder._child.kill()
        decoder._child.wait()
        assert len(decoder.decode(path).samples) == 24_000


def test_the_child_knows_neither_django_nor_secrets() -> None:
    code = (
        "import sys, runpy; sys.stdin = open('/dev/null'); "
        "runpy.run_path('studyapp/sound/decode_child.py'); "
        "sys.exit(any(name.split('.')[0] in ('django', 'studyapp') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
    with Decoder() as decoder:
        child = decoder._running_child()
        environment = Path(f"/proc/{child.pid}/environ")
        if environment.exists():
            assert environment.read_bytes().split(b"\0")[0] == b"LC_ALL=C.UTF-8"
            assert b"SECRET" not in environment.read_bytes()
