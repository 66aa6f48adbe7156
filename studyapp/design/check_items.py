"""What a launch checklist says of a study: one item for each thing that is broken or unwise. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """block: the launch would not work. warn: it works, and the study may be worse for it."""

    BLOCK = "block"
    WARN = "warn"


@dataclass(frozen=True, kw_only=True)
class CheckItem:
    """One thing to know before a launch.

    Parameters
    ----------
    code
        What it is about, the same in every study.
    words
        What was found, in one sentence or two.
    todo
        What to do about it; empty where the words say it.
    place
        Where that is done: a section of the design such as "consent", or "set", "pilot", "plan", "power"; empty for
        outside of the pages.
    """

    code: str
    level: Level
    words: str
    todo: str = ""
    place: str = ""

    @property
    def line(self) -> str:
        """The item on one line, as commands print it."""
        return f"{self.words} {self.todo}".strip()


def block(code: str, words: str, *, todo: str = "", place: str = "") -> CheckItem:
    return CheckItem(code=code, level=Level.BLOCK, words=words, todo=todo, place=place)


def warn(code: str, words: str, *, todo: str = "", place: str = "") -> CheckItem:
    return CheckItem(code=code, level=Level.WARN, words=words, todo=todo, place=place)


def blocking(items: Iterable[CheckItem]) -> list[CheckItem]:
    """Return the items that stand in the way of a launch."""
    return [item for item in items if item.level is Level.BLOCK]


def unwise(items: Iterable[CheckItem]) -> list[CheckItem]:
    """Return the items that a launch can live with."""
    return [item for item in items if item.level is Level.WARN]
