"""The copy of a stimulus that its experimenter hears: decoded and written anew, never the bytes that were imported."""

from studyapp.models import Stimulus
from studyapp.services import media
from studyapp.services.stimulus_audio import load_samples
from studyapp.sound.decode import Decoder
from studyapp.sound.presentation import make_copy


def ensure_preview(stimulus: Stimulus) -> str:
    """Return the stored name of the stimulus's preview, a 16-bit WAV at its own rate; made when first asked for.

    Raises NotFound when the original is gone, AudioError when it is damaged.
    """
    name = f"preview/{stimulus.sha256[:2]}/{stimulus.sha256}.wav"
    if media.exists(name):
        return name
    with Decoder() as decoder:
        audio = load_samples(stimulus, decoder)
    content = make_copy(
        audio.samples,
        audio.sample_rate_hz,
        target_rate_hz=audio.sample_rate_hz,
        n_channels=audio.samples.shape[1],
    )
    return media.store(name, content)
