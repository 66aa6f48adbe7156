"""The child process that decodes untrusted audio files. Run as a script; it must import neither Django nor NumPy.

It reads one path per line (JSON) from standard input and answers on standard output in frames: one byte of kind, four
bytes of length (little endian), the payload. F: facts (JSON), B: a block of interleaved little-endian float32 samples,
D: done (JSON with the count), R: refused (JSON with reason and detail). It never trusts the header of a file: samples
are counted as they are decoded.
"""

import json
import os
import resource
import struct
import sys
from typing import BinaryIO

import soundfile

MIN_RATE_HZ, MAX_RATE_HZ = 8_000, 192_000
MAX_CHANNELS = 2
MAX_DURATION_S = 60
CPU_S_PER_FILE = 20
ADDRESS_SPACE_BYTES = 1 << 30
BLOCK_FRAMES = 16_384
MP3_SLACK_FRAMES = 1152  # one block: an MP3's header may count padding that the decoder cuts off

# WAVEX is what WAV files with the "extensible" header report; it is a WAV all the same.
CONTAINERS = {"WAV": "WAV", "WAVEX": "WAV", "FLAC": "FLAC", "OGG": "OGG", "MP3": "MP3", "MPEG": "MP3"}
SUBTYPES = {
    "WAV": {"PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"},
    "FLAC": {"PCM_16", "PCM_24"},
    "OGG": {"VORBIS", "OPUS"},
    "MP3": {"MPEG_LAYER_III"},
}


class Refused(Exception):
    """The file cannot be used. args: reason (a studyapp.vocab.Rejection value), detail."""


class StraightOn(soundfile.SoundFile):
    """A file that is read from start to end. soundfile would seek after each block, which loses MP3 samples."""

    def seekable(self) -> bool:
        return False


def send(kind: bytes, payload: bytes | memoryview) -> None:
    out = sys.stdout.buffer
    out.write(kind + struct.pack("<I", len(payload)))
    out.write(payload)
    out.flush()


def send_json(kind: bytes, value: dict[str, object]) -> None:
    send(kind, json.dumps(value).encode())


def limit_cpu() -> None:
    """Give the next file its own CPU time: the limit counts over the life of the process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = int(usage.ru_utime + usage.ru_stime) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (used + CPU_S_PER_FILE, resource.RLIM_INFINITY))


def limit_everything() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_BYTES, ADDRESS_SPACE_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def check_facts(sound: soundfile.SoundFile) -> tuple[str, str]:
    container = CONTAINERS.get(sound.format, "")
    if sound.subtype not in SUBTYPES.get(container, set()):
        raise Refused(
            "unsupported_format",
            f"{sound.format} with {sound.subtype} samples; only "
            "WAV or FLAC (16- or 24-bit, WAV also float), OGG and MP3 are read",
        )
    if not MIN_RATE_HZ <= sound.samplerate <= MAX_RATE_HZ:
        raise Refused(
            "bad_sample_rate",
            f"the sampling rate is {sound.samplerate} Hz; it must be {MIN_RATE_HZ} to {MAX_RATE_HZ} Hz",
        )
    if not 1 <= sound.channels <= MAX_CHANNELS:
        raise Refused("bad_channels", f"{sound.channels} channels; mono and stereo are read")
    return container, sound.subtype


def check_wav_is_whole(file: BinaryIO) -> None:
    """Refuse a WAV whose data chunk says more bytes than the file has: libsndfile would take what is there."""
    size = file.seek(0, os.SEEK_END)
    position = 12
    for _ in range(1000):
        file.seek(position)
        head = file.read(8)
        if len(head) < 8:
            return
        name, length = head[:4], int.from_bytes(head[4:], "little")
        if name == b"data":
            # 0xFFFFFFFF is what programs write that send a WAV into a pipe: the length is not known.
            if length != 0xFFFFFFFF and position + 8 + length > size:
                raise Refused(
                    "unreadable",
                    f"cut short: the header says {length} bytes of sound, the file has {size - position - 8}",
                )
            return
        position += 8 + length + length % 2


def check_ogg_is_whole(file: BinaryIO) -> None:
    """Refuse an Ogg file whose last page does not end the stream: it was cut short."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 70_000))  # a page has at most 65,307 bytes
    tail = file.read()
    page = tail[tail.rfind(b"OggS") :]
    # A page: 26 bytes, the count of its segments, one byte of length for each, the segments.
    is_whole = len(page) > 27 and len(page) >= 27 + page[26] + sum(page[27 : 27 + page[26]])
    if not is_whole or not page[5] & 0x04:
        raise Refused("unreadable", "cut short: the last Ogg page is not whole, or not marked as the end of the stream")


def send_blocks(sound: soundfile.SoundFile) -> int:
    limit = sound.samplerate * MAX_DURATION_S
    frame_bytes = 4 * sound.channels
    block = memoryview(bytearray(BLOCK_FRAMES * frame_bytes))
    count = 0
    while True:
        # Into a buffer of ours: buffer_read would ask for as many samples as the header promises.
        n_frames = sound.buffer_read_into(block, dtype="float32")
        if n_frames == 0:
            return count
        count += n_frames
        if count > limit:
            raise Refused("too_long", f"longer than {MAX_DURATION_S} s")
        send(b"B", block[: n_frames * frame_bytes])


def check_count(container: str, declared: int, decoded: int) -> None:
    if decoded == 0:
        raise Refused("empty", "the file holds no samples")
    slack = MP3_SLACK_FRAMES if container == "MP3" else 0
    if abs(declared - decoded) > slack:
        raise Refused("unreadable", f"damaged: the header says {declared} samples, {decoded} could be decoded")


def decode(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        # By descriptor: with a path, soundfile would guess from the name too.
        with StraightOn(descriptor, closefd=False) as sound:
            container, subtype = check_facts(sound)
            send_json(
                b"F",
                {
                    "container": container,
                    "subtype": subtype,
                    "sample_rate_hz": sound.samplerate,
                    "n_channels": sound.channels,
                },
            )
            declared = sound.frames
            count = send_blocks(sound)
        if container == "WAV":
            check_wav_is_whole(file)
        elif container == "OGG":
            check_ogg_is_whole(file)
        check_count(container, declared, count)
    send_json(b"D", {"n_samples": count})


def main() -> None:
    limit_everything()
    send_json(b"D", {})  # ready
    for line in sys.stdin.buffer:
        limit_cpu()
        try:
            decode(json.loads(line))
        except Refused as refusal:
            send_json(b"R", {"reason": refusal.args[0], "detail": refusal.args[1]})
        except soundfile.SoundFileError as error:
            detail = getattr(error, "error_string", error)  # without the number of the open file
            send_json(b"R", {"reason": "unreadable", "detail": f"no readable audio: {detail}"})
        except (OSError, ValueError, TypeError, OverflowError, MemoryError) as error:
            send_json(b"R", {"reason": "unreadable", "detail": f"{type(error).__name__}: {error}"})


if __name__ == "__main__":
    main()
