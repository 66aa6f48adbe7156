"""A bundle's folder: what its files are called, and how one from anywhere is copied and proven by its hashes."""

import hashlib
import json
import os
import re
import shutil
import stat
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings

from studyapp.errors import BundleRefused
from studyapp.services.bundle_rows import FORMAT, TAKEN, table_name
from studyapp.sound.decode import MAX_FILE_BYTES

CHECKSUMS = "CHECKSUMS.sha256"
MANIFEST = "materials/bundle.json"
ROWS = "materials/rows"
SOUNDS = "materials/sounds"
SOUND_NAME = re.compile(r"[0-9a-f]{64}\.(wav|flac|ogg|mp3)")

MAX_CHECKSUM_BYTES = 64 << 20
MAX_MANIFEST_BYTES = 1 << 20
PART_BYTES = 1 << 20
_LINE = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)*)")


def row_file(name: str) -> str:
    """Return the path of a table's rows within the bundle."""
    return f"{ROWS}/{name}.jsonl"


def stage_bundle(folder: Path, stage: Path) -> dict[str, int]:
    """Copy what an import needs to the folder `stage`, every file of the bundle proven by its checksum.

    The copy is what is read from then on: the folder may change meanwhile. Returns the number of rows by table.
    Raises BundleRefused.
    """
    listed = _listed(folder)
    _refuse_unlisted(folder, listed)
    n_bytes = sum(_status(folder, name).st_size for name in listed)
    if shutil.disk_usage(stage).free < n_bytes + settings.MIN_FREE_BYTES:
        raise BundleRefused(f"the bundle has {n_bytes / 1e9:.1f} GB, and the disk has no room for it; make room first")
    for name, sha256 in listed.items():
        is_needed = name == MANIFEST or name.startswith((f"{ROWS}/", f"{SOUNDS}/"))
        if _copy(folder, name, stage / name if is_needed else None) != sha256:
            raise BundleRefused(f"{name}: is not what was exported (its SHA-256 differs); copy the bundle again")
    return _rows_of(stage)


def _listed(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file that the bundle lists."""
    if not folder.is_dir():
        raise BundleRefused(f"{folder} is no folder; name the folder that export_study wrote")
    if _status(folder, CHECKSUMS).st_size > MAX_CHECKSUM_BYTES:
        raise BundleRefused(f"{CHECKSUMS}: is larger than {MAX_CHECKSUM_BYTES >> 20} MiB; that is no bundle")
    try:
        lines = (folder / CHECKSUMS).read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        raise BundleRefused(f"{CHECKSUMS}: is not UTF-8 text") from None
    listed: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        found = _LINE.fullmatch(line)
        if found is None:
            raise BundleRefused(f"{CHECKSUMS} line {number}: is no hash and name of a file within the bundle")
        if found[2] in listed:
            raise BundleRefused(f"{CHECKSUMS} line {number}: {found[2]} stands there twice")
        listed[found[2]] = found[1]
    needed = [MANIFEST, *(row_file(table_name(model)) for model in TAKEN)]
    if missing := [name for name in needed if name not in listed]:
        raise BundleRefused(
            f"{CHECKSUMS} does not list {missing[0]}: a study is restored from a bundle that was exported by "
            "export_study --with-sounds"
        )
    for name in listed:
        _refuse_unknown(name, needed)
    return listed


def _refuse_unknown(name: str, needed: list[str]) -> None:
    path = PurePosixPath(name)
    if name.startswith(f"{SOUNDS}/") and (path.parent.as_posix() != SOUNDS or not SOUND_NAME.fullmatch(path.name)):
        raise BundleRefused(f"{name}: a sound is named by its SHA-256, such as {SOUNDS}/{'0' * 8}....wav")
    if name.startswith(f"{ROWS}/") and name not in needed:
        raise BundleRefused(f"{name}: is no table that this program knows; a newer Earwitness may have written it")


def _refuse_unlisted(folder: Path, listed: dict[str, str]) -> None:
    for part in (ROWS, SOUNDS):
        if (folder / part).is_dir():
            for entry in os.scandir(folder / part):
                if f"{part}/{entry.name}" not in listed:
                    shown = ascii(f"{part}/{entry.name}")
                    raise BundleRefused(f"{shown}: is not listed in {CHECKSUMS}; remove it, or copy the bundle again")


def _status(folder: Path, name: str) -> os.stat_result:
    """Return what a file within the bundle is. Raises BundleRefused unless it is a plain file, reached by no link."""
    path = folder
    try:
        for part in PurePosixPath(name).parts:
            path = path / part
            status = path.lstat()
            if stat.S_ISLNK(status.st_mode):
                raise BundleRefused(f"{name}: is reached by a symbolic link; copy the file itself into the bundle")
    except OSError as error:
        raise BundleRefused(f"{name}: cannot be read ({error.strerror}); copy the bundle again") from None
    if not stat.S_ISREG(status.st_mode):
        raise BundleRefused(f"{name}: is no plain file")
    if name.startswith(f"{SOUNDS}/") and status.st_size > MAX_FILE_BYTES:
        raise BundleRefused(f"{name}: has {status.st_size} bytes; of a sound at most {MAX_FILE_BYTES} are read")
    return status


def _copy(folder: Path, name: str, target: Path | None) -> str:
    """Return the SHA-256 of a file's bytes, copied on the way where there is a target."""
    digest = hashlib.sha256()
    if target is not None:
        target.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb") as source, (target or Path(os.devnull)).open("wb") as copy:
            while part := source.read(PART_BYTES):
                digest.update(part)
                copy.write(part)
    except OSError as error:
        raise BundleRefused(f"{name}: cannot be copied ({error.strerror})") from None
    return digest.hexdigest()


def _rows_of(stage: Path) -> dict[str, int]:
    """Return the number of rows by table that the manifest gives."""
    content = (stage / MANIFEST).read_bytes() if (stage / MANIFEST).stat().st_size <= MAX_MANIFEST_BYTES else b""
    try:
        manifest: Any = json.loads(content)
    except (ValueError, RecursionError):
        raise BundleRefused(f"{MANIFEST}: is no JSON of a bundle") from None
    if not isinstance(manifest, dict) or not isinstance(manifest.get("rows"), dict):
        raise BundleRefused(f"{MANIFEST}: is no JSON of a bundle")
    if manifest.get("format") != FORMAT:
        raise BundleRefused(
            f"{MANIFEST}: the bundle has the format {manifest.get('format')!r}; this Earwitness reads {FORMAT}"
        )
    return {table_name(model): manifest["rows"].get(table_name(model)) for model in TAKEN}
