"""The store of vectors: addressed by the sound's content and the recipe, so that nothing is embedded twice."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from detector.ml.checkpoint import digest, dump, parse
from detector.ml.embeddings.spec import EncoderSpec, Frames
from detector.models import ClipEmbedding, VectorFile
from studyapp.errors import EarwitnessError, NotFound
from studyapp.services import media
from studyapp.services.jobs import Claim

Vectors = NDArray[np.float32]
BATCH = 500  # names in one query, rows in one insert


class MissingVectors(NotFound):
    """Some sounds have no vectors by this recipe yet."""


class BadVectors(EarwitnessError):
    """An encoder gave what cannot be stored."""


def present(shas: Iterable[str], *, fingerprint: str) -> set[str]:
    """Return those of the sounds that have vectors by the recipe."""
    wanted = list(shas)
    found: set[str] = set()
    for start in range(0, len(wanted), BATCH):
        rows = ClipEmbedding.objects.filter(fingerprint=fingerprint, audio_sha256__in=wanted[start : start + BATCH])
        found.update(rows.values_list("audio_sha256", flat=True))
    return found


def publish(*, shas: Sequence[str], frames: Sequence[Frames], spec: EncoderSpec, claim: Claim) -> None:
    """Write one file with the frames and float32 means of some clips, and index it, if the claim still holds.

    The same clips done twice give the same bytes, so the same name: the file is written once. Raises LostClaim, and
    BadVectors for frames that `fault` finds something wrong with.
    """
    for sha, given in zip(shas, frames, strict=True):
        if words := fault(given, spec):
            raise BadVectors(f"the sound {sha[:12]}: {words}")
    content = dump(
        _arrays(frames, spec), {"recipe": spec.recipe, "fingerprint": spec.fingerprint, "audio_sha256": list(shas)}
    )
    name = media.store(media.name_for(f"detector/vectors/{spec.name}", content, ".safetensors"), content)
    with transaction.atomic():
        claim.finish()
        file, _ = VectorFile.objects.get_or_create(
            name=name,
            defaults={
                "sha256": digest(content),
                "fingerprint": spec.fingerprint,
                "n_clips": len(shas),
                "dim": spec.dim,
            },
        )
        rows = [
            ClipEmbedding(audio_sha256=sha, fingerprint=spec.fingerprint, file=file, row=row)
            for row, sha in enumerate(shas)
        ]
        # Another worker may have published the same sound first; its vectors are the same and stay.
        ClipEmbedding.objects.bulk_create(rows, ignore_conflicts=True, batch_size=BATCH)


def fault(rows: Frames, spec: EncoderSpec) -> str:
    """Return, in words, why the frames of a clip cannot be stored; empty where they can.

    >>> from detector.ml.embeddings.specs_aisfx import AISFX
    >>> fault(np.zeros((3, 512)), AISFX), fault(np.zeros((0, 512)), AISFX)
    ('', 'aisfx gave an array of shape (0, 512), and (frames, 512) is wanted, with a frame at least.')
    """
    if rows.ndim != 2 or rows.shape[1] != spec.dim or not len(rows):
        wanted = f"(frames, {spec.dim}) is wanted, with a frame at least."
        return f"{spec.name} gave an array of shape {rows.shape}, and {wanted}"
    n_bad = int((~np.isfinite(_rounded(rows, spec))).any(axis=1).sum())
    if n_bad:
        return f"{spec.name} gave numbers that are NaN or too large to store, in {n_bad} of {len(rows)} frames."
    return ""


def _rounded(rows: Frames, spec: EncoderSpec) -> NDArray[Any]:
    with np.errstate(over="ignore"):  # what becomes infinite is looked for
        return rows.astype(spec.frames_dtype)


def _arrays(frames: Sequence[Frames], spec: EncoderSpec) -> dict[str, NDArray[Any]]:
    """Round the frames as the recipe stores them, and average what was rounded, in float32."""
    counts = np.array([len(rows) for rows in frames], dtype=np.int64)
    stored = [_rounded(rows, spec) for rows in frames]
    return {
        "frames": np.concatenate(stored),  # (sum of n_frames, D)
        "offsets": np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),  # (n_clips + 1,)
        "means": np.stack([rows.astype(np.float32).mean(axis=0) for rows in stored]),  # (n_clips, D)
    }


def load_means(shas: Sequence[str], *, spec: EncoderSpec, on_file: Callable[[], None] = lambda: None) -> Vectors:
    """Return (n, D) float32: each sound's mean vector, in the order given.

    on_file: called after each stored file is read. Raises MissingVectors, with how many are missing and what to do.
    """
    places = {sha: place for place, sha in enumerate(shas)}
    means = np.zeros((len(shas), spec.dim), dtype=np.float32)
    n_found = 0
    for file, rows in _by_file(shas, spec.fingerprint).items():
        stored = _read(file)["means"]
        n_found += len(rows)
        for sha, row in rows:
            means[places[sha]] = stored[row]
        on_file()
    if n_found < len(shas):
        raise MissingVectors(_missing_words(len(shas) - n_found, len(shas), spec.name))
    return means


def load_frames(sha: str, *, spec: EncoderSpec) -> Vectors:
    """Return the (n_frames, D) float32 vectors of one sound, as rounded, for whoever needs more than its mean.

    Raises MissingVectors.
    """
    found = ClipEmbedding.objects.select_related("file").filter(fingerprint=spec.fingerprint, audio_sha256=sha).first()
    if found is None:
        raise MissingVectors(f"the sound {sha[:12]} has no {spec.name} vectors. Run `manage.py embed_stimuli` first.")
    arrays = _read(found.file)
    frames: Vectors = arrays["frames"][arrays["offsets"][found.row] : arrays["offsets"][found.row + 1]]
    return frames.astype(np.float32)


def each_frames(shas: Sequence[str], *, encoder: str, fingerprint: str) -> Iterator[tuple[str, NDArray[Any]]]:
    """Give each sound with its (n_frames, D) vectors as stored, file by file: every file is read once.

    The array is a view of the file's: copy what is to be kept. Raises MissingVectors at the end, where some have none.
    """
    n_found = 0
    for file, rows in _by_file(shas, fingerprint).items():
        arrays = _read(file)
        n_found += len(rows)
        for sha, row in rows:
            yield sha, arrays["frames"][arrays["offsets"][row] : arrays["offsets"][row + 1]]
    if n_found < len(shas):
        raise MissingVectors(_missing_words(len(shas) - n_found, len(shas), encoder))


def _missing_words(n_missing: int, n: int, encoder: str) -> str:
    return (
        f"{n_missing} of {n} clips have no {encoder} vectors. "
        f"Run `manage.py embed_stimuli --set NAME --embedding {encoder}` first, and look at its failed clips."
    )


def _by_file(shas: Sequence[str], fingerprint: str) -> dict[VectorFile, list[tuple[str, int]]]:
    files: dict[VectorFile, list[tuple[str, int]]] = {}
    for start in range(0, len(shas), BATCH):
        found = ClipEmbedding.objects.filter(fingerprint=fingerprint, audio_sha256__in=shas[start : start + BATCH])
        for clip in found.select_related("file"):
            files.setdefault(clip.file, []).append((clip.audio_sha256, clip.row))
    return files


def _read(file: VectorFile) -> dict[str, NDArray[Any]]:
    arrays, _ = parse(media.read(file.name), sha256=file.sha256)
    return arrays
