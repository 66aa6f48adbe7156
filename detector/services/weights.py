"""Take in the published checkpoints of encoders: check, convert once, keep; and give the kept file to who loads it."""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings

from detector.ml.checkpoint_reading import CONVERSION, convert_checkpoint, header_facts
from detector.ml.embeddings.registry import all_encoders, all_sources
from detector.ml.embeddings.spec import BadWeights, EncoderNotReady, EncoderSpec, WeightsSource, verified_weights
from detector.models import Weights
from detector.selectors.weights import how_to_get, problem_with_encoder, weights_source
from detector.services.weights_check import Checked, check_source, open_regular
from studyapp.errors import NotFound
from studyapp.services import media


@dataclass(frozen=True, kw_only=True)
class Added:
    """The weights as they are kept, and whether this call stored them (they may have been there)."""

    weights: Weights
    is_new: bool


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What became of one source's kept file. problem: empty when it is whole; else what is wrong and what to do."""

    name: str
    file: str
    problem: str


def add_weights(*, name: str, path: Path, origin: str = "") -> Added:
    """Take in a published checkpoint from any folder; the file itself stays where it is.

    Size and hash are checked first. Only then is the file read, in a child process with limits, and converted to
    safetensors; the converted file is stored whole or not at all. Weights that are there already are left as they are.

    Raises NotFound for an unknown name, BadWeights with the reason for a wrong, damaged or malicious file.
    """
    source = downloadable(name)
    said = origin or str(path)
    with open_regular(path) as file, _one_at_a_time() as folder:
        before = _identity(file)
        checked = check_source(file, source)
        recorded = Weights.objects.filter(name=name).first()
        if not source.sha256 and recorded is not None and recorded.source_sha256 != checked.sha256:
            raise BadWeights(
                f"{said} has the published {checked.known_by}, but the SHA-256 {checked.sha256}; the file that was "
                f"first used here has {recorded.source_sha256}. One of the two is forged: find out which before you "
                "use either."
            )
        if (there := _kept(source, checked)) is not None:
            return Added(weights=there, is_new=False)
        with tempfile.TemporaryDirectory(prefix="converting-", dir=folder) as scratch:
            try:
                converted = convert_checkpoint(
                    file, module=_module_of(source), facts=_facts(source, checked), scratch=Path(scratch)
                )
            except BadWeights as error:
                raise BadWeights(f"{said} was not taken in: {str(error).removesuffix('.')}.") from None
            if _identity(file) != before:
                raise BadWeights(f"{said} changed while it was read. Try again when nothing writes to it.")
            return Added(weights=_keep(source, checked, converted, origin or path.name), is_new=True)


def verify_weights() -> list[Verdict]:
    """Hash every kept file, and every packaged one, again; return what became of each."""
    verdicts = [
        Verdict(name=row.name, file=row.file_name, problem=problem_with_kept(row)) for row in Weights.objects.all()
    ]
    packaged = {spec.weights.name: spec.weights for spec in all_encoders().values() if spec.weights.kind == "package"}
    for source in packaged.values():
        problem = ""
        try:
            verified_weights(source)
        except EncoderNotReady as error:
            problem = str(error)
        verdicts.append(Verdict(name=source.name, file=f"{source.package}/{source.file}", problem=problem))
    return verdicts


@contextmanager
def weights_file(spec: EncoderSpec) -> Iterator[Path | None]:
    """Give a path of the converted weights on this machine; None for an encoder that needs no file of ours.

    Raises EncoderNotReady, with what to do, when they are missing, damaged, or of another file than the recipe's.
    """
    if spec.weights.kind != "download":
        yield None
        return
    if problem := problem_with_encoder(spec):
        raise EncoderNotReady(problem)
    row = Weights.objects.get(name=spec.weights.name)
    if problem := problem_with_kept(row):
        raise EncoderNotReady(problem)
    with media.local_path(row.file_name) as path:
        yield path


