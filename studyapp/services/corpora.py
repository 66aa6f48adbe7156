"""Corpora on the server: folders below the one that EARWITNESS_CORPORA names. Staff choose among them, no free path."""

from pathlib import Path

from django.conf import settings

from studyapp.errors import NotFound

MAX_DEPTH = 2
MAX_SHOWN = 500


def list_corpora() -> list[str]:
    """Return the folders that can be imported, by their path below the root, two levels deep."""
    root = settings.CORPORA_DIR
    if root is None or not Path(root).is_dir():
        return []
    found: list[str] = []
    level = [Path(root)]
    for _ in range(MAX_DEPTH):
        level = [child for folder in level for child in sorted(folder.iterdir()) if _is_plain_folder(child)]
        found += [folder.relative_to(root).as_posix() for folder in level]
    return sorted(found)[:MAX_SHOWN]


def corpus_folder(name: str) -> Path:
    """Return the folder of that name. Raises NotFound for any that the list does not hold."""
    root = settings.CORPORA_DIR
    if root is None or name not in list_corpora():
        raise NotFound("There is no such corpus on the server. Choose one from the list.")
    return Path(root) / name


def _is_plain_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink() and not path.name.startswith(".")
