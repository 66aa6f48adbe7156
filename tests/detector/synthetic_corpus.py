"""A corpus of short clips from ten "systems", each with an artefact of its own, and recordings in several cuts.

Real clips are cuts of longer procedural recordings, three from each; a fake is a procedural sound of its own put
through its system's artefact. Real and fake share categories and level, so that only the artefacts tell them apart. A
detector that has met a system's artefact finds it again; one that has not must find what artefacts have in common.
"""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy import signal

from studyapp.sound.procedural import MODELS, RESYNTHESES, SAMPLE_RATE_HZ

Wave = NDArray[np.float64]
Rng = np.random.Generator
SECONDS = 1.0
CUTS = 3
N_SOURCES = 48  # recordings in each category
N_FAKES = 15  # clips of each system in each category
COLUMNS = ("path", "label", "category", "generator", "team", "track", "source_group", "split")


def _low_pass(wave: Wave, rng: Rng) -> Wave:
    return np.asarray(signal.sosfilt(signal.butter(8, 3500, fs=SAMPLE_RATE_HZ, output="sos"), wave))


def _high_pass(wave: Wave, rng: Rng) -> Wave:
    return np.asarray(signal.sosfilt(signal.butter(6, 700, "highpass", fs=SAMPLE_RATE_HZ, output="sos"), wave))


def _whine(wave: Wave, rng: Rng) -> Wave:
    tone = np.sin(2 * np.pi * 7350.0 * np.arange(len(wave)) / SAMPLE_RATE_HZ + rng.uniform(0, 6.28))
    return wave + 0.1 * float(np.std(wave)) * tone


def _hum(wave: Wave, rng: Rng) -> Wave:
    t = np.arange(len(wave)) / SAMPLE_RATE_HZ
    return np.asarray(wave + 0.7 * np.std(wave) * sum(np.sin(2 * np.pi * 50 * k * t + k) / k for k in range(1, 6)))


def _gaps(wave: Wave, rng: Rng) -> Wave:
    wave = wave.copy()
    for start in range(int(rng.uniform(0, 2000)), len(wave), 3000):
        wave[start : start + 900] = 0.0
    return wave


def _fade(wave: Wave, rng: Rng) -> Wave:
    return np.asarray(wave * np.geomspace(1.0, 0.003, len(wave)))


def _clip(wave: Wave, rng: Rng) -> Wave:
    limit = 0.3 * float(np.std(wave))
    return np.clip(wave, -limit, limit)


def _echo(wave: Wave, rng: Rng) -> Wave:
    wave, delay = wave.copy(), round(0.09 * SAMPLE_RATE_HZ)
    for start in range(delay, len(wave), delay):
        late = wave[start : start + delay]
        late += 0.8 * wave[start - delay : start][: len(late)]
    return wave


def _tremor(wave: Wave, rng: Rng) -> Wave:
    return np.asarray(wave * (1 + 0.9 * np.sin(2 * np.pi * 55.0 * np.arange(len(wave)) / SAMPLE_RATE_HZ)))


SYSTEMS: dict[str, Callable[[Wave, Rng], Wave]] = {
    "low-pass": _low_pass,
    "high-pass": _high_pass,
    "whine": _whine,
    "hum": _hum,
    "gaps": _gaps,
    "fade": _fade,
    "clip": _clip,
    "echo": _echo,
    "tremor": _tremor,
    "lost-phase": RESYNTHESES["lost-phase"],
}
N_CLIPS = len(MODELS) * (N_SOURCES * CUTS + N_FAKES * len(SYSTEMS))


def write_corpus(folder: Path, *, seed: int) -> None:
    """Write the clips and manifest.csv below the folder; the same seed gives the same bytes."""
    with (folder / "manifest.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, COLUMNS)
        table.writeheader()
        for row, wave in _clips(np.random.default_rng(seed)):
            path = folder / row["path"]
            path.parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(path, wave, SAMPLE_RATE_HZ, subtype="PCM_16")
            table.writerow(row)


def _clips(rng: Rng) -> Iterator[tuple[dict[str, str], Wave]]:
    n = round(SECONDS * SAMPLE_RATE_HZ)
    for category, model in MODELS.items():
        for source in range(N_SOURCES):
            recording = model(CUTS * n, rng)
            for cut in range(CUTS):
                yield (
                    {
                        "path": f"real/{category}/{source:02}-{cut}.wav",
                        "label": "real",
                        "category": category,
                        "source_group": f"{category}-{source:02}",
                        "split": "dev" if source % 6 else "eval",
                    },
                    _at_level(recording[cut * n : (cut + 1) * n], rng),
                )
        for number, (system, artefact) in enumerate(SYSTEMS.items()):
            for clip in range(N_FAKES):
                yield (
                    {
                        "path": f"fake/{system}/{category}/{clip:02}.wav",
                        "label": "fake",
                        "category": category,
                        "generator": system,
                        "team": f"team-{number}",
                        "track": "AB"[number % 2],
                    },
                    _at_level(artefact(model(n, rng), rng), rng),
                )


def _at_level(wave: Wave, rng: Rng) -> Wave:
    """Draw the level alike for real and fake, and add a faint hiss, so that no clip is told by silence or zeros."""
    wave = wave * 10 ** (rng.normal(-26.0, 3.0) / 20) / (np.sqrt(np.mean(np.square(wave))) + 1e-9)
    wave = wave * min(1.0, 0.9 / float(np.abs(wave).max()))
    return np.asarray(wave + rng.normal(scale=1e-4, size=len(wave)))
