"""Read the sound of a stimulus back from the media storage."""

from studyapp.models import Stimulus
from studyapp.services import media
from studyapp.sound.decode import DecodedAudio, Decoder


def load_samples(stimulus: Stimulus, decoder: Decoder) -> DecodedAudio:
    """Return the samples of the original as imported. Raises NotFound or AudioError when the stored file is bad."""
    with media.local_path(stimulus.audio_path) as path:
        return decoder.decode(path)
