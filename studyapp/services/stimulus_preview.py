"""The copy of a stimulus that its experimenter hears: decoded and written anew, never the bytes that were imported."""

from studyapp.models import Stimulus
from studyapp.services import media
from studyapp.services.stimulus_audio import load_samples
from studyapp.sound.decode import Decoder
from studyapp.sound.presentation import CommonScale, make_copy


def preview_name(stimulus: Stimulus, common: CommonScale | None = None) -> str:
    """Return the name that the stimulus's preview has, or would have, in the media storage."""
    folder = f"preview/{common.sample_rate_hz}-{common.n_channels}" if common else "preview"
    return f"{folder}/{stimulus.sha256[:2]}/{stimulus.sha256}.wav"


def ensure_preview(stimulus: Stimulus, common: CommonScale | None = None) -> str:
    """Return the stored name of the stimulus's preview, a 16-bit WAV at its own rate, or in the common format.

    It is made when first asked for.

    Raises NotFound when the original is gone, AudioError when it is damaged.
    """
    name = preview_name(stimulus, common)
    if media.exists(name):
        return name
    with Decoder() as decoder:
        audio = load_samples(stimulus, decoder)
    content = make_copy(
        audio.samples,
        audio.sample_rate_hz,
        target_rate_hz=common.sample_rate_hz if common else audio.sample_rate_hz,
        n_channels=common.n_channels if common else audio.samples.shape[1],
    )
    return media.store(name, content)
