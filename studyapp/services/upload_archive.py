"""Look into a ZIP file that nobody vouches for, and take sounds and tables out of it. Its names never become paths.

Everything is checked by its table of contents before a byte is unpacked; what the table says is not believed either:
bytes are counted while they are unpacked.
"""

import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from studyapp.errors import UploadRefused
from studyapp.services.upload_kinds import is_system_file, kind_of

MAX_RATIO = 200  # unpacked to packed; sounds that are sounds reach 20
SMALL_BYTES = 1 << 20  # below it a ratio says little: a second of digital silence packs 1:1000
MAX_TABLE_BYTES = 8 << 20  # the ZIP file's own table of contents: 5,000 entries take half a MiB
PART_BYTES = 1 << 20
END, END_64, LOCATOR_64 = b"PK\5\6", b"PK\6\6", b"PK\6\7"
# What zipfile and zlib raise at files that are damaged or made to do harm.
BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, OverflowError, NotImplementedError,
    RuntimeError, OSError, MemoryError,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Member:
    """A sound or a table in an archive. name: as data, with forward slashes. index: its place in the archive."""

    name: str
    index: int
    n_bytes: int


@dataclass(frozen=True, kw_only=True)
class Contents:
    """members: sounds and tables. n_left_out: other files, such as texts and what operating systems add."""

    members: list[Member]
    n_left_out: int


class DamagedMember(Exception):
    """A member of an archive cannot be unpacked as the archive says."""


def list_archive(path: Path, *, max_files: int, max_bytes: int) -> Contents:
    """Return what the archive holds. Raises UploadRefused for one that is no plain ZIP file of files."""
    with _opened(path, max_files) as archive:
        infos = archive.infolist()
        files = [(index, info) for index, info in enumerate(infos) if not info.is_dir()]
        if len(infos) > max_files:
            raise _too_many(len(infos), max_files)
        for _, info in files:
            _check_entry(info)
        _check_sizes([info for _, info in files], max_bytes)
        _check_places(infos, archive.start_dir)
    members = _members(files)
    if not members:
        raise UploadRefused("bad_file", "there is no sound in this ZIP file, and no table.")
    return Contents(members=members, n_left_out=len(files) - len(members))


def unpack(path: Path, wanted: Callable[[Member], Path | None], *, max_files: int, max_bytes: int) -> list[Member]:
    """Write each member to the path that `wanted` names for it, in parts; return those that were damaged.

    Raises UploadRefused as `list_archive` does.
    """
    contents = list_archive(path, max_files=max_files, max_bytes=max_bytes)
    damaged = []
    with _opened(path, max_files) as archive:
        infos = archive.infolist()
        for member in contents.members:
            target = wanted(member)
            if target is None:
                continue
            try:
                _copy(archive, infos[member.index], target)
            except DamagedMember:
                target.unlink(missing_ok=True)
                damaged.append(member)
    return damaged


def read_member(path: Path, name: str, *, max_files: int, max_bytes: int) -> bytes:
    """Return the bytes of one member, at most max_bytes. Raises UploadRefused."""
    with _opened(path, max_files) as archive:
        for info in archive.infolist():
            if plain_name(info.filename) == name and not info.is_dir():
                try:
                    with archive.open(info) as source:
                        content = source.read(max_bytes + 1)
                except BROKEN:
                    raise UploadRefused("bad_file", f"{name} is damaged in the ZIP file; pack it again.") from None
                if len(content) > max_bytes:
                    raise UploadRefused("too_large", f"{name} has more than {max_bytes} bytes.")
                return content
    raise UploadRefused("bad_file", f"there is no {name} in the ZIP file.")


def plain_name(name: str) -> str:
    """Return the name with forward slashes and without a leading ./"""
    return PurePosixPath(name.replace("\\", "/")).as_posix()


@contextmanager
def _opened(path: Path, max_files: int) -> Iterator[zipfile.ZipFile]:
    with path.open("rb") as file:
        _check_end(file, max_files)
        try:
            archive = zipfile.ZipFile(file)
        except BROKEN:
            raise UploadRefused("bad_file", "this is no whole ZIP file; pack it again.") from None
        with archive:
            # is_dir() of Python 3.11 fails on an empty name.
            if not all(info.filename for info in archive.infolist()):
                raise UploadRefused("bad_file", "a file without a name is in the ZIP file; pack the folder anew.")
            yield archive


