"""What the page of an upload's description shows: the ways to describe it, their fields, and a preview."""

from collections import Counter
from typing import Any

from studyapp.errors import ConfigError, EarwitnessError
from studyapp.models import StimulusUpload
from studyapp.services.stimulus_files import Listing
from studyapp.services.stimulus_layouts import folder_layout_of
from studyapp.services.upload_contents import UploadContents, contents_of, preview, read_sent_table
from studyapp.services.upload_description import WAYS, short_names
from studyapp.services.upload_table import (
    FACTS,
    MAX_LABELS,
    REQUIRED,
    Table,
    checked_columns,
    guess_columns,
    guess_label,
    values_of,
)
from studyapp.vocab import Label

SHOWN = 20
WORDS = {
    "path": "File",
    "label": "Real or fake",
    "category": "Category",
    "generator": "Generator",
    "team": "Team",
    "track": "Track",
    "source_group": "Source recording",
    "split": "Split",
    "sha256": "SHA-256",
}


def describe_page(
    upload: StimulusUpload, given: dict[str, Any], *, refusal: EarwitnessError | None = None
) -> dict[str, Any]:
    """Return the page's context; what was given last is chosen, at first what the upload suggests."""
    contents = contents_of(upload)
    is_first = not given
    table, table_problem = _table(contents, given)
    given = {**_suggested(contents, table), **given}
    if not given["table"]:
        given["table"] = next(iter(contents.tables), "")
    if given["how"] not in WAYS:
        given["how"] = "folders"
    if table is not None:
        given.setdefault("columns", guess_columns(table.header))
        given["columns"] = checked_columns(given["columns"], len(table.header))
        given["labels"] = _labels(table, given)
    listing, problem = _preview(upload, given) if refusal is None else (None, refusal)
    problem = table_problem or problem if given["how"] == "manifest" else problem
    labels = given.get("labels", {}) if given["how"] == "manifest" and table else {}
    fields = dict(problem.problems) if isinstance(problem, ConfigError) else {}
    return {
        "upload": upload,
        "given": given,
        "labels": [each.value for each in Label],
        "n_sounds": len(contents.sounds),
        "tables": contents.tables,
        "table": table,
        "columns": _column_fields(table, given, fields) if table else [],
        "words": _word_fields(table, given) if table else [],
        # One line about each word, not one about each row that has it.
        "undecided": [] if fields or _has_many_words(table, given) else [word for word, to in labels.items() if not to],
        "has_many_words": _has_many_words(table, given),
        # Nobody is told that fields are empty which they have not seen yet.
        "problems": {} if is_first or (refusal is None and given["how"] == "all" and not given["category"]) else fields,
        "problem": None if fields or problem is None else str(problem),
    } | _shown(listing)


def _table(contents: UploadContents, given: dict[str, Any]) -> tuple[Table | None, EarwitnessError | None]:
    name = given.get("table") or next(iter(contents.tables), "")
    if not name:
        return None, None
    try:
        return read_sent_table(contents, name), None
    except EarwitnessError as error:
        return None, error


def _suggested(contents: UploadContents, table: Table | None) -> dict[str, Any]:
    how = "all"
    if folder_layout_of(list(short_names(dict.fromkeys(contents.sounds)))):  # type: ignore[arg-type]
        how = "folders"
    elif table is not None and {"path", "label"} <= set(guess_columns(table.header)):
        how = "manifest"
    return {
        "how": how, "label": "", "category": "", "generator": "", "table": next(iter(contents.tables), ""),
        "constants": {}, "leave_out_missing": False,
    }  # fmt: skip


def _labels(table: Table, given: dict[str, Any]) -> dict[str, str]:
    column = given["columns"].get("label")
    if column is None:
        return {}
    words = [word for word, _ in values_of(table, column)[:MAX_LABELS]]
    before = given.get("labels", {})
    return {word: before[word] if word in before else guess_label(word) for word in words}


def _has_many_words(table: Table | None, given: dict[str, Any]) -> bool:
    if table is None or "label" not in given["columns"]:
        return False
    return len(values_of(table, given["columns"]["label"])) > MAX_LABELS


def _preview(upload: StimulusUpload, given: dict[str, Any]) -> tuple[Listing | None, EarwitnessError | None]:
    try:
        return preview(upload, given)[0], None
    except EarwitnessError as error:
        return None, error


def _column_fields(table: Table, given: dict[str, Any], problems: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "fact": fact,
            "label": WORDS[fact],
            "is_required": fact in REQUIRED,
            "options": [
                {
                    "value": index,
                    "name": name or f"column {index + 1}",
                    "is_chosen": given["columns"].get(fact) == index,
                }
                for index, name in enumerate(table.header)
            ],
            "has_constant": fact in ("label", "category", "generator") and fact not in given["columns"],
            "constant": given["constants"].get(fact, ""),
            "problem": problems.get(fact, ""),
        }
        for fact in FACTS
    ]


def _word_fields(table: Table, given: dict[str, Any]) -> list[dict[str, Any]]:
    column = given["columns"].get("label")
    if column is None:
        return []
    return [
        {"index": index, "word": word, "n": n, "means": given["labels"].get(word, "")}
        for index, (word, n) in enumerate(values_of(table, column)[:MAX_LABELS])
    ]


def _shown(listing: Listing | None) -> dict[str, Any]:
    if listing is None:
        return {"listing": None}
    counts = Counter((each.category, each.label.value) for each in listing.found)
    categories = sorted({category for category, _ in counts})
    return {
        "listing": listing,
        "found": listing.found[:SHOWN],
        "refused": listing.refused[:SHOWN],
        "counts": [(name, counts[name, Label.REAL.value], counts[name, Label.FAKE.value]) for name in categories],
        "n_real": sum(each.label is Label.REAL for each in listing.found),
        "n_fake": sum(each.label is Label.FAKE for each in listing.found),
    }
