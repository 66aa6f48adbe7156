"""Send files into a set as a browser would, and what tests of uploads share."""

import io
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import soundfile
from django.test import Client
from django.urls import reverse

from studyapp.models import StimulusSet, StimulusUpload, UploadedFile, User
from studyapp.services.stimulus_set_create import create_set
from studyapp.services.upload_files import receive_file


def sound(seed: int) -> bytes:
    """A tenth of a second of noise as a WAV file."""
    buffer = io.BytesIO()
    samples = 0.1 * np.random.default_rng(seed).uniform(-1, 1, 1600)
    soundfile.write(buffer, samples, 16_000, format="WAV")
    return buffer.getvalue()


def send(
    stimulus_set: StimulusSet, name: str, content: bytes, *, owner: User | None = None, n: int | None = None
) -> UploadedFile:
    who = owner or stimulus_set.owner
    assert who is not None
    return receive_file(
        stimulus_set=stimulus_set,
        owner=who,
        name=name,
        n_bytes=len(content) if n is None else n,
        parts=[content[at : at + 100] for at in range(0, len(content), 100)],
    )


def post_file(client: Client, slug: str, name: str, content: bytes) -> Any:
    return client.post(
        reverse("add_file", args=[slug]),
        content,
        content_type="application/octet-stream",
        headers={"X-File-Name": quote(name)},
    )


def folders(stimulus_set: StimulusSet, *, n: int = 2, top: str = "clips/") -> StimulusUpload:
    """Send n real and n fake sounds in folders that say what they are."""
    for index in range(n):
        send(stimulus_set, f"{top}real/rain/{index}.wav", sound(index))
        send(stimulus_set, f"{top}fake/vocoder/rain/{index}.wav", sound(1000 + index))
    return StimulusUpload.objects.get(stimulus_set=stimulus_set, submitted_at=None)


def make_set(owner: User, title: str = "Street sounds") -> StimulusSet:
    return create_set(owner=owner, title=title)


def stored(media_root: Path) -> set[str]:
    """Return the names of all files below uploads/."""
    root = media_root / "uploads"
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
