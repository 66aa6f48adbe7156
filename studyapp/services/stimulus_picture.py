"""The pictures of a stimulus: drawn when first asked for, and kept by content and recipe."""

import numpy as np
from numpy.typing import NDArray

from studyapp.models import Stimulus
from studyapp.services import media
from studyapp.services.stimulus_audio import load_samples
from studyapp.services.stimulus_preview import ensure_preview, preview_name
from studyapp.sound.decode import Decoder
from studyapp.sound.picture import RECIPE_VERSION, PictureKind, draw_sound
from studyapp.sound.presentation import CommonScale
from studyapp.sound.wav import decode_pcm16


def ensure_picture(stimulus: Stimulus, kind: PictureKind, common: CommonScale | None = None) -> str:
    """Return the stored name of the stimulus's picture of that kind, on its own scale or on the common one.

    Raises NotFound when the original is gone, AudioError when it is damaged.
    """
    scale = f"-{common.sample_rate_hz}-{common.n_channels}-{common.top_hz:g}" if common else ""
    name = f"pictures/{RECIPE_VERSION}-{kind.name}{scale}/{stimulus.sha256[:2]}/{stimulus.sha256}.png"
    if media.exists(name):
        return name
    if common:
        # From the copy, since windows follow from the rate: at its own, a clip's picture would have a grain of its own.
        samples, sample_rate_hz = decode_pcm16(media.read(ensure_preview(stimulus, common)))
        return media.store(name, draw_sound(samples, sample_rate_hz, kind, top_hz=common.top_hz))
    samples, sample_rate_hz = _samples(stimulus)
    return media.store(name, draw_sound(samples, sample_rate_hz, kind))


def _samples(stimulus: Stimulus) -> tuple[NDArray[np.float32], int]:
    """Return what is heard: the copy where there is one, which the program wrote and may read without a child."""
    copy = preview_name(stimulus)
    if media.exists(copy):
        return decode_pcm16(media.read(copy))
    with Decoder() as decoder:
        audio = load_samples(stimulus, decoder)
    return audio.samples, audio.sample_rate_hz
