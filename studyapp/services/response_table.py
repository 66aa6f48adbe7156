"""A table of judgements from another program: CSV as spreadsheets save it, or the JSON that jsPsych writes."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from studyapp.errors import ImportFailed
from studyapp.services.csv_text import read_csv

Rows = Iterator[tuple[int, dict[str, str | None]]]


def read_table(path: Path) -> tuple[list[str], Rows]:
    """Return the header in small letters, and the rows with their numbers. Raises ImportFailed."""
    return _read_json(path) if path.suffix.lower() in (".json", ".jsonl", ".txt") else read_csv(path)


def plain_answer(text: str) -> str:
    """Return the answers within a cell that holds a JSON object, as jsPsych's surveys write it; other text as it is.

    >>> plain_answer('{"Q0": "too clean"}'), plain_answer('{"Q0": ["a", "b"]}'), plain_answer("{odd")
    ('too clean', 'a|b', '{odd')
    """
    if not text.startswith("{"):
        return text
    try:
        found = json.loads(text)
    except ValueError:
        return text
    answers = [each for value in found.values() for each in (value if isinstance(value, list) else [value])]
    return "|".join(_cell(each) or "" for each in answers)


def _read_json(path: Path) -> tuple[list[str], Rows]:
    """Read lists of objects, one in the file or one a line; every object is a row, its keys the columns."""
    try:
        text = path.read_text(encoding="utf-8-sig").strip()
        lists = _lists(text)
    except OSError as error:
        raise ImportFailed(f"{path}: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise ImportFailed(f"{path.name} is no JSON: save the data as JSON or CSV, in UTF-8") from None
    objects = [each for found in lists for each in found]
    if not all(isinstance(each, dict) for each in objects):
        raise ImportFailed(f"{path.name}: is no list of trials, each with its names and values")
    rows = [{name.strip().lower(): _cell(value) for name, value in each.items()} for each in objects]
    header = list(dict.fromkeys(name for row in rows for name in row))
    return header, iter(enumerate(rows, start=1))


def _lists(text: str) -> Iterable[list[Any]]:
    try:
        found = [json.loads(text)]
    except ValueError:
        found = [json.loads(line) for line in text.splitlines() if line.strip()]
    if all(isinstance(each, dict) for each in found):
        return [found]
    if not all(isinstance(each, list) for each in found):
        raise ValueError("neither lists nor objects")
    return found


def _cell(value: Any) -> str | None:
    """Return a value as it would stand in a CSV file; nothing for null."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
