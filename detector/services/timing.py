"""How long a detector takes for a clip: from the stored file to the score, within the networks, and the head alone."""

import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import numpy as np

from detector.ml.checkpoint import parse
from detector.ml.embeddings.spec import Encoder, EncoderSpec, Sound
from detector.models import InferenceTiming, Training
from detector.selectors.encoders import known_encoder
from detector.selectors.runs import BEST, chosen_runs, needs_done
from detector.services.device import device_of
from detector.services.embedding_work import loaded_encoder
from studyapp.errors import InvalidAction
from studyapp.models import Stimulus
from studyapp.services import media
from studyapp.services.stimulus_audio import load_samples
from studyapp.sound.decode import Decoder

N_RUNS = 100
N_WARM_UP = 3
MAX_RUNS = 10_000
NETWORK_MEANS = (
    "Time inside the forward passes of the encoder's network and of the head, without decoding, resampling and "
    "spectrogram; a step that is no module of its own, between two that are, is not in it."
)
Say = Callable[[str], None]


def timing_of(
    *, training: Training, n_runs: int = N_RUNS, anew: bool = False, say: Say = lambda line: None
) -> InferenceTiming:
    """Return the timing of a detector's encoder on this device and machine: a stored one, unless `anew`.

    Raises as `measure_timing`.
    """
    device = device_of(training.device)
    stored = InferenceTiming.objects.filter(
        fingerprint=training.fingerprint, device=device, machine=machine_words(device)
    ).first()
    return stored if stored and not anew else measure_timing(training=training, n_runs=n_runs, say=say)


def measure_timing(*, training: Training, n_runs: int = N_RUNS, say: Say = lambda line: None) -> InferenceTiming:
    """Score the set's first clip (by content hash) n_runs times, one at a time, and store how long it took.

    Raises InvalidAction unless the training is done and its recipe still the same, NotFound or AudioError where the
    clip cannot be read, EncoderNotReady, NoDevice.
    """
    needs_done(training)
    if not 1 <= n_runs <= MAX_RUNS:
        raise InvalidAction(f"{n_runs} timing runs: use 1 to {MAX_RUNS}")
    spec = known_encoder(training.encoder)
    if spec.fingerprint != training.fingerprint:
        raise InvalidAction(f"The recipe of {spec.name} has changed since training {training.pk}; it cannot be timed.")
    stimulus = Stimulus.objects.filter(memberships__stimulus_set=training.stimulus_set).order_by("sha256", "pk").first()
    if stimulus is None:
        raise InvalidAction(f"The set {training.stimulus_set.slug} has no clips to time.")
    device = device_of(training.device)
    say(f"{spec.name}: timing {n_runs} times on {stimulus.name}")
    with Decoder() as decoder:
        pipeline = _Pipeline(training, spec, stimulus, decoder, device)
        results = {"n_runs": n_runs, "clip": _clip(stimulus), **pipeline.measure(n_runs, stimulus.duration_s)}
    return InferenceTiming.objects.create(
        encoder=spec.name,
        fingerprint=spec.fingerprint,
        device=device,
        machine=machine_words(device),
        results=results,
    )


class _Pipeline:
    """Everything that is loaded once: encoder, head and decoder."""

    def __init__(
        self, training: Training, spec: EncoderSpec, stimulus: Stimulus, decoder: Decoder, device: str
    ) -> None:
        from detector.ml.predict import Scorer  # torch: on workers and in commands only

        run = chosen_runs(training, BEST)[0]
        weights, _ = parse(media.read(run.checkpoint_name), sha256=run.checkpoint_sha256)
        self.head: Scorer = Scorer(weights, device=device)
        self.encoder: Encoder = loaded_encoder(spec.name, device)
        self.spec, self.stimulus, self.decoder, self.device = spec, stimulus, decoder, device

    def measure(self, n_runs: int, duration_s: float) -> dict[str, Any]:
        now = _clock(self.device)
        for _ in range(N_WARM_UP):
            features = self._features()
            self.head.scores(features)
        whole, network = self._whole_and_network(now, n_runs)
        head = [_seconds(now, lambda: self.head.scores(features)) for _ in range(n_runs)]
        return {
            "end_to_end": _summary(whole, duration_s),
            "network": network and _summary(network, duration_s),
            "head": _summary(head, duration_s),
            "network_means": NETWORK_MEANS
            if network
            else f"{self.spec.name} runs no torch module that could be timed.",
        }

    def _end_to_end(self) -> None:
        self.head.scores(self._features())

    def _features(self) -> "np.ndarray[Any, np.dtype[np.float32]]":
        """Return the (1, D) mean vector of the clip, read and decoded anew, rounded as the store does."""
        audio = load_samples(self.stimulus, self.decoder)
        (frames,) = self.encoder.frames([Sound(audio.samples, audio.sample_rate_hz)])
        stored = frames.astype(self.spec.frames_dtype).astype(np.float32)
        mean: np.ndarray[Any, np.dtype[np.float32]] = stored.mean(axis=0, keepdims=True)
        return mean

    def _whole_and_network(self, now: Callable[[], float], n_runs: int) -> tuple[list[float], list[float]]:
        """Return the seconds of each run, and those of its networks' forward passes; none where no network was seen."""
        from detector.ml.network_clock import NetworkClock

        whole, network = [], []
        for _ in range(n_runs):
            clock = NetworkClock(now)
            with clock.running():
                whole.append(_seconds(now, self._end_to_end))
            if clock.n_passes > 1:  # one pass is the head's: an encoder with no other is no torch network
                network.append(clock.seconds)
        return whole, network if len(network) == n_runs else []


def _seconds(now: Callable[[], float], do: Callable[[], object]) -> float:
    began = now()
    do()
    return now() - began


def _summary(seconds: list[float], duration_s: float) -> dict[str, Any]:
    average, spread = mean(seconds), stdev(seconds) if len(seconds) > 1 else None
    return {
        "mean_s": average,
        "sd_s": spread,
        "percent_of_real_time": 100 * average / duration_s,
        "percent_sd": None if spread is None else 100 * spread / duration_s,
    }


def _clip(stimulus: Stimulus) -> dict[str, Any]:
    return {
        "stimulus": stimulus.pk,
        "name": stimulus.name,
        "sha256": stimulus.sha256,
        "duration_s": stimulus.duration_s,
    }


def _clock(device: str) -> Callable[[], float]:
    """Return a clock in seconds that waits for the device's work first."""
    if device != "cuda":
        return time.perf_counter
    from detector.ml.device import wait_for_gpu

    def now() -> float:
        wait_for_gpu()
        return time.perf_counter()

    return now


def machine_words(device: str) -> str:
    """Return processor or GPU, and how many cores may be used, in words; never the machine's name."""
    if device == "cuda":
        from detector.ml.device import gpu_name

        return gpu_name()
    n_cores = os.cpu_count() or 1
    return f"{_processor()}, {n_cores} core{'s' if n_cores > 1 else ''}"[:200]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or platform.machine()
