"""Write 16-bit PCM WAV files that hold nothing but the sound."""

import struct

import numpy as np
from numpy.typing import NDArray

from studyapp.errors import AudioError
from studyapp.vocab import Rejection


def encode_pcm16(samples: NDArray[np.floating], sample_rate_hz: int) -> bytes:
    """Return a RIFF file with only `fmt ` and `data` chunks: equal sounds give equal bytes, no metadata survives.

    samples: (n_samples,) or (n_samples, n_channels) in [-1, 1]; what lies beyond is clipped. A sample x becomes
        round(32768 x), so that samples decoded from 16-bit PCM come back bit for bit. No dither is added.

    Raises
    ------
    AudioError
        non_finite for NaN or infinity, empty for no samples.

    Examples
    --------
    >>> encode_pcm16(np.array([0.0, 0.5, -1.0]), 8000)[-6:].hex()
    '000000400080'
    """
    frames = samples[:, np.newaxis] if samples.ndim == 1 else samples
    if frames.size == 0:
        raise AudioError(Rejection.EMPTY, "there are no samples to write")
    if not np.isfinite(frames).all():
        raise AudioError(Rejection.NON_FINITE, "the samples hold NaN or infinity")
    data = np.clip(np.rint(frames.astype(np.float64) * 32768.0), -32768, 32767).astype("<i2").tobytes()
    n_channels = frames.shape[1]
    block_bytes = 2 * n_channels
    fmt = struct.pack("<HHIIHH", 1, n_channels, sample_rate_hz, sample_rate_hz * block_bytes, block_bytes, 16)
    head = b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVE"
    return head + b"fmt " + struct.pack("<I", len(fmt)) + fmt + b"data" + struct.pack("<I", len(data)) + data


def decode_pcm16(content: bytes) -> tuple[NDArray[np.float32], int]:
    """Return the samples (n_samples, n_channels) and the rate of a file that `encode_pcm16` wrote; no other is read.

    Raises
    ------
    AudioError
        unreadable where the bytes are not such a file, whole.

    Examples
    --------
    >>> samples, rate = decode_pcm16(encode_pcm16(np.array([0.0, 0.5, -1.0]), 8000))
    >>> samples.ravel().tolist(), rate
    ([0.0, 0.5, -1.0], 8000)
    """
    if len(content) < 44 or content[:4] != b"RIFF" or content[8:16] != b"WAVEfmt " or content[36:40] != b"data":
        raise AudioError(Rejection.UNREADABLE, "not a copy that the program wrote")
    _, n_channels, sample_rate_hz = struct.unpack("<HHI", content[20:28])
    (n_bytes,) = struct.unpack("<I", content[40:44])
    if n_bytes != len(content) - 44:
        raise AudioError(Rejection.UNREADABLE, "the copy is cut short")
    samples = np.frombuffer(content, dtype="<i2", offset=44).astype(np.float32) / 32768.0
    return samples.reshape(-1, n_channels), sample_rate_hz
