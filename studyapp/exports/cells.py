"""Cells of CSV files: what a spreadsheet would run is made harmless, numbers stay numbers."""

import csv
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

# Spreadsheets take a cell for a formula when it starts so, after what they trim and fold away.
_FORMULA_STARTS = ("=", "+", "-", "@")
_TRIMMED = " \t\r\n\v\f\xa0\ufeff\u200b\u200c\u200d\u2060\x00'"
ASKED_UNANSWERED = "NA"  # asked for and not answered; an empty cell was not asked for


def text_cell(value: str) -> str:
    """Return the text, with an apostrophe before it where a spreadsheet would take it for a formula.

    Every kind of line end becomes a newline: readers of CSV do not agree on a lone carriage return.

    >>> text_cell("=1+1"), text_cell("  @x"), text_cell("a dog"), text_cell("\uff1dx")
    ("'=1+1", "'  @x", 'a dog', "'\uff1dx")
    """
    folded = unicodedata.normalize("NFKC", value).lstrip(_TRIMMED)
    is_formula = folded.startswith(_FORMULA_STARTS) or value.startswith(("\t", "\r"))
    lines = value.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{lines}" if is_formula else lines


def cell(value: Any) -> str:
    """Return any value as a cell: empty for None, true/false, ISO 8601 in UTC, lists joined by semicolons.

    >>> cell(None), cell(True), cell(-1.5), cell(["a", "b"]), cell("-x")
    ('', 'true', '-1.5', 'a;b', "'-x")
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, list | tuple):
        return text_cell(";".join(str(item) for item in value))
    return text_cell(str(value))


class _Echo:
    """A file that gives back what is written to it, so that csv.writer makes lines for a stream."""

    def write(self, line: str) -> str:
        return line


def csv_lines(header: list[str], rows: Iterable[list[Any]]) -> Iterator[str]:
    """Yield the lines of a CSV file, one at a time: comma, quotes where needed, header first."""
    writer = csv.writer(_Echo(), lineterminator="\n")
    yield writer.writerow(header)
    for row in rows:
        yield writer.writerow([cell(value) for value in row])