def downloadable(name: str) -> WeightsSource:
    """Return the source of that name. Raises NotFound, and BadWeights for one that is not downloaded."""
    source = weights_source(name)
    if source.kind != "download":
        raise BadWeights(f"There is nothing to fetch or add for {name}: {how_to_get(source)}")
    return source


def scratch_dir() -> Path:
    """Return the folder for downloads and conversions, on the disk of the data."""
    folder = Path(settings.DATA_DIR) / "weights"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def _one_at_a_time() -> Iterator[Path]:
    """Give the folder for conversions to one process at a time, cleared of what a killed one left there."""
    folder = scratch_dir()
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the kernel lets go of it however the process ends
        for left in folder.glob("converting-*"):
            shutil.rmtree(left, ignore_errors=True)
        yield folder
    finally:
        os.close(lock)


def _identity(file: BinaryIO) -> tuple[int, int, int]:
    status = os.fstat(file.fileno())
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _kept(source: WeightsSource, checked: Checked) -> Weights | None:
    """Return the row, when exactly this file is kept whole, converted as it would be now."""
    row = Weights.objects.filter(name=source.name, source_sha256=checked.sha256).first()
    if row is None or problem_with_kept(row):
        return None
    with media.local_path(row.file_name) as path:
        return row if header_facts(path) == _facts(source, checked) else None


def _keep(source: WeightsSource, checked: Checked, converted: Path, origin: str) -> Weights:
    with converted.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    name = media.name_for_digest(f"detector/weights/{source.name}", digest, ".safetensors")
    if _digest(name) not in (None, digest):
        media.delete(name)  # damaged: a file of its size would count as it
    before = Weights.objects.filter(name=source.name).values_list("file_name", flat=True).first()
    row, _ = Weights.objects.update_or_create(
        name=source.name,
        defaults={
            "source_sha256": checked.sha256,
            "source_md5": checked.md5,
            "source_n_bytes": checked.n_bytes,
            "checked_by": checked.known_by,
            "origin": origin[:500],
            "file_name": media.store_file(name, converted),
            "file_sha256": digest,
            "file_n_bytes": converted.stat().st_size,
        },
    )
    if before not in (None, row.file_name):
        media.delete(before)  # of an older conversion
    return row


def _facts(source: WeightsSource, checked: Checked) -> dict[str, Any]:
    return {
        "weights": source.name,
        "conversion": CONVERSION,
        "source_file": source.file,
        "source_sha256": checked.sha256,
        "source_n_bytes": checked.n_bytes,
        "licence": source.licence,
        "url": source.url,
    }


def _module_of(source: WeightsSource) -> str:
    """Return the module whose `convert` knows the file: that of the recipe which is no variant of another."""
    users = [spec for spec in all_encoders().values() if spec.weights.name == source.name]
    if not users:
        raise NotFound(f"No encoder uses the weights {source.name}.")
    return min(users, key=lambda spec: spec.variant_of != "").module


def problem_with_kept(row: Weights) -> str:
    """Return "" when the kept file is whole and converted as it would be now, else what is wrong and what to do.

    Hashes the file.
    """
    digest = _digest(row.file_name)
    if digest is None:
        what = f"The stored file of the weights {row.name} is missing."
    elif digest != row.file_sha256:
        what = f"The stored file of the weights {row.name} has changed."
    elif _conversion(row) != CONVERSION:
        what = f"The weights {row.name} were converted by an older version of Earwitness."
    else:
        return ""
    source = all_sources().get(row.name)  # None: their encoder's package was uninstalled
    return f"{what} {how_to_get(source) if source else 'No encoder that is installed uses them.'}"


def _conversion(row: Weights) -> object:
    with media.local_path(row.file_name) as path:
        return header_facts(path).get("conversion")


def _digest(name: str) -> str | None:
    try:
        with media.open_file(name) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except NotFound:
        return None
