"""What a sound looks like, in numbers: levels over time and frequency, and the outline of its waveform."""

from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Scale = Literal["linear", "log"]
WINDOW_S = 0.04
LOWEST_LOG_HZ = 50.0
FLOOR_DB = -110.0
TOP_DB = -20.0


def spectrogram_db(
    samples: NDArray[np.floating],
    sample_rate_hz: int,
    *,
    n_rows: int,
    n_columns: int,
    scale: Scale = "linear",
    top_hz: float | None = None,
) -> NDArray[np.float64]:
    """Return levels (n_rows, n_columns) in dB; row 0 is the highest frequency, column 0 the beginning.

    samples: (n_samples,) or (n_samples, n_channels) with full scale 1; the powers of the channels are averaged.
    scale: rows are equally wide in Hz from 0 to top_hz, or in octaves from 50 Hz on.
    top_hz: None for half the sampling rate.

    A sine of full scale has 0 dB, digital silence FLOOR_DB; nothing is lower than that.

    Notes
    -----
    Hann windows of the power of two next to 40 ms, half overlapping or closer. A picture element holds the largest
    power of the frames and bins that it covers, so that a click or a thin tone is never lost between two of them.

    Examples
    --------
    >>> tone = np.sin(2 * np.pi * 1000 * np.arange(8000) / 8000)
    >>> levels = spectrogram_db(tone, 8000, n_rows=8, n_columns=4)
    >>> levels.shape, int(levels[:, 2].argmax()), round(float(levels.max()), 1)
    ((8, 4), 5, 0.0)
    """
    frames = samples[:, np.newaxis] if samples.ndim == 1 else samples
    n_fft = 2 ** int(np.clip(np.round(np.log2(WINDOW_S * sample_rate_hz)), 7, 14))
    powers = _powers(frames.astype(np.float64), n_fft, n_columns)  # (n_fft // 2 + 1, n_columns)
    edges = _edges_hz(n_rows, top_hz or sample_rate_hz / 2, scale) * n_fft / sample_rate_hz  # in bins, rising
    rows = np.empty((n_rows, powers.shape[1]))
    for row, (low, high) in enumerate(pairwise(edges)):
        first = min(int(low), len(powers) - 1)
        rows[n_rows - 1 - row] = powers[first : max(first + 1, int(np.ceil(high)))].max(axis=0)
    levels: NDArray[np.float64] = 10 * np.log10(np.maximum(rows, 10 ** (FLOOR_DB / 10)))
    return levels


def waveform_outline(samples: NDArray[np.floating], *, n_columns: int) -> NDArray[np.float64]:
    """Return the lowest and the highest sample (2, n_columns) of each column's time, over all channels."""
    frames = samples[:, np.newaxis] if samples.ndim == 1 else samples
    starts, stops = _columns(len(frames), n_columns)
    low, high = frames.min(axis=1), frames.max(axis=1)
    return np.array(
        [
            [low[a:b].min() for a, b in zip(starts, stops, strict=True)],
            [high[a:b].max() for a, b in zip(starts, stops, strict=True)],
        ],
        dtype=np.float64,
    )


def _columns(n: int, n_columns: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Divide n things among the columns, each at least one: where there are fewer, neighbours share."""
    edges = np.linspace(0, n, n_columns + 1)
    starts = np.minimum(edges[:-1].astype(np.int64), n - 1)
    return starts, np.maximum(starts + 1, np.ceil(edges[1:]).astype(np.int64))


def _edges_hz(n_rows: int, top: float, scale: Scale) -> NDArray[np.float64]:
    if scale == "log":
        return np.geomspace(LOWEST_LOG_HZ, top, n_rows + 1)
    return np.linspace(0.0, top, n_rows + 1)


def _powers(frames: NDArray[np.float64], n_fft: int, n_columns: int) -> NDArray[np.float64]:
    """Return the largest power of each bin in each column's time, (n_fft // 2 + 1, n_columns)."""
    n_samples = len(frames)
    hop = max(1, min(n_fft // 2, round(n_samples / n_columns)))
    padded = np.pad(frames, ((n_fft // 2, n_fft // 2 + hop), (0, 0)))
    window = np.hanning(n_fft + 1)[:-1]
    n_frames = max(1, -(-n_samples // hop))
    powers = np.empty((n_fft // 2 + 1, n_frames))
    for start in range(0, n_frames, 256):  # a block at a time: a minute at 192 kHz would fill gigabytes
        at = np.arange(start, min(start + 256, n_frames))
        blocks = padded[at[:, np.newaxis] * hop + np.arange(n_fft)]  # (n_at, n_fft, n_channels)
        spectra = np.fft.rfft(blocks * window[:, np.newaxis], axis=1)
        powers[:, at] = np.square(np.abs(spectra)).mean(axis=2).T
    powers *= (2 / window.sum()) ** 2
    starts, stops = _columns(n_frames, n_columns)
    return np.stack([powers[:, a:b].max(axis=1) for a, b in zip(starts, stops, strict=True)], axis=1)
