"""ZIP files that do harm, or try to; made by hand where zipfile would not make them."""

import io
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

WAV = b"RIFF" + bytes(200)
Maker = Callable[[], bytes]


def packed(*files: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files:
            archive.writestr(name, content, compress_type=method)
    return buffer.getvalue()


def _link(mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("link.wav")
    info.create_system = 3
    info.external_attr = mode << 16
    return info


def patched(content: bytes, at: int, new: bytes, *, header: bytes = b"PK\1\2") -> bytes:
    """Overwrite bytes in the first central (or other) record."""
    start = content.index(header) + at
    return content[:start] + new + content[start + len(new) :]


def both(content: bytes, local_at: int, central_at: int, new: bytes) -> bytes:
    return patched(patched(content, local_at, new, header=b"PK\3\4"), central_at, new)


def renamed(name: bytes) -> bytes:
    """A member whose raw name zipfile would not write."""
    stand_in = "n" * len(name)
    return packed((stand_in, WAV)).replace(stand_in.encode(), name)


def overlapping(n: int = 20) -> bytes:
    """One member's bytes, listed n times: what a quine or a better bomb does."""
    body = packed(("a.wav", WAV))
    start, end = body.index(b"PK\1\2"), body.index(b"PK\5\6")
    entry = body[start:end]
    entries = b"".join(entry.replace(b"a.wav", f"{chr(97 + i)}.wav".encode()) for i in range(n))
    record = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, n, n, len(entries), start, 0)
    return body[:start] + entries + record


def many(n: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for index in range(n):
            archive.writestr(f"{index}.wav", b"")
    return buffer.getvalue()


def says_many(n: int) -> bytes:
    """Says so many entries in its last record, has one."""
    return patched(packed(("a.wav", WAV)), 8, struct.pack("<HH", n, n), header=b"PK\5\6")


def zip64(*, n_entries: int = 1, size: int | None = None, where: int | None = None) -> bytes:
    """With a zip64 record that says what it is told to."""
    body = packed(("a.wav", WAV))
    start, end = body.index(b"PK\1\2"), body.index(b"PK\5\6")
    n_bytes = end - start if size is None else size
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, n_entries, n_entries, n_bytes, start)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, end if where is None else where, 1)
    last = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return body[:end] + record + locator + last


def two_zip64(n_entries: int) -> bytes:
    """With a zip64 record that tells the truth, which the locator names, and one that does not, which zipfile reads."""
    body = zip64()
    start, end = body.index(b"PK\6\6"), body.index(b"PK\6\7")
    lie = bytearray(body[start:end])
    lie[24:40] = struct.pack("<2Q", n_entries, n_entries)
    return body[:end] + bytes(lie) + body[end:]


def zip64_member(size: int) -> bytes:
    """A member whose zip64 field says another size."""
    extra = struct.pack("<HHQ", 1, 8, size)
    info = zipfile.ZipInfo("a.wav")
    info.extra = extra
    body = packed((info, WAV))
    return patched(body, 24, b"\xff\xff\xff\xff")


def nameless() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("a.wav")
    info.filename = ""
    return info


def bomb(n: int = 1, each: int = 30 << 20) -> bytes:
    return packed(*((f"{i}.wav", bytes(each)) for i in range(n)), method=zipfile.ZIP_DEFLATED)


