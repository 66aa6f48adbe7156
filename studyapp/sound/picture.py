"""Draw a sound as a PNG: its waveform above its spectrogram. Readable on a light page and on a dark one."""

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studyapp.sound.spectrogram import FLOOR_DB, TOP_DB, Scale, spectrogram_db, waveform_outline

RECIPE_VERSION = 1  # raise it with every change of what a picture looks like: stored ones are found by it
WAVE_COLOUR = (26, 143, 143)  # at least 3 : 1 on white and on the dark page
# Nine colours of the map "magma" (N. Smith, S. van der Walt, CC0): its lightness rises evenly.
MAGMA = np.array(
    [
        (0, 0, 4), (28, 16, 68), (79, 18, 123), (129, 37, 129), (181, 54, 122),
        (229, 80, 100), (251, 135, 97), (254, 194, 135), (252, 253, 191),
    ]
)  # fmt: skip
N_LEVELS = 254  # the last two places of the palette are "nothing" and the waveform
NOTHING, WAVE = 254, 255


@dataclass(frozen=True, kw_only=True)
class PictureKind:
    """What a picture shows: sizes in pixels, and whether frequencies stand in Hz or in octaves."""

    name: str
    n_columns: int
    wave_rows: int
    spectrum_rows: int
    scale: Scale

    @property
    def wave_share(self) -> float:
        """The waveform's share of the height, in [0, 1]."""
        return self.wave_rows / (self.wave_rows + self.spectrum_rows)


KINDS = {
    kind.name: kind
    for kind in (
        PictureKind(name="small", n_columns=240, wave_rows=36, spectrum_rows=60, scale="log"),
        PictureKind(name="linear", n_columns=1000, wave_rows=80, spectrum_rows=360, scale="linear"),
        PictureKind(name="log", n_columns=1000, wave_rows=80, spectrum_rows=360, scale="log"),
    )
}


def draw_sound(
    samples: NDArray[np.floating], sample_rate_hz: int, kind: PictureKind, *, top_hz: float | None = None
) -> bytes:
    """Return the PNG of a sound: no text, no axes, nothing but the sound decides what is in it.

    samples: (n_samples,) or (n_samples, n_channels) with full scale 1. The waveform's strip is full scale high. The
        colours run from FLOOR_DB (black) to TOP_DB (pale yellow), the same for all clips, so that pictures compare.
    top_hz: the highest frequency shown; None for half the sampling rate.
    """
    levels = spectrogram_db(
        samples,
        sample_rate_hz,
        n_rows=kind.spectrum_rows,
        n_columns=kind.n_columns,
        scale=kind.scale,
        top_hz=top_hz,
    )
    shares = np.clip((levels - FLOOR_DB) / (TOP_DB - FLOOR_DB), 0, 1)
    places = np.vstack([_wave_places(samples, kind), np.rint(shares * (N_LEVELS - 1)).astype(np.uint8)])
    image = Image.fromarray(places)
    image.putpalette(_palette().tobytes())  # which makes it one of palette colours
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=False, transparency=NOTHING)
    return buffer.getvalue()


def level_colours() -> list[tuple[float, str]]:
    """Return (share of the way from FLOOR_DB to TOP_DB, colour as #rrggbb) of the map, for a scale beside a picture."""
    return [(place / (len(MAGMA) - 1), "#" + "".join(f"{part:02x}" for part in row)) for place, row in enumerate(MAGMA)]


def _wave_places(samples: NDArray[np.floating], kind: PictureKind) -> NDArray[np.uint8]:
    low, high = np.clip(waveform_outline(samples, n_columns=kind.n_columns), -1, 1)
    middle = (kind.wave_rows - 1) / 2
    rows = np.arange(kind.wave_rows)[:, np.newaxis]
    top, bottom = np.floor(middle - high * middle), np.ceil(middle - low * middle)
    return np.where((rows >= top) & (rows <= bottom), WAVE, NOTHING).astype(np.uint8)


def _palette() -> NDArray[np.uint8]:
    at = np.linspace(0, len(MAGMA) - 1, N_LEVELS)
    levels = np.stack([np.interp(at, np.arange(len(MAGMA)), MAGMA[:, part]) for part in range(3)], axis=1)
    return np.vstack([levels, (0, 0, 0), WAVE_COLOUR]).round().astype(np.uint8)
