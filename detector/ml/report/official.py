"""Read official scores of systems from a CSV file."""

import csv
import io
import math

from studyapp.errors import EarwitnessError

COLUMNS = ("system", "score")


class BadScores(EarwitnessError):
    """A file of official scores cannot be used."""


def read_official(text: str) -> dict[str, float]:
    """Return system -> score from the text of a CSV with the columns system, score, and perhaps category.

    Several categories of a system are averaged. Spaces around values are dropped; a byte order mark is no matter.

    Raises
    ------
    BadScores
        Naming the line, for a missing column, an empty system, a score that is no finite number, or a system (with its
        category) that occurs twice.

    Examples
    --------
    >>> read_official("system,category,score\\nA1,rain,2\\nA1,dog_bark,4\\n")
    {'A1': 3.0}
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), skipinitialspace=True)
    names = [name.strip() for name in reader.fieldnames or []]
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise BadScores(f"The file of official scores has no column {missing[0]!r}. It needs: {', '.join(COLUMNS)}.")
    reader.fieldnames = names
    scores: dict[str, dict[str, float]] = {}
    for row in reader:
        system, category = (row["system"] or "").strip(), (row.get("category") or "").strip()
        if not system:
            raise BadScores(f"Line {reader.line_num} of the official scores names no system.")
        if category in scores.setdefault(system, {}):
            where = f" in {category}" if category else ""
            raise BadScores(f"Line {reader.line_num} of the official scores: {system}{where} stands there twice.")
        scores[system][category] = _number(row["score"], reader.line_num)
    if not scores:
        raise BadScores("The file of official scores has no rows.")
    return {system: sum(values.values()) / len(values) for system, values in scores.items()}


def _number(text: str | None, line: int) -> float:
    try:
        value = float((text or "").strip())
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise BadScores(f"Line {line} of the official scores: {text!r} is not a number. Leave out systems without one.")
    return value