GOOD = packed(("a.wav", WAV))
# name -> how it is made, and a word of the refusal
REFUSED: dict[str, tuple[Maker, str]] = {
    "climbs": (lambda: packed(("../a.wav", WAV)), "leads out"),
    "climbs deep": (lambda: packed(("x/../../../etc/cron.d/a.wav", WAV)), "leads out"),
    "climbs by backslash": (lambda: renamed(b"..\\..\\a.wav"), "leads out"),
    "absolute": (lambda: renamed(b"/etc/a.wav"), "leads out"),
    "absolute by backslash": (lambda: renamed(b"\\etc\\a.wav"), "leads out"),
    "drive": (lambda: renamed(b"C:\\a.wav"), "leads out"),
    "drive by slash": (lambda: packed(("C:/a.wav", WAV)), "leads out"),
    "symbolic link": (lambda: packed((_link(stat.S_IFLNK | 0o777), b"/etc/passwd")), "link"),
    "device": (lambda: packed((_link(stat.S_IFCHR | 0o666), b"")), "link or a device"),
    "block device": (lambda: packed((_link(stat.S_IFBLK | 0o666), b"")), "link or a device"),
    "fifo": (lambda: packed((_link(stat.S_IFIFO | 0o666), b"")), "link or a device"),
    "socket": (lambda: packed((_link(stat.S_IFSOCK | 0o666), b"")), "link or a device"),
    "NUL in a name": (lambda: renamed(b"a.wav\0.txt.wav"), "NUL"),
    "ZIP in it": (lambda: packed(("inner.zip", GOOD), ("a.wav", WAV)), "archive in the archive"),
    "tar in it": (lambda: packed(("inner.tar.gz", b"x"), ("a.wav", WAV)), "archive in the archive"),
    "7z in it": (lambda: packed(("deep/inner.7z", b"x"), ("a.wav", WAV)), "archive in the archive"),
    "RAR in it": (lambda: packed(("INNER.RAR", b"x"), ("a.wav", WAV)), "archive in the archive"),
    "encrypted": (lambda: both(GOOD, 6, 8, b"\1\0"), "encrypted"),
    "strongly encrypted": (lambda: both(GOOD, 6, 8, b"\x41\0"), "encrypted"),
    "masked": (lambda: both(GOOD, 6, 8, b"\0\x20"), "encrypted"),
    "bzip2": (lambda: packed(("a.wav", WAV), method=zipfile.ZIP_BZIP2), "unusual"),
    "LZMA": (lambda: packed(("a.wav", WAV), method=zipfile.ZIP_LZMA), "unusual"),
    "unknown method": (lambda: both(GOOD, 8, 10, b"\x63\0"), "unusual"),
    "overlapping": (overlapping, "share"),
    "bomb": (bomb, "200 times"),
    "bomb of many": (lambda: bomb(5, 5 << 20), "200 times"),
    "over the total": (lambda: packed(*((f"{i}.wav", bytes(300_000)) for i in range(4))), "unpacked"),
    "too many": (lambda: many(51), "51 files"),
    "says too many": (lambda: says_many(60_000), "60,000 files"),
    "zip64 says too many": (lambda: zip64(n_entries=1 << 40), "files are in"),
    "zip64 says a huge table": (lambda: zip64(size=1 << 40), "table of contents"),
    "zip64 record elsewhere": (lambda: zip64(where=1 << 50), "no whole ZIP"),
    "zip64 record at nothing": (lambda: zip64(where=0), "no whole ZIP"),
    "two zip64 records": (lambda: two_zip64(1 << 40), "no whole ZIP"),
    "no name": (lambda: packed((nameless(), WAV), ("b.wav", WAV)), "without a name"),
    "zip64 size lies": (lambda: zip64_member(1 << 45), "unpacked"),
    "size lies": (lambda: patched(GOOD, 24, struct.pack("<L", 1 << 31)), "unpacked"),
    "packed size lies": (lambda: patched(GOOD, 20, struct.pack("<L", 1 << 30)), "no whole ZIP"),
    "offset beyond the end": (lambda: patched(GOOD, 42, struct.pack("<L", 1 << 30)), "no whole ZIP"),
    "several parts": (lambda: patched(GOOD, 4, b"\3\0\3\0", header=b"PK\5\6"), "several"),
    "cut short": (lambda: GOOD[:-30], "no ZIP file"),
    "cut at the front": (lambda: GOOD[len(GOOD) // 2 :], "ZIP file"),
    "no ZIP": (lambda: b"MZ" + bytes(500), "no ZIP file"),
    "nothing": (lambda: b"", "no ZIP file"),
    "last record alone": (lambda: b"PK\5\6" + bytes(18), "no sound"),
    "folders alone": (lambda: packed(("real/", b""), ("fake/", b"")), "no sound"),
    "texts alone": (lambda: packed(("readme.pdf", b"x")), "no sound"),
    "systems' files alone": (lambda: packed(("__MACOSX/._a.wav", b"x"), (".hidden.wav", b"x")), "no sound"),
    "name not UTF-8": (lambda: both(renamed(b"\xff\xfe\xfa.wav"), 6, 8, b"\0\x08"), "no whole ZIP"),
}  # fmt: skip


def twice() -> bytes:
    buffer = io.BytesIO()
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("a.wav", WAV)
            archive.writestr("a.wav", WAV + b"x")
    return buffer.getvalue()


REFUSED["twice"] = (twice, "twice")


def wrong_sum() -> bytes:
    """A good table of contents, and other bytes than it says."""
    return GOOD.replace(WAV, WAV[:-1] + b"x")


def other_local_name() -> bytes:
    return patched(GOOD, 30, b"b.wav", header=b"PK\3\4")


def shorter_than_said() -> bytes:
    """Says that it unpacks to fewer bytes than it does."""
    body = packed(("a.wav", bytes(1000)), method=zipfile.ZIP_DEFLATED)
    return patched(body, 24, struct.pack("<L", 10))


DAMAGED: dict[str, Maker] = {
    "wrong checksum": wrong_sum, "other local name": other_local_name, "unpacks to more": shorter_than_said,
    "unpacks to less": lambda: patched(GOOD, 24, struct.pack("<L", 400)),
    "no deflate stream": lambda: both(GOOD, 8, 10, b"\x08\0"),
}  # fmt: skip


def write(folder: Path, content: bytes) -> Path:
    path = folder / "sent.zip"
    path.write_bytes(content)
    return path
