"""What a file of an upload is, by its name alone."""

from pathlib import PurePosixPath

from studyapp.services.stimulus_files import is_audio_name

TABLE_SUFFIXES = (".csv", ".tsv")
# Folders that layouts know: what stands below them says what a sound is.
KNOWN_FOLDERS = ("real", "fake", "submissions", "dcase_2023_challenge_task_7_dataset")
SYSTEM_NAMES = ("thumbs.db", "desktop.ini")


def kind_of(name: str) -> str:
    """Return sound, archive or manifest (any table); "" for what no upload needs."""
    if name.lower().endswith(".zip"):
        return "archive"
    if name.lower().endswith(TABLE_SUFFIXES):
        return "manifest"
    return "sound" if is_audio_name(name) else ""


def is_system_file(name: str) -> bool:
    """Whether an operating system put the file beside the user's own: resource forks, thumbnails, hidden files."""
    parts = PurePosixPath(name).parts
    return any((part.startswith(".") and part != "..") or part == "__MACOSX" for part in parts) or (
        bool(parts) and parts[-1].lower() in SYSTEM_NAMES
    )


def without_common_folder(names: list[str]) -> int:
    """Return how many folders all names begin with, which say nothing: the one that was dropped, or packed.

    >>> without_common_folder(["clips/real/rain/1.wav", "clips/fake/net/rain/1.wav"])
    1
    """
    depth = 0
    parts = [PurePosixPath(name).parts for name in names]
    while parts and all(len(each) > depth + 1 and each[depth] == parts[0][depth] for each in parts):
        if parts[0][depth].lower() in KNOWN_FOLDERS:
            break
        depth += 1
    return depth
