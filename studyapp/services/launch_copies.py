"""Make the sounds that a version presents: a copy of each stimulus, the screening's tones and the volume noise."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from studyapp.errors import AudioError, NotFound, NotLaunchable
from studyapp.models import Stimulus
from studyapp.services import media
from studyapp.services.stimulus_audio import load_samples
from studyapp.sound import screening
from studyapp.sound.decode import Decoder
from studyapp.sound.presentation import make_copy
from studyapp.sound.wav import encode_pcm16

NOISE_SEED = 1
NOISE_S = 10.0
WAV_HEADER_BYTES = 44


@dataclass(frozen=True, kw_only=True)
class PresentationCopy:
    """What is served of a stimulus."""

    stimulus: Stimulus
    path: str
    sha256: str
    duration_s: float


def copy_stimuli(
    stimuli: list[Stimulus], *, sample_rate_hz: int, n_channels: int, progress: Callable[[int, int], None] | None = None
) -> list[PresentationCopy]:
    """Store a copy of each stimulus, all in one format. Raises NotLaunchable with every sound that cannot be used."""
    copies: list[PresentationCopy] = []
    problems: list[str] = []
    with Decoder() as decoder:
        for done, stimulus in enumerate(stimuli, start=1):
            try:
                copies.append(_copy(stimulus, decoder, sample_rate_hz, n_channels))
            except (AudioError, NotFound) as error:
                problems.append(f"{stimulus.name}: {error}")
            if progress is not None:
                progress(done, len(stimuli))
    if problems:
        raise NotLaunchable("\n".join(problems))
    return copies


def _copy(stimulus: Stimulus, decoder: Decoder, sample_rate_hz: int, n_channels: int) -> PresentationCopy:
    if hashlib.sha256(media.read(stimulus.audio_path)).hexdigest() != stimulus.sha256:
        raise NotFound("the stored file is not the one that was imported (its SHA-256 differs); import the set again")
    audio = load_samples(stimulus, decoder)
    content = make_copy(audio.samples, audio.sample_rate_hz, target_rate_hz=sample_rate_hz, n_channels=n_channels)
    return PresentationCopy(
        stimulus=stimulus,
        path=media.store(media.name_for("presentation", content, ".wav"), content),
        sha256=hashlib.sha256(content).hexdigest(),
        duration_s=_duration_s(content, sample_rate_hz, n_channels),
    )


def _duration_s(content: bytes, sample_rate_hz: int, n_channels: int) -> float:
    return (len(content) - WAV_HEADER_BYTES) / (2 * n_channels) / sample_rate_hz


def make_screening_sounds(*, test: str, level_dbfs: float) -> dict[str, Any]:
    """Store the volume noise and the sounds of the screening test at the level; return names, hashes, durations."""
    noise = screening.calibration_noise(level_dbfs=level_dbfs, duration_s=NOISE_S, seed=NOISE_SEED)
    sounds: dict[str, Any] = {"volume": _store_stereo(encode_pcm16(noise, screening.SAMPLE_RATE_HZ))}
    if test == "antiphase":
        amplitude = screening.amplitude_at_level(level_dbfs)
        sounds["antiphase"] = {
            order: _store_stereo(
                encode_pcm16(screening.antiphase(order, amplitude=amplitude), screening.SAMPLE_RATE_HZ)
            )
            for order in screening.ANTIPHASE_ORDERS
        }
    return sounds


def _store_stereo(content: bytes) -> dict[str, Any]:
    return {
        "path": media.store(media.name_for("presentation", content, ".wav"), content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "duration_s": _duration_s(content, screening.SAMPLE_RATE_HZ, 2),
    }
