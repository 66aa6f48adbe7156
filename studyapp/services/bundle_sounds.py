"""The sounds of a bundle: decoded, measured and stored as an import of sounds does it, or nothing of them is kept."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from studyapp.errors import AudioError, BundleRefused
from studyapp.models import FrozenStimulus, Stimulus, StudyVersion
from studyapp.services import media
from studyapp.services.bundle_folder import PART_BYTES, SOUNDS
from studyapp.services.stimulus_import import SUFFIXES
from studyapp.sound.audit import measure
from studyapp.sound.decode import Decoder
from studyapp.sound.wav import encode_pcm16

COPY_SUFFIX = ".wav"
EXACT = ("n_bytes", "n_samples", "n_channels", "sample_rate_hz", "container", "subtype")


@dataclass(frozen=True, kw_only=True)
class FoundSound:
    """A sound of the bundle.

    is_copy: it is byte for byte what the program writes for participants: no metadata. fault: why no stimulus may be
    of it, such as silence, which a screening sound may have.
    """

    path: Path
    facts: dict[str, Any]
    is_copy: bool
    fault: str


@dataclass(kw_only=True)
class BundleSounds:
    """The sounds of a staged bundle by name, and which of them rows asked for."""

    found: dict[str, FoundSound]
    wanted: dict[str, Path] = field(default_factory=dict)  # stored name -> file of the stage

    def original(self, row: Any, place: str) -> str:
        """Return the stored name of a stimulus's original. Raises BundleRefused unless it is what the row says."""
        name = f"{row.sha256}{SUFFIXES.get(row.container, '')}"
        sound = self._sound(name, place)
        if sound.fault:
            raise BundleRefused(f"{place}: {SOUNDS}/{name} cannot be used as a stimulus: {sound.fault}")
        for fact in EXACT:
            if sound.facts[fact] != getattr(row, fact):
                raise BundleRefused(
                    f"{place}: {fact}: {getattr(row, fact)!r} is not that of {SOUNDS}/{name} ({sound.facts[fact]!r})"
                )
        return self._want("audio", row.sha256, SUFFIXES[row.container], sound)

    def copy(self, sha256: str, place: str, **format: int) -> str:
        """Return the stored name of what participants are played. Raises BundleRefused where it would tell anything."""
        name = f"{sha256}{COPY_SUFFIX}"
        sound = self._sound(name, place)
        if not sound.is_copy:
            raise BundleRefused(f"{place}: {SOUNDS}/{name} is no copy for participants: 16-bit PCM without metadata")
        for fact, value in format.items():
            if sound.facts[fact] != value:
                raise BundleRefused(f"{place}: {SOUNDS}/{name} has another {fact} than the version ({value})")
        return self._want("presentation", sha256, COPY_SUFFIX, sound)

    def duration_s(self, sha256: str) -> float:
        facts = self.found[f"{sha256}{COPY_SUFFIX}"].facts
        return float(facts["n_samples"] / facts["sample_rate_hz"])

    def _sound(self, name: str, place: str) -> FoundSound:
        if name not in self.found:
            raise BundleRefused(f"{place}: the bundle has no sound {SOUNDS}/{name}; export the study again")
        return self.found[name]

    def _want(self, folder: str, sha256: str, suffix: str, sound: FoundSound) -> str:
        stored = media.name_for_digest(folder, sha256, suffix)
        self.wanted[stored] = sound.path
        return stored


def read_sounds(stage: Path) -> BundleSounds:
    """Decode and measure every sound of the stage in a process that may do nothing else. Raises BundleRefused."""
    found: dict[str, FoundSound] = {}
    paths = sorted((stage / SOUNDS).iterdir()) if (stage / SOUNDS).is_dir() else []
    with Decoder() as decoder:
        for path in paths:
            try:
                found[path.name] = _read(path, decoder)
            except AudioError as error:
                raise BundleRefused(f"{SOUNDS}/{path.name}: cannot be used as a sound: {error}") from None
    return BundleSounds(found=found)


def _read(path: Path, decoder: Decoder) -> FoundSound:
    audio = decoder.decode(path)
    if SUFFIXES[audio.container] != path.suffix:
        raise BundleRefused(f"{SOUNDS}/{path.name}: is a {audio.container} file under another ending")
    is_copy = False
    if audio.subtype == "PCM_16" and audio.container == "WAV":
        is_copy = encode_pcm16(audio.samples, audio.sample_rate_hz) == path.read_bytes()
    facts = {
        "n_bytes": path.stat().st_size,
        "container": audio.container,
        "subtype": audio.subtype,
        "sample_rate_hz": audio.sample_rate_hz,
        "n_channels": audio.samples.shape[1],
        "n_samples": audio.samples.shape[0],
    }
    fault = ""
    try:
        measure(audio.samples, audio.sample_rate_hz)
    except AudioError as error:
        fault = str(error)
    return FoundSound(path=path, facts=facts, is_copy=is_copy, fault=fault)


@contextmanager
def stored(sounds: BundleSounds) -> Iterator[None]:
    """Store the sounds that rows asked for while the block runs; if it fails, take those that are new away again."""
    new: list[str] = []
    try:
        for name, path in sounds.wanted.items():
            if media.exists(name):
                _check_stored(name, path)
            else:
                new.append(name)
                media.store_file(name, path)
        yield
    except BaseException:
        for name in new:
            if not _is_named(name):
                media.delete(name)
        raise


def _check_stored(name: str, path: Path) -> None:
    """Raise BundleRefused where the installation's own file of that content is damaged."""
    digest = hashlib.sha256()
    with media.open_file(name) as file:
        while part := file.read(PART_BYTES):
            digest.update(part)
    if digest.hexdigest() != path.stem:
        raise BundleRefused(f"the stored file {name} of this installation is damaged; restore it from a backup first")


def _is_named(name: str) -> bool:
    """Whether a row names the file: somebody else may have imported the same sound meanwhile."""
    return (
        Stimulus.objects.filter(audio_path=name).exists()
        or FrozenStimulus.objects.filter(copy_path=name).exists()
        or any(name in str(screening) for screening in StudyVersion.objects.values_list("screening", flat=True))
    )
