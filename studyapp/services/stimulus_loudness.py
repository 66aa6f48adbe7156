"""Measure the loudness of stimuli that were imported before it was measured."""

from collections.abc import Callable, Iterable

from studyapp.errors import AudioError, NotFound
from studyapp.models import Stimulus
from studyapp.services.stimulus_audio import load_samples
from studyapp.sound.decode import Decoder
from studyapp.sound.loudness import BLOCK_S, integrated_loudness

BATCH = 50  # stimuli to a write


def measure_loudness(
    *, stimuli: Iterable[Stimulus], progress: Callable[[int, int], None] | None = None
) -> list[tuple[str, str]]:
    """Store the loudness of those that have none yet and can have one; return (name, reason) of what cannot be read.

    Safe to repeat: what is measured is left alone, and every batch is kept.
    """
    wanted = [each for each in stimuli if each.loudness_lufs is None and each.duration_s >= BLOCK_S]
    refused: list[tuple[str, str]] = []
    measured: list[Stimulus] = []
    with Decoder() as decoder:
        for done, stimulus in enumerate(wanted, start=1):
            try:
                audio = load_samples(stimulus, decoder)
            except (AudioError, NotFound) as error:
                refused.append((stimulus.name, str(error)))
            else:
                stimulus.loudness_lufs = integrated_loudness(audio.samples, audio.sample_rate_hz)
                measured.append(stimulus)
            if len(measured) == BATCH or done == len(wanted):
                Stimulus.objects.bulk_update(measured, ["loudness_lufs"])
                measured = []
            if progress is not None:
                progress(done, len(wanted))
    return refused
