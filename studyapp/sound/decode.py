"""Read an audio file that nobody vouches for, in a child process with limits."""

import json
import os
import select
import stat
import struct
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from studyapp.errors import AudioError
from studyapp.vocab import Rejection

CHILD = Path(__file__).with_name("decode_child.py")
MAX_FILE_BYTES = 192 * 1024 * 1024  # 60 s of stereo at 192 kHz in 64-bit floats is 176 MiB
MAX_DECODED_BYTES = 60 * 192_000 * 2 * 4 + 16_384 * 2 * 4
START_TIMEOUT_S = 60.0
FILE_TIMEOUT_S = 30.0


@dataclass(frozen=True, kw_only=True)
class DecodedAudio:
    """A decoded sound.

    samples: (n_samples, n_channels) float32; integer formats scaled so that full scale is 1, floats as stored (they may
        lie beyond 1, or be NaN: `studyapp.sound.audit.measure` judges that).
    sample_rate_hz: 8,000 to 192,000.
    container: WAV, FLAC, OGG or MP3.
    subtype: PCM_U8, PCM_16, PCM_24, PCM_32, FLOAT, DOUBLE, VORBIS, OPUS or MPEG_LAYER_III.
    """

    samples: NDArray[np.float32]
    sample_rate_hz: int
    container: str
    subtype: str


class ChildGone(Exception):
    """The child process died or did not answer in time."""


class Decoder:
    """Decodes files one after the other in one child process; use it as a context manager, in one thread.

    The child has no secrets in its environment, 1 GiB of address space, 20 s of CPU time for each file, and cannot
    write files. When it crashes, hangs or meets a limit, the file is refused and the next file gets a new child.

    Examples
    --------
    >>> with Decoder() as decoder:
    ...     decoder.decode("/nowhere.wav")
    Traceback (most recent call last):
    studyapp.errors.AudioError: there is no such file
    """

    def __init__(self, *, file_timeout_s: float = FILE_TIMEOUT_S) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._file_timeout_s = file_timeout_s

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the child process, if there is one."""
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                # A request that the dead child never read cannot be flushed any more.
                try:
                    stream.close()
                except BrokenPipeError:
                    continue
        child.wait()

    def decode(self, path: str | os.PathLike[str]) -> DecodedAudio:
        """Return the samples of the file and what its format is.

        Raises
        ------
        AudioError
            With the reason (a `Rejection`): missing, too_large, unreadable (damaged, cut short, crashes the decoder),
            unsupported_format, bad_sample_rate, bad_channels, too_long (over 60 s), empty.
        """
        _check_file(path)
        try:
            child = self._running_child()
            return self._exchange(child, str(Path(path).absolute()))
        except ChildGone as gone:
            self.close()
            raise AudioError(Rejection.UNREADABLE, f"the decoder gave up on this file ({gone})") from None

    def _running_child(self) -> "subprocess.Popen[bytes]":
        if self._child is None or self._child.poll() is not None:
            self.close()
            self._child = subprocess.Popen(  # noqa: S603 (our own interpreter and script)
                [sys.executable, "-I", str(CHILD)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={"LC_ALL": "C.UTF-8"},
                bufsize=0,
            )
            _Frames(self._child, time.monotonic() + START_TIMEOUT_S).read()
        return self._child

    def _exchange(self, child: "subprocess.Popen[bytes]", path: str) -> DecodedAudio:
        stdin = child.stdin
        if stdin is None:
            raise ChildGone("no pipe to it")
        try:
            stdin.write(json.dumps(path).encode() + b"\n")
        except BrokenPipeError:
            raise ChildGone("it ended") from None
        frames = _Frames(child, time.monotonic() + self._file_timeout_s)
        facts: dict[str, Any] = {}
        blocks = bytearray()
        while True:
            kind, payload = frames.read()
            if kind == b"B":
                blocks += payload
                if len(blocks) > MAX_DECODED_BYTES:
                    raise ChildGone("it sent more than a minute of sound")
            elif kind == b"F":
                facts = json.loads(payload)
            elif kind == b"R":
                refusal = json.loads(payload)
                raise AudioError(Rejection(refusal["reason"]), refusal["detail"])
            else:
                return _audio(facts, blocks)


class _Frames:
    """Reads the child's frames, never waiting past the deadline (monotonic seconds)."""

    def __init__(self, child: "subprocess.Popen[bytes]", deadline: float) -> None:
        self._child = child
        self._deadline = deadline

    def read(self) -> tuple[bytes, bytearray]:
        head = self._exactly(5)
        (length,) = struct.unpack("<I", head[1:])
        if length > MAX_DECODED_BYTES:
            raise ChildGone("it answered nonsense")
        return bytes(head[:1]), self._exactly(length)

    def _exactly(self, n_bytes: int) -> bytearray:
        stdout = self._child.stdout
        if stdout is None:
            raise ChildGone("no pipe from it")
        buffer = bytearray(n_bytes)
        view = memoryview(buffer)
        done = 0
        while done < n_bytes:
            left = self._deadline - time.monotonic()
            if left <= 0 or not select.select([stdout], [], [], left)[0]:
                raise ChildGone("it took too long")
            got = os.readv(stdout.fileno(), [view[done:]])
            if got == 0:
                raise ChildGone(_how_it_ended(self._child))
            done += got
        return buffer


def _how_it_ended(child: "subprocess.Popen[bytes]") -> str:
    try:
        code = child.wait(timeout=5)
    except subprocess.TimeoutExpired:
        return "it closed its output"
    return f"ended by signal {-code}" if code < 0 else f"ended with code {code}"


def _check_file(path: str | os.PathLike[str]) -> None:
    try:
        status = Path(path).stat()
    except (FileNotFoundError, NotADirectoryError):
        raise AudioError(Rejection.MISSING, "there is no such file") from None
    except (OSError, ValueError) as error:
        raise AudioError(Rejection.UNREADABLE, f"cannot be opened: {error}") from None
    if not stat.S_ISREG(status.st_mode):
        raise AudioError(Rejection.UNREADABLE, "not a regular file")
    if status.st_size == 0:
        raise AudioError(Rejection.EMPTY, "the file has no bytes")
    if status.st_size > MAX_FILE_BYTES:
        raise AudioError(Rejection.TOO_LARGE, f"{status.st_size} bytes; at most {MAX_FILE_BYTES} are read")


def _audio(facts: dict[str, Any], blocks: bytearray) -> DecodedAudio:
    samples = np.frombuffer(blocks, dtype="<f4").astype(np.float32, copy=False)
    return DecodedAudio(
        samples=samples.reshape(-1, int(facts["n_channels"])),
        sample_rate_hz=int(facts["sample_rate_hz"]),
        container=str(facts["container"]),
        subtype=str(facts["subtype"]),
    )
