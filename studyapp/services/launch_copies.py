"""Make the sounds that a version presents: a copy of each stimulus, and those that the program makes itself."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studyapp.design.answers import BEEP_COUNTS, BEEPS
from studyapp.errors import AudioError, NotFound, NotLaunchable
from studyapp.models import Stimulus
from studyapp.services import media
from studyapp.services.stimulus_audio import load_samples
from studyapp.sound.beeps import beeps
from studyapp.sound.calibration_noise import calibration_noise
from studyapp.sound.decode import Decoder
from studyapp.sound.levels import SAMPLE_RATE_HZ
from studyapp.sound.presentation import make_copy
from studyapp.sound.screening import SCREENING_TESTS
from studyapp.sound.three_intervals import EXAMPLE_PLACE
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
    gain_db: float


def copy_stimuli(
    stimuli: list[Stimulus],
    *,
    sample_rate_hz: int,
    n_channels: int,
    gains_db: Sequence[float] = (),
    progress: Callable[[int, int], None] | None = None,
) -> list[PresentationCopy]:
    """Store a copy of each stimulus, all in one format. Raises NotLaunchable with every sound that cannot be used.

    Where there are gains, one for each stimulus, every copy is dithered, that of a gain of 0 too.
    """
    copies: list[PresentationCopy] = []
    problems: list[str] = []
    with Decoder() as decoder:
        for done, stimulus in enumerate(stimuli, start=1):
            gain_db = gains_db[done - 1] if gains_db else None
            try:
                copies.append(_copy(stimulus, decoder, sample_rate_hz, n_channels, gain_db))
            except (AudioError, NotFound) as error:
                problems.append(f"{stimulus.name}: {error}")
            if progress is not None:
                progress(done, len(stimuli))
    if problems:
        raise NotLaunchable("\n".join(problems))
    return copies


def _copy(
    stimulus: Stimulus, decoder: Decoder, sample_rate_hz: int, n_channels: int, gain_db: float | None
) -> PresentationCopy:
    if hashlib.sha256(media.read(stimulus.audio_path)).hexdigest() != stimulus.sha256:
        raise NotFound("the stored file is not the one that was imported (its SHA-256 differs); import the set again")
    audio = load_samples(stimulus, decoder)
    content = make_copy(
        audio.samples,
        audio.sample_rate_hz,
        target_rate_hz=sample_rate_hz,
        n_channels=n_channels,
        gain_db=gain_db or 0.0,
        # Of the content: the same clip gives the same copy at every launch.
        dither_seed=None if gain_db is None else int(stimulus.sha256[:16], 16),
    )
    return PresentationCopy(
        stimulus=stimulus,
        path=media.store(media.name_for("presentation", content, ".wav"), content),
        sha256=hashlib.sha256(content).hexdigest(),
        duration_s=_duration_s(content, sample_rate_hz, n_channels),
        gain_db=gain_db or 0.0,
    )


def _duration_s(content: bytes, sample_rate_hz: int, n_channels: int) -> float:
    return (len(content) - WAV_HEADER_BYTES) / (2 * n_channels) / sample_rate_hz


def make_sounds(*, tests: Iterable[str], has_beeps: bool, level_dbfs: float) -> dict[str, Any]:
    """Store the volume noise and the sounds of the headphone tests and built-in catch trials, at the level.

    Returns names, hashes and durations: {"volume": sound, test: {name: sound}, "examples": {test: sound + answer},
    "beeps": {count: sound}}.
    """
    made: dict[str, Any] = {
        "volume": _store_stereo(calibration_noise(level_dbfs=level_dbfs, duration_s=NOISE_S, seed=NOISE_SEED)),
        "examples": {},
    }
    for name in tests:
        test = SCREENING_TESTS[name]
        made[name] = {sound: _store_stereo(samples) for sound, samples in test.sounds(level_dbfs)}
        if test.example is not None:
            made["examples"][name] = _store_stereo(test.example(level_dbfs)) | {"answer": EXAMPLE_PLACE}
    if has_beeps:
        made[BEEPS] = {str(count): _store_stereo(beeps(count, level_dbfs=level_dbfs)) for count in BEEP_COUNTS}
    return made


def _store_stereo(samples: NDArray[np.float64]) -> dict[str, Any]:
    content = encode_pcm16(samples, SAMPLE_RATE_HZ)
    return {
        "path": media.store(media.name_for("presentation", content, ".wav"), content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "duration_s": _duration_s(content, SAMPLE_RATE_HZ, 2),
    }
