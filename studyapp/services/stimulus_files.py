"""Find the files of a folder to import, without ever leaving it."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from studyapp.vocab import Label, Rejection

AUDIO_SUFFIXES = {
    ".wav", ".wave", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".aifc", ".au", ".snd", ".m4a", ".mp4",
    ".aac", ".wma", ".webm", ".w64", ".rf64", ".caf",
}  # fmt: skip
MAX_NAME_LENGTH = 500


@dataclass(frozen=True, kw_only=True)
class FoundFile:
    """A file that a layout takes for a stimulus, and what its place or its manifest row says of it."""

    path: Path
    name: str
    label: Label
    category: str
    generator: str = ""
    team: str = ""
    track: str = ""
    source_group: str = ""
    original_split: str = ""
    expected_sha256: str = ""
    machine_decision: Label | None = None


@dataclass(frozen=True, kw_only=True)
class RefusedFile:
    """A file that is not imported, and why."""

    name: str
    reason: Rejection
    detail: str


@dataclass(frozen=True, kw_only=True)
class Listing:
    """What a layout found: files to import, and files refused before they were opened."""

    layout: str
    source: str
    found: list[FoundFile]
    refused: list[RefusedFile]


def is_audio_name(name: str) -> bool:
    """Whether a file name looks like audio, readable by us or not."""
    return os.path.splitext(name)[1].lower() in AUDIO_SUFFIXES  # noqa: PTH122 (a name, not a path on this machine)


def walk_folder(root: Path) -> Iterator[tuple[str, Path]]:
    """Yield (relative POSIX name, path) of everything below root that is not a folder, links to folders too, sorted."""
    for folder, subfolders, files in os.walk(root, followlinks=False):
        subfolders.sort()
        links = [name for name in subfolders if (Path(folder) / name).is_symlink()]
        for name in sorted(files + links):
            path = Path(folder) / name
            yield path.relative_to(root).as_posix(), path


def refuse_path(name: str, path: Path) -> RefusedFile | None:
    """Return why the path must not even be opened: a link, a device, a name that cannot be stored; None when it may."""
    try:
        name.encode()
    except UnicodeEncodeError:
        shown = name.encode("utf-8", "backslashreplace").decode()[:MAX_NAME_LENGTH]
        return RefusedFile(
            name=shown, reason=Rejection.UNREADABLE, detail="the file's name is not valid UTF-8; rename it"
        )
    if len(name) > MAX_NAME_LENGTH:
        shown = name[: MAX_NAME_LENGTH - 1] + "…"
        return RefusedFile(
            name=shown, reason=Rejection.UNREADABLE, detail=f"the file's name has {len(name)} characters; 500 are kept"
        )
    if path.is_symlink():
        return RefusedFile(
            name=name,
            reason=Rejection.UNREADABLE,
            detail="a symbolic link; links are not followed, copy the file instead",
        )
    return None
