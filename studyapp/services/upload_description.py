"""Say what the sounds of an upload are: from their folders, from a table, or the same for all."""

from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from studyapp.errors import ConfigError, ImportFailed
from studyapp.services.stimulus_files import FoundFile, Listing, RefusedFile
from studyapp.services.stimulus_layouts import folder_layout_of, sort_files
from studyapp.services.stimulus_manifest import MAX_LENGTHS, find_problems, read_facts
from studyapp.services.upload_kinds import kind_of, without_common_folder
from studyapp.services.upload_table import FACTS, REQUIRED, FileFinder, Table, as_rows, checked_columns
from studyapp.vocab import Label, Rejection

WAYS = ("folders", "manifest", "all")
MAX_PROBLEMS_SHOWN = 20
Files = Mapping[str, Path]  # name -> where its bytes are (anywhere, while they are not opened)


def describe(files: Files, description: Mapping[str, Any], table: Table | None, source: str) -> Listing:
    """Return what the description makes of the files. Raises ImportFailed, ConfigError with (field, message) pairs."""
    how = description.get("how")
    if how == "manifest" and table is not None:
        return _from_table(files, description, table, source)
    return _same_for_all(files, description, source) if how == "all" else _from_folders(files, source)


def _sounds(files: Files) -> dict[str, Path]:
    return {name: path for name, path in files.items() if kind_of(name) == "sound"}


def short_names(files: Files) -> dict[str, Path]:
    """Return the files under their names without the folder that all sounds stand in; a table may stand outside."""
    depth = without_common_folder(list(_sounds(files)))
    parts = {name: PurePosixPath(name).parts for name in files}
    return {"/".join(parts[name][min(depth, len(parts[name]) - 1) :]): path for name, path in files.items()}


def _from_folders(files: Files, source: str) -> Listing:
    named = short_names(files)
    layout = folder_layout_of(list(named))
    if not layout:
        raise ImportFailed(
            "The folders do not say what the sounds are: sort them into real/<category>/ and "
            "fake/<generator>/<category>/, or describe them by a table, or as all the same."
        )
    found, refused = sort_files(sorted(named.items()), layout)
    return Listing(layout=layout, source=source, found=found, refused=refused)


def _same_for_all(files: Files, description: Mapping[str, Any], source: str) -> Listing:
    label, category = str(description.get("label", "")), str(description.get("category", "")).strip()
    generator = str(description.get("generator", "")).strip()
    problems = []
    if label not in list(Label):
        problems.append(("label", "Say whether these sounds are real (recorded) or fake (generated)."))
    if not category:
        problems.append(("category", "Name the category, such as dog_bark."))
    problems += [
        (field, f"{len(value)} characters; at most {MAX_LENGTHS[field]} are kept.")
        for field, value in (("category", category), ("generator", generator))
        if len(value) > MAX_LENGTHS[field]
    ]
    if label == Label.REAL and generator:
        problems.append(("generator", "A real sound has no generator: leave it empty, or choose fake."))
    problems += [
        (field, "A NUL character.") for field in ("category", "generator") if "\0" in description.get(field, "")
    ]
    if problems:
        raise ConfigError(problems)
    found = [
        FoundFile(path=path, name=name, label=Label(label), category=category, generator=generator)
        for name, path in sorted(short_names(_sounds(files)).items())
    ]
    return Listing(layout="all", source=source, found=found, refused=[])


def _from_table(files: Files, description: Mapping[str, Any], table: Table, source: str) -> Listing:
    columns: dict[str, int] = dict(description.get("columns", {}))
    constants: dict[str, str] = dict(description.get("constants", {}))
    missing = [fact for fact in REQUIRED if fact not in columns and not constants.get(fact)]
    if missing:
        raise ConfigError([(fact, f"Choose the column that holds the {fact}.") for fact in missing])
    labels = dict(description.get("labels", {}))
    sounds = _sounds(files)
    named = short_names(sounds)
    finder = FileFinder(dict(zip(sounds, named, strict=True)))
    found: list[FoundFile] = []
    refused: list[RefusedFile] = []
    problems: list[str] = []
    rows = as_rows(table, columns, labels, constants)
    for _, row in rows:
        row["path"] = finder.find(row["path"]) or row["path"]
    absent = [(number, row) for number, row in rows if row["path"] and row["path"] not in named]
    kept = [(number, row) for number, row in rows if not row["path"] or row["path"] in named]
    if description.get("leave_out_missing"):
        refused += [
            RefusedFile(name=row["path"][:500], reason=Rejection.MISSING, detail=f"row {number}: no such file was sent")
            for number, row in absent
        ]
    else:
        problems += [f"row {number}: no file {row['path'][:200]!r} was sent" for number, row in absent]
    problems += find_problems(kept)
    for number, row in kept:
        if row["path"]:
            result = read_facts(number, row, row["path"], named[row["path"]])
            if isinstance(result, RefusedFile):
                problems.append(result.detail)
            else:
                found.append(result)
    if problems:
        raise ImportFailed("\n".join(_first(sorted(problems, key=_row_number))))
    used = {each.name for each in found}
    refused += [
        RefusedFile(name=name, reason=Rejection.NOT_IN_LAYOUT, detail="the table does not name it")
        for name in sorted(named)
        if name not in used
    ]
    return Listing(layout="manifest", source=source, found=found, refused=refused)


def _row_number(problem: str) -> int:
    number = problem.partition(":")[0].removeprefix("row ")
    return int(number) if number.isdecimal() else 0


def _first(problems: list[str]) -> list[str]:
    more = len(problems) - MAX_PROBLEMS_SHOWN
    return [*problems[:MAX_PROBLEMS_SHOWN], *([f"… and {more:,} more"] if more > 0 else [])]


def read_description(given: Mapping[str, Any], read: Callable[[str], Table]) -> tuple[dict[str, Any], Table | None]:
    """Return a description as it is kept, with its table, of what a form or a program gives.

    Raises ImportFailed for a table that cannot be read.
    """
    how = str(given.get("how", "folders"))
    if how == "all":
        return {"how": how} | {key: str(given.get(key, "")).strip() for key in ("label", "category", "generator")}, None
    if how != "manifest":
        return {"how": "folders"}, None
    name = str(given.get("table", ""))
    table = read(name)
    columns = checked_columns(given.get("columns", {}), len(table.header))
    labels = {str(word): label for word, label in given.get("labels", {}).items() if label in list(Label)}
    constants = {fact: str(value).strip() for fact, value in given.get("constants", {}).items() if fact in FACTS}
    return {
        "how": how,
        "table": name,
        "columns": columns,
        "labels": labels,
        "constants": {fact: value for fact, value in constants.items() if value and fact not in columns},
        "leave_out_missing": bool(given.get("leave_out_missing")),
    }, table
