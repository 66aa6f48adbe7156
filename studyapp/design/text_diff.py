"""What differs between two texts, side by side. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

LINES_AROUND = 1  # of what is the same, before and after what differs
ALIKE = 0.5  # of lines that replace others: less, and nothing of them counts as kept
MOST_WORDS = 2000  # of lines that are compared word by word


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A part of a text: the same in both, changed, or a mark for lines that are the same in both and not shown."""

    kind: Literal["same", "changed", "left_out"]
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class SideBySide:
    """The pieces of two texts that are worth showing."""

    before: list[Piece]
    after: list[Piece]

    def both(self, kind: Literal["same", "left_out"], text: str = "") -> None:
        for side in (self.before, self.after):
            if text or kind == "left_out":
                side.append(Piece(kind=kind, text=text))

    def changed(self, before: str, after: str) -> None:
        for side, text in ((self.before, before), (self.after, after)):
            if text:
                side.append(Piece(kind="changed", text=text))


def side_by_side(before: str, after: str) -> SideBySide:
    r"""Return the lines that differ, their words marked, with a line of context.

    >>> found = side_by_side("One.\nTwo.\nThree.\n", "One.\nTwo.\nThree.\nFour.\n")
    >>> [(each.kind, each.text) for each in found.before], [(each.kind, each.text) for each in found.after]
    ([('left_out', ''), ('same', 'Three.\n')], [('left_out', ''), ('same', 'Three.\n'), ('changed', 'Four.\n')])
    """
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    shown = SideBySide(before=[], after=[])
    last = 0  # line of `old` up to which all is shown or marked as left out
    for group in SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(LINES_AROUND):
        if group[0][1] > last:
            shown.both("left_out")
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                shown.both("same", "".join(old[i1:i2]))
            else:
                _add_words(shown, "".join(old[i1:i2]), "".join(new[j1:j2]))
        last = group[-1][2]
    if last < len(old):
        shown.both("left_out")
    return shown


def _add_words(shown: SideBySide, before: str, after: str) -> None:
    old, new = _words(before), _words(after)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if max(len(old), len(new)) > MOST_WORDS or matcher.ratio() < ALIKE:
        shown.changed(before, after)
        return
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            shown.both("same", "".join(old[i1:i2]))
        else:
            shown.changed("".join(old[i1:i2]), "".join(new[j1:j2]))


def _words(text: str) -> Sequence[str]:
    return re.findall(r"\S+\s*|\s+", text)
