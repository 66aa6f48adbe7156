"""Read a table of an upload as a manifest whose columns, and words for real and fake, the user says."""

import csv
import io
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from studyapp.errors import ImportFailed
from studyapp.services.csv_text import decode_csv, delimiter_of
from studyapp.services.stimulus_manifest import Row
from studyapp.vocab import Label

# Fact -> the words by which a column that holds it is known.
FACTS: dict[str, tuple[str, ...]] = {
    "path": ("path", "file", "filename", "file_name", "name", "audio", "wav", "clip", "utterance", "stimulus", "id"),
    "label": ("label", "key", "class_label", "target", "real_or_fake", "is_fake", "truth", "bonafide", "type"),
    "category": ("category", "class", "sound_class", "event", "scene", "tag"),
    "generator": ("generator", "system", "model", "attack", "method", "vocoder"),
    "team": ("team", "lab"),
    "track": ("track",),
    "source_group": ("source_group", "source", "recording", "speaker", "group"),
    "split": ("split", "subset", "partition", "fold"),
    "sha256": ("sha256",),
}
REQUIRED = ("path", "label", "category")
REAL_WORDS = {"real", "bonafide", "bona-fide", "bona_fide", "genuine", "human", "recorded", "original", "natural", "r"}
FAKE_WORDS = {"fake", "spoof", "spoofed", "synthetic", "generated", "deepfake", "machine", "ai", "artificial", "f"}
MAX_ROWS = 200_000
MAX_LABELS = 20  # distinct words in a column of labels; more, and it is another column


@dataclass(frozen=True, kw_only=True)
class Table:
    """header: the columns' names. rows: (line number, cells), as many cells as columns."""

    header: list[str]
    rows: list[tuple[int, list[str]]]


def read_table(name: str, content: bytes) -> Table:
    """Return the table in a CSV file. Raises ImportFailed with the line where it is none."""
    text = decode_csv(name, content)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text), strict=True)
    rows: list[tuple[int, list[str]]] = []
    header: list[str] | None = None
    try:
        for cells in reader:
            cells = [cell.strip() for cell in cells]
            if not any(cells):
                continue
            if header is None:
                header = cells
                continue
            rows.append((reader.line_num, [*cells, *[""] * len(header)][: len(header)]))
            if len(rows) > MAX_ROWS:
                raise ImportFailed(f"{name} has more than {MAX_ROWS:,} rows; keep those of the files that you send.")
    except csv.Error as error:
        raise ImportFailed(f"{name}: line {reader.line_num} is no CSV ({error})") from None
    if header is None or not rows:
        raise ImportFailed(f"{name} has no rows below its header")
    return Table(header=header, rows=rows)


def guess_columns(header: list[str]) -> dict[str, int]:
    """Return fact -> column, by the columns' names; each column for one fact at most."""
    words = ["_".join(name.lower().split()) for name in header]
    found: dict[str, int] = {}
    for fact, names in FACTS.items():
        for name in names:
            if name in words and words.index(name) not in found.values():
                found[fact] = words.index(name)
                break
    return found


def values_of(table: Table, column: int) -> list[tuple[str, int]]:
    """Return the words in a column and how often each stands there, the commonest first; at most 21."""
    return Counter(cells[column] for _, cells in table.rows).most_common(MAX_LABELS + 1)


def guess_label(word: str) -> str:
    """Return real or fake where the word means it, else "".

    >>> guess_label("Bonafide"), guess_label("spoof"), guess_label("A07")
    ('real', 'fake', '')
    """
    plain = word.strip().lower()
    if plain in REAL_WORDS:
        return Label.REAL.value
    return Label.FAKE.value if plain in FAKE_WORDS else ""


def as_rows(
    table: Table, columns: Mapping[str, int], labels: Mapping[str, str], constants: Mapping[str, str]
) -> list[tuple[int, Row]]:
    """Return the rows as a manifest's: facts by name, labels as real, fake or the word that is neither.

    constants: fact -> what it is in every row, for a fact that no column holds.
    """
    rows = []
    for number, cells in table.rows:
        row = {fact: constants.get(fact, "") for fact in FACTS}
        row |= {fact: cells[column] for fact, column in columns.items() if column < len(cells)}
        row["label"] = labels.get(row["label"], row["label"]) if "label" in columns else row["label"]
        rows.append((number, row))
    return rows


class FileFinder:
    """Finds the file of an upload that a row names: its path, the end of its path, or its name without suffix."""

    def __init__(self, names: Mapping[str, str]) -> None:
        """Take names: as sent -> without the folder that all sounds stand in. A table may be written from either."""
        self._by_key: dict[str, str | None] = {}
        for sent, name in names.items():
            for key in _keys(sent):
                # A key of two files finds neither, unless it is one's whole name.
                self._by_key[key] = None if key in self._by_key else name
        whole: dict[str, str | None] = {_form(name): name for name in names.values()}
        for sent, name in names.items():
            if whole.setdefault(_form(sent), name) != name:
                whole[_form(sent)] = None
        self._by_key |= whole

    def find(self, path: str) -> str | None:
        """Return the file's name; None where none, or more than one, is meant."""
        plain = _form(PurePosixPath(path.replace("\\", "/")).as_posix()).removeprefix("./")
        return self._by_key.get(plain)


def _form(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _keys(name: str) -> set[str]:
    parts = PurePosixPath(_form(name)).parts
    ends = {"/".join(parts[start:]) for start in range(len(parts))}
    return ends | {end.rpartition(".")[0] for end in ends if "." in end.rpartition("/")[2]} - {""}


def checked_columns(given: Mapping[str, Any], n_columns: int) -> dict[str, int]:
    """Return fact -> column of what a form gave; a column that is not there counts as none."""
    found = {}
    for fact in FACTS:
        value = str(given.get(fact, ""))
        if value.isdecimal() and int(value) < n_columns:
            found[fact] = int(value)
    return found
