"""CSV files as spreadsheets save them: UTF-8 or UTF-16; comma, semicolon or tab."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from studyapp.errors import ImportFailed


def decode_csv(name: str, content: bytes) -> str:
    """Return the text of the file of that name. Raises ImportFailed where it is neither UTF-8 nor marked UTF-16."""
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise ImportFailed(f"{name} is not UTF-8 text: save it as CSV UTF-8") from None


def delimiter_of(text: str) -> str:
    """Return what parts the cells: the commonest of comma, semicolon and tab in the header.

    >>> delimiter_of("stimulus;fake_score\\none;0,5")
    ';'
    """
    return max(",;\t", key=text.split("\n", 1)[0].count)


def read_csv(path: Path) -> tuple[list[str], Iterator[tuple[int, dict[str, str | None]]]]:
    """Return the header, in small letters, and the rows with the numbers of their lines; empty rows are left out.

    Cells beyond the header stand under None. Raises ImportFailed for what is no CSV text, or has a column twice.
    """
    try:
        text = decode_csv(path.name, path.read_bytes())
    except OSError as error:
        raise ImportFailed(f"{path}: {error.strerror}") from None
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter_of(text), strict=True)
    try:
        header = [name.strip().lower() for name in reader.fieldnames or []]
    except csv.Error as error:
        raise _no_csv(path, reader.line_num, error) from None
    reader.fieldnames = header
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise ImportFailed(f"{path.name}: the header names {', '.join(twice)} twice; leave one of them")
    return header, _rows(path, reader)


def _rows(path: Path, reader: "csv.DictReader[str]") -> Iterator[tuple[int, dict[str, str | None]]]:
    try:
        # A spreadsheet saves rows that were emptied as delimiters alone.
        yield from ((reader.line_num, values) for values in reader if any(values.values()))
    except csv.Error as error:
        raise _no_csv(path, reader.line_num, error) from None


def _no_csv(path: Path, line: int, error: csv.Error) -> ImportFailed:
    return ImportFailed(
        f"{path.name} is no CSV after line {line} ({error}); nothing was stored. "
        "Look for a quotation mark that is not closed, and save the table as CSV UTF-8."
    )
