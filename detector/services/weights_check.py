"""Whether a file is the published one: by its size and hash, before a byte of it is interpreted."""

import hashlib
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from detector.ml.embeddings.spec import BadWeights, WeightsSource
from detector.selectors.weights import how_to_get, known_by

PART_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A file that is the published one.

    sha256, md5: of the whole file, hex. n_bytes: its size. known_by: what it was recognised by, in words.
    """

    sha256: str
    md5: str
    n_bytes: int
    known_by: str


def open_regular(path: Path) -> BinaryIO:
    """Open a file for reading. Raises BadWeights when there is none, or it is a folder, a pipe or a device."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise BadWeights(f"{path} is not a regular file. Give the path of the downloaded file itself.")
        return path.open("rb")
    except FileNotFoundError:
        raise BadWeights(f"There is no file {path}. Give the path of the downloaded file.") from None
    except OSError as error:
        raise BadWeights(f"{path} cannot be opened: {error.strerror}.") from None


def check_source(file: BinaryIO, source: WeightsSource) -> Checked:
    """Return what the open file is known by.

    Raises BadWeights, with both sizes or hashes, when it is another file than the published one.
    """
    n_bytes = file.seek(0, 2)
    if n_bytes != source.n_bytes:
        how = "empty" if n_bytes == 0 else "another file, or cut short" if n_bytes < source.n_bytes else "another file"
        raise BadWeights(
            f"The file is {how}: it has {n_bytes:,} bytes, the published {source.file} has {source.n_bytes:,}. "
            f"{how_to_get(source)}"
        )
    file.seek(0)
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    while part := file.read(PART_BYTES):
        sha256.update(part)
        md5.update(part)
    found = Checked(sha256=sha256.hexdigest(), md5=md5.hexdigest(), n_bytes=n_bytes, known_by=known_by(source))
    for name, wanted, actual in (
        ("SHA-256", source.sha256, found.sha256),
        ("SHA-256", source.sha256_prefix, found.sha256[: len(source.sha256_prefix)]),
        ("MD5", source.md5, found.md5),
    ):
        if wanted and wanted != actual:
            raise BadWeights(
                f"The file is not the published {source.file}: its {name} begins with {actual[:16]}, "
                f"the published one's with {wanted[:16]}. {how_to_get(source)}"
            )
    return found
