"""What an upload holds: files as they came, and what is packed in archives, each under one name."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from studyapp.errors import ImportFailed
from studyapp.models import StimulusUpload, UploadedFile
from studyapp.services import media
from studyapp.services.stimulus_files import Listing, RefusedFile
from studyapp.services.upload_archive import list_archive, read_member, unpack
from studyapp.services.upload_description import describe, read_description
from studyapp.services.upload_files import MAX_TABLE_BYTES
from studyapp.services.upload_kinds import kind_of
from studyapp.services.upload_table import Table, read_table
from studyapp.vocab import Rejection


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A sound or a table of an upload. file: its row. is_packed: whether that row is the archive that holds it."""

    name: str
    file: UploadedFile
    is_packed: bool


@dataclass(frozen=True, kw_only=True)
class UploadContents:
    """sent: name -> sound or table. clashes: what is packed under a name that another file of the upload has."""

    sent: dict[str, Sent]
    clashes: list[RefusedFile] = field(default_factory=list)

    @property
    def sounds(self) -> list[str]:
        return [name for name in self.sent if kind_of(name) == "sound"]

    @property
    def tables(self) -> list[str]:
        """Return the names of the tables, those called manifest first."""
        names = [name for name in self.sent if kind_of(name) == "manifest"]
        return sorted(names, key=lambda name: ("manifest" not in name.lower(), name))


def contents_of(upload: StimulusUpload) -> UploadContents:
    """Return what the upload holds, without opening any file."""
    sent: dict[str, Sent] = {}
    clashes = []
    for each in _all_sent(upload):
        if each.name in sent:
            detail = f"another file of this upload has this name; it is packed in {each.file.name}"
            clashes.append(RefusedFile(name=each.name[:500], reason=Rejection.DUPLICATE, detail=detail))
        else:
            sent[each.name] = each
    return UploadContents(sent=sent, clashes=clashes)


def _all_sent(upload: StimulusUpload) -> Iterator[Sent]:
    rows = list(upload.files.order_by("pk"))
    for row in rows:
        if row.kind != "archive":
            yield Sent(name=row.name, file=row, is_packed=False)
    for row in rows:
        for name in row.members:
            yield Sent(name=name, file=row, is_packed=True)


def read_sent_table(contents: UploadContents, name: str) -> Table:
    """Return a table of the upload. Raises ImportFailed, UploadRefused."""
    sent = contents.sent.get(name)
    if sent is None or kind_of(name) != "manifest":
        raise ImportFailed("Choose the table that describes the sounds; send one (CSV) where there is none.")
    with media.local_path(sent.file.media_name) as path:
        if not sent.is_packed:
            return read_table(name, path.read_bytes())
        return read_table(name, read_member(path, name, max_files=settings.UPLOAD_MAX_FILES, max_bytes=MAX_TABLE_BYTES))


def preview(upload: StimulusUpload, given: dict[str, Any]) -> tuple[Listing, dict[str, Any]]:
    """Return what a description makes of the upload, no sound being opened, and the description as it is kept.

    Raises ImportFailed, ConfigError.
    """
    contents = contents_of(upload)
    if not contents.sounds:
        raise ImportFailed("There is no sound in this upload yet. Add some first.")
    description, table = read_description(given, lambda name: read_sent_table(contents, name))
    nowhere = Path("/nonexistent")  # nothing is opened by a preview
    files = {name: nowhere / str(index) for index, name in enumerate(contents.sounds)}
    listing = describe(files, description, table, source_of(upload))
    listing.refused.extend(contents.clashes)
    return listing, description


def source_of(upload: StimulusUpload) -> str:
    return f"upload {upload.pk}"


def placed(contents: UploadContents, folder: Path) -> tuple[dict[str, Path], dict[Path, str]]:
    """Return name -> where it is on this machine, archives being unpacked into the folder, and path -> its damage."""
    files: dict[str, Path] = {}
    damaged: dict[Path, str] = {}
    for name, sent in contents.sent.items():
        if not sent.is_packed:
            files[name] = media.place_in(folder, sent.file.media_name)
    archives = {sent.file.pk: sent.file for sent in contents.sent.values() if sent.is_packed}
    for archive in archives.values():
        mine = {name for name, sent in contents.sent.items() if sent.is_packed and sent.file.pk == archive.pk}
        here, bad = _unpacked(archive, mine, folder)
        files |= here
        damaged |= {here[name]: f"damaged in {archive.name}" for name in bad}
    return files, damaged


def _unpacked(archive: UploadedFile, names: set[str], folder: Path) -> tuple[dict[str, Path], list[str]]:
    limits = {"max_files": settings.UPLOAD_MAX_FILES, "max_bytes": settings.UPLOAD_MAX_BYTES}
    with media.local_path(archive.media_name) as path:
        members = [member for member in list_archive(path, **limits).members if member.name in names]
        n_bytes = sum(member.n_bytes for member in members)
        if shutil.disk_usage(folder).free - n_bytes < settings.MIN_FREE_BYTES:
            raise ImportFailed("The server's disk is too full to unpack this upload. Make room, then try again.")
        # By number, never by the name that the archive gives.
        here = {member.name: folder / f"{archive.pk}-{member.index}" for member in members}
        bad = unpack(path, lambda member: here.get(member.name), **limits)
    return here, [member.name for member in bad if member.name in here]
