"""A small corpus made by rule, for a trial run where no real clips can be had. It shows nothing about hearing.

Each "real" clip comes from a model of noise, impulses and tones; each "fake" is such a clip put through a crude
resynthesis that keeps spectral magnitudes and loses phases, or keeps only the envelopes of a few bands.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from studyapp.vocab import DCASE_2023_CATEGORIES, Label

SAMPLE_RATE_HZ = 22_050
N_PER_CELL = 6
GENERATORS = ("lost-phase", "few-bands")
Wave = NDArray[np.float64]
Rng = np.random.Generator


@dataclass(frozen=True, kw_only=True)
class ProceduralClip:
    """One clip of the corpus: samples (n_samples,) in [-1, 1] at 22,050 Hz, 2 to 4 s; generator is "" for real ones."""

    label: Label
    category: str
    generator: str
    number: int
    samples: Wave


def make_corpus(*, seed: int) -> Iterator[ProceduralClip]:
    """Yield 84 clips: seven categories, six "real" and six "fake" (three of each resynthesis) in each.

    The same seed gives the same samples.
    """
    for index, category in enumerate(DCASE_2023_CATEGORIES):
        rng = np.random.default_rng([seed, index])
        for number in range(N_PER_CELL):
            samples = _clip(category, rng)
            yield ProceduralClip(label=Label.REAL, category=category, generator="", number=number, samples=samples)
        for number in range(N_PER_CELL):
            generator = GENERATORS[number % len(GENERATORS)]
            samples = _at_level(RESYNTHESES[generator](_clip(category, rng), rng), rng)
            yield ProceduralClip(
                label=Label.FAKE, category=category, generator=generator, number=number, samples=samples
            )


def _clip(category: str, rng: Rng) -> Wave:
    n_samples = round(rng.uniform(2.0, 4.0) * SAMPLE_RATE_HZ)
    return _at_level(MODELS[category](n_samples, rng), rng)


def _at_level(wave: Wave, rng: Rng) -> Wave:
    """Set the RMS level to a draw around -26 dBFS, alike for real and fake, and keep the peak below 0.9."""
    wave = wave * 10 ** (rng.normal(-26.0, 3.0) / 20) / np.sqrt(np.mean(np.square(wave)))
    return wave * min(1.0, 0.9 / float(np.abs(wave).max()))


@lru_cache(maxsize=64)  # a sound has hundreds of events in the same few bands
def _band(low_hz: float, high_hz: float) -> Wave:
    sos = signal.butter(2, [low_hz, high_hz], btype="bandpass", fs=SAMPLE_RATE_HZ, output="sos")
    return np.asarray(sos, dtype=np.float64)


def _band_noise(n_samples: int, low_hz: float, high_hz: float, rng: Rng) -> Wave:
    noise = signal.sosfilt(_band(low_hz, high_hz), rng.normal(size=n_samples))
    return np.asarray(noise, dtype=np.float64)


def _decay(n_samples: int, seconds: float) -> Wave:
    return np.exp(-np.arange(n_samples) / (seconds * SAMPLE_RATE_HZ))


def _events(n_samples: int, every_s: float, event: Callable[[], Wave], rng: Rng, *, background: float = 0.002) -> Wave:
    """Return events about `every_s` apart (log-normal jitter), over a faint pinkish background."""
    wave = background * _band_noise(n_samples, 60.0, 4000.0, rng)
    position = int(rng.uniform(0.05, 0.3) * SAMPLE_RATE_HZ)
    while position < n_samples:
        sound = event()[: n_samples - position] * rng.uniform(0.6, 1.0)
        wave[position : position + len(sound)] += sound
        position += round(every_s * SAMPLE_RATE_HZ * rng.lognormal(0.0, 0.2))
    return wave


def _dog_bark(n_samples: int, rng: Rng) -> Wave:
    pitch_hz = rng.uniform(350, 700)

    def bark() -> Wave:
        n = round(rng.uniform(0.12, 0.25) * SAMPLE_RATE_HZ)
        t = np.arange(n) / SAMPLE_RATE_HZ
        phase = 2 * np.pi * pitch_hz * (t + 0.08 * np.sin(np.pi * t * SAMPLE_RATE_HZ / n) / np.pi)
        tone = sum(np.sin(k * phase + rng.uniform(0, 6.28)) / k for k in range(1, 9))
        return np.asarray((tone + 0.4 * _band_noise(n, 500, 4000, rng)) * np.sin(np.pi * np.arange(n) / n) ** 0.7)

    return _events(n_samples, rng.uniform(0.4, 0.8), bark, rng)


def _footstep(n_samples: int, rng: Rng) -> Wave:
    heel_hz = rng.uniform(80, 200)

    def step() -> Wave:
        n = round(0.18 * SAMPLE_RATE_HZ)
        return 2 * _band_noise(n, heel_hz, 4 * heel_hz, rng) * _decay(n, 0.03) + 0.3 * _band_noise(
            n, 1500, 6000, rng
        ) * _decay(n, 0.015)

    return _events(n_samples, rng.uniform(0.45, 0.7), step, rng)


def _gunshot(n_samples: int, rng: Rng) -> Wave:
    def shot() -> Wave:
        n = round(1.2 * SAMPLE_RATE_HZ)
        return rng.normal(size=n) * _decay(n, 0.02) + 0.5 * _band_noise(n, 80, 1500, rng) * _decay(
            n, rng.uniform(0.1, 0.4)
        )

    return _events(n_samples, rng.uniform(0.8, 2.0), shot, rng)


def _keyboard(n_samples: int, rng: Rng) -> Wave:
    def key() -> Wave:
        n = round(0.05 * SAMPLE_RATE_HZ)
        return _band_noise(n, 1500, 8000, rng) * _decay(n, 0.004) + 0.5 * _band_noise(n, 200, 900, rng) * _decay(
            n, 0.01
        )

    return _events(n_samples, rng.uniform(0.12, 0.25), key, rng)


def _motor(n_samples: int, rng: Rng) -> Wave:
    t = np.arange(n_samples) / SAMPLE_RATE_HZ
    rate_hz = rng.uniform(25, 60) * (1 + 0.3 * rng.uniform(-1, 1) * t / t[-1])
    phase = 2 * np.pi * np.cumsum(rate_hz) / SAMPLE_RATE_HZ
    hum = sum(rng.uniform(0.3, 1.0) / k * np.sin(k * phase + rng.uniform(0, 6.28)) for k in range(1, 25))
    return np.asarray(hum * (1 + 0.2 * np.sin(phase / 2)) + 0.6 * _band_noise(n_samples, 100, 3000, rng))


def _rain(n_samples: int, rng: Rng) -> Wave:
    def drop() -> Wave:
        n = round(0.02 * SAMPLE_RATE_HZ)
        return np.sin(2 * np.pi * rng.uniform(1500, 6000) * np.arange(n) / SAMPLE_RATE_HZ) * _decay(n, 0.003)

    drops = _events(n_samples, rng.uniform(0.01, 0.03), drop, rng, background=0.0)
    return 0.3 * _band_noise(n_samples, 800, 9000, rng) + drops


def _sneeze_cough(n_samples: int, rng: Rng) -> Wave:
    formant_hz = rng.uniform(900, 1600)

    def burst() -> Wave:
        n = round(rng.uniform(0.2, 0.4) * SAMPLE_RATE_HZ)
        rise = np.minimum(1.0, np.arange(n) / (0.02 * SAMPLE_RATE_HZ))
        wave = _band_noise(n, 0.7 * formant_hz, 1.4 * formant_hz, rng) + 0.5 * _band_noise(n, 2500, 5000, rng)
        return wave * rise * _decay(n, 0.1)

    return _events(n_samples, rng.uniform(0.5, 1.2), burst, rng)


def _lose_phase(wave: Wave, rng: Rng) -> Wave:
    """Keep the short-time magnitudes and draw the phases: smeared onsets, a watery tone."""
    _, _, bins = signal.stft(wave, SAMPLE_RATE_HZ, nperseg=1024)
    phases = np.exp(2j * np.pi * rng.random(bins.shape))
    _, made = signal.istft(np.abs(bins) * phases, SAMPLE_RATE_HZ, nperseg=1024)
    return np.asarray(made[: len(wave)], dtype=np.float64)


def _keep_few_bands(wave: Wave, rng: Rng) -> Wave:
    """Put the envelopes of eight bands on noise, as a channel vocoder does."""
    edges = np.geomspace(80.0, 9000.0, 9)
    made = np.zeros(len(wave))
    for low, high in pairwise(edges):
        envelope = np.abs(signal.hilbert(signal.sosfiltfilt(_band(low, high), wave)))
        made += envelope * _band_noise(len(wave), low, high, rng)
    return made


MODELS: dict[str, Callable[[int, Rng], Wave]] = {
    "dog_bark": _dog_bark,
    "footstep": _footstep,
    "gunshot": _gunshot,
    "keyboard": _keyboard,
    "moving_motor_vehicle": _motor,
    "rain": _rain,
    "sneeze_cough": _sneeze_cough,
}
RESYNTHESES: dict[str, Callable[[Wave, Rng], Wave]] = {"lost-phase": _lose_phase, "few-bands": _keep_few_bands}