def _check_end(file: IO[bytes], max_files: int) -> None:
    """Refuse by the last record alone what would take long to read: zipfile reads all entries at once."""
    size = file.seek(0, 2)
    start = max(0, size - 22 - 0xFFFF)
    file.seek(start)
    tail = file.read()
    at = tail.rfind(END)
    if at < 0 or len(tail) - at < 22:
        raise UploadRefused("bad_file", "this is no ZIP file, or only a part of one.")
    disk, table_disk, _, n_entries, n_bytes, _ = struct.unpack("<4H2L", tail[at + 4 : at + 20])
    if disk not in (0, 0xFFFF) or table_disk not in (0, 0xFFFF):
        raise UploadRefused("bad_file", "this is one part of a ZIP file in several; pack it as one.")
    locator = tail[at - 20 : at] if at >= 20 else b""
    if locator.startswith(LOCATOR_64):
        # zipfile reads the record that stands before the locator, whatever place the locator names: they must agree.
        place = start + at - 20 - 56
        file.seek(max(0, place))
        record = file.read(56)
        if struct.unpack("<Q", locator[8:16])[0] != place or not record.startswith(END_64):
            raise UploadRefused("bad_file", "this is no whole ZIP file; pack it again.")
        n_entries, n_bytes = struct.unpack("<2Q", record[32:48])
    if n_entries > max_files:
        raise _too_many(n_entries, max_files)
    if n_bytes > MAX_TABLE_BYTES:
        raise UploadRefused("too_large", "the ZIP file's table of contents is too large; pack fewer files.")


def _too_many(n: int, limit: int) -> UploadRefused:
    return UploadRefused("too_large", f"{n:,} files are in the ZIP file; an upload takes at most {limit:,}.")


def _check_entry(info: zipfile.ZipInfo) -> None:
    name = plain_name(info.filename)
    shown = name[:80]
    if info.flag_bits & (0x1 | 0x40 | 0x2000):
        raise UploadRefused("bad_file", f"{shown} is encrypted; pack the files without a password.")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UploadRefused("bad_file", f"{shown} is packed in an unusual way; pack an ordinary ZIP file.")
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        raise UploadRefused("bad_file", f"{shown} is a link or a device; pack the files themselves.")
    if "\0" in info.orig_filename:
        raise UploadRefused("bad_file", f"the name {shown!r} holds a NUL character; rename the file.")
    parts = PurePosixPath(name).parts
    if name.startswith("/") or ".." in parts or (parts and parts[0].endswith(":")):
        raise UploadRefused("bad_file", f"the name {shown!r} leads out of the ZIP file; pack the folder anew.")
    if kind_of(name) == "archive" or name.lower().endswith((".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz")):
        raise UploadRefused("bad_file", f"{shown} is an archive in the archive; unpack it and pack its files.")


def _check_sizes(infos: list[zipfile.ZipInfo], max_bytes: int) -> None:
    total = sum(info.file_size for info in infos)
    packed = sum(info.compress_size for info in infos)
    if total > max_bytes:
        raise UploadRefused(
            "too_large", f"unpacked, the ZIP file has {total:,} bytes; an upload takes at most {max_bytes:,}."
        )
    for name, unpacked, size in [
        *((plain_name(info.filename)[:80], info.file_size, info.compress_size) for info in infos),
        ("it", total, packed),
    ]:
        if unpacked > SMALL_BYTES and unpacked > MAX_RATIO * size:
            raise UploadRefused(
                "too_large", f"{name} unpacks to more than {MAX_RATIO} times its size; send the files without packing."
            )


def _check_places(infos: list[zipfile.ZipInfo], end: int) -> None:
    """Refuse entries that share bytes: a small file would unpack to any size."""
    names = [plain_name(info.filename) for info in infos if not info.is_dir()]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise UploadRefused("bad_file", f"{twice[:80]} is in the ZIP file twice; pack the folder anew.")
    taken = 0
    for info in sorted(infos, key=lambda each: each.header_offset):
        # 30 bytes and the name are the least that stand before the content; its own extra field may be longer.
        if info.header_offset < taken:
            raise UploadRefused("bad_file", "two files of the ZIP file share their bytes; pack the folder anew.")
        taken = info.header_offset + 30 + info.compress_size
        if taken > end:
            raise UploadRefused("bad_file", "this is no whole ZIP file; pack it again.")


def _members(files: list[tuple[int, zipfile.ZipInfo]]) -> list[Member]:
    named = [(plain_name(info.filename), index, info.file_size) for index, info in files]
    return [
        Member(name=name, index=index, n_bytes=size)
        for name, index, size in named
        if not is_system_file(name) and kind_of(name) in ("sound", "manifest")
    ]


def _copy(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> None:
    """Unpack a member in parts; zipfile gives no more bytes than the table says. Raises DamagedMember."""
    n_bytes = 0
    try:
        with archive.open(info) as source, target.open("wb") as copy:
            while part := source.read(PART_BYTES):
                n_bytes += len(part)
                copy.write(part)
    except BROKEN as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the disk, not the archive
        raise DamagedMember(str(error)) from None
    if n_bytes != info.file_size:
        raise DamagedMember(f"{n_bytes} bytes, not {info.file_size}")
