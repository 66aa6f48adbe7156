"""Check a folder against every rule of Psych-DS 1.5.0 (`psych_ds_rules`). Pure: reads files and nothing else.

Tables are read row by row, so that large ones take little memory. Stricter than the standard's own program in one
point: every CSV file below `data` must be named as a data file, not only those that end in `_data.csv`.

References
----------
Psych-DS schema 1.5.0, github.com/psych-ds/psych-DS, schema_model/versions/jsons/1.5.0/schema.json.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Any

from studyapp.exports.psych_ds_metadata import Json, check_metadata, read_json, variables
from studyapp.exports.psych_ds_rules import DATA_FILE, ERROR, KEYWORDS, RULES

DESCRIPTION, IGNORED, OF_FOLDER = "dataset_description.json", ".psychds-ignore", "file_metadata.json"
DOCUMENTS = {"README": "MISSING_README_DOC", "CHANGES": "MISSING_CHANGES_DOC"}
FOLDERS = ("analysis", "results", "materials", "documentation")


@dataclass(frozen=True, kw_only=True, order=True)
class Problem:
    """What a rule found. path: within the folder, empty for the folder as a whole. detail: what exactly."""

    code: str
    path: str = ""
    detail: str = ""

    @property
    def is_error(self) -> bool:
        return RULES[self.code][0] == ERROR

    def __str__(self) -> str:
        """Return the problem as one line."""
        level, words = RULES[self.code]
        place = f"{self.path}: " if self.path else ""
        detail = f" ({self.detail})" if self.detail else ""
        return f"{level} {self.code}: {place}{words}{detail}"


def check_psych_ds(folder: Path) -> list[Problem]:
    """Return every problem of the dataset in the folder; it is valid when none of them is an error."""
    return _Check(folder).run()


@dataclass
class _Check:
    folder: Path
    problems: list[Problem] = field(default_factory=list)
    metadata: dict[str, Json] = field(default_factory=dict)  # of the files that hold some, by path
    columns: set[str] = field(default_factory=set)  # of all data files
    measured: dict[str, None] = field(default_factory=dict)  # variables of all metadata, in order

    def run(self) -> list[Problem]:
        files = list(_files(self.folder))
        self._check_presence(files)
        for path in files:
            self._check_file(path)
        tables = [path for path in files if _is_table(path)]
        valid = [path for path in tables if DATA_FILE.fullmatch(PurePosixPath(path).name)]
        if not valid:
            self._add("MISSING_DATAFILE")
        for path in tables:
            self._check_table(path)
        if DESCRIPTION in self.metadata:
            self._check_variables(tables)
        return sorted(set(self.problems), key=lambda each: (not each.is_error, each.path, each.code, each.detail))

    def _add(self, code: str, path: str = "", detail: str = "") -> None:
        self.problems.append(Problem(code=code, path=path, detail=detail))

    def _check_presence(self, files: list[str]) -> None:
        """Say what is missing of what the standard requires, recommends or allows."""
        if DESCRIPTION not in files:
            self._add("MISSING_DATASET_DESCRIPTION")
        for stem, code in DOCUMENTS.items():
            if not {f"{stem}.md", f"{stem}.txt"} & set(files):
                self._add(code)
        if not (self.folder / "data").is_dir():
            self._add("MISSING_DATA_DIRECTORY")
        for name in FOLDERS:
            if not (self.folder / name).is_dir():
                self._add(f"MISSING_{name.upper()}_DIRECTORY")
        if not (self.folder / IGNORED).exists():
            self._add("MISSING_PSYCHDSIGNORE")
        if not any(_is_of_folder(path) for path in files):
            self._add("MISSING_DIRECTORY_METADATA")
        if not any(_is_sidecar(path) for path in files):
            self._add("MISSING_SIDECAR_METADATA")

    def _check_file(self, path: str) -> None:
        """Check a file on its own: its name, whether it can be read, and its JSON."""
        place = PurePosixPath(path)
        try:
            with (self.folder / path).open("rb") as file:
                if not file.read(1):
                    self._add("FILE_EMPTY", path)
        except OSError as error:
            self._add("FILE_NOT_READ", path, error.strerror or "")
            return
        if place.suffix == ".json":
            self._read_json(path)
        if place.name == DESCRIPTION and path != DESCRIPTION:
            self._add("WRONG_METADATA_LOCATION", path)
        is_root = len(place.parts) == 1
        if is_root and place.stem in (*DOCUMENTS, PurePosixPath(DESCRIPTION).stem):
            known = {".json"} if place.stem not in DOCUMENTS else {".md", ".txt"}
            if place.suffix not in known:
                self._add("EXTENSION_MISMATCH", path)
        elif _is_table(path):
            self._check_name(path)
        elif not (_is_sidecar(path) or _is_of_folder(path) or path == IGNORED):
            self._add("FILE_NOT_CHECKED", path)

    def _check_name(self, path: str) -> None:
        name = PurePosixPath(path).name
        if not DATA_FILE.fullmatch(name):
            self._add("FILENAME_KEYWORD_FORMATTING_ERROR", path)
            return
        used = {pair.partition("-")[0] for pair in name.split("_")[:-1]}
        for keyword in sorted(used - KEYWORDS):
            self._add("FILENAME_UNOFFICIAL_KEYWORD_WARNING", path, keyword)

    def _read_json(self, path: str) -> None:
        is_metadata = path == DESCRIPTION or _is_sidecar(path) or _is_of_folder(path)
        code = "INVALID_JSON_FORMATTING" if is_metadata else "JSON_INVALID"
        try:
            found = read_json((self.folder / path).read_bytes())
        except UnicodeDecodeError:
            self._add("JSON_ENCODING_ERROR", path)
        except ValueError as error:
            self._add(code, path, str(error))
        else:
            if is_metadata and not isinstance(found, dict):
                self._add(code, path, "it is no object")
            elif is_metadata:
                self.metadata[path] = found

    def _compiled(self, path: str) -> Json:
        """Return what holds for a data file: the description, what its folders add from the top, its own sidecar."""
        place = PurePosixPath(path)
        above = [parent for parent in reversed(place.parents) if parent.parts]
        names = [DESCRIPTION, *(str(parent / OF_FOLDER) for parent in above), str(place.with_suffix(".json"))]
        compiled: Json = {}
        for name in names:
            compiled |= self.metadata.get(name, {})
        return compiled

    def _check_table(self, path: str) -> None:
        """Check what the metadata say of a data file, and every row of it."""
        metadata = self._compiled(path)
        if DESCRIPTION in self.metadata:
            # Said once, of the description, unless the file has metadata of its own.
            own = any(name in self.metadata for name in (str(PurePosixPath(path).with_suffix(".json")),))
            place = path if own else DESCRIPTION
            for code, detail in check_metadata(metadata):
                self._add(code, place, detail)
        known = variables(metadata)
        self.measured |= dict.fromkeys(known)
        try:
            header = self._read_rows(path)
        except (csv.Error, UnicodeDecodeError) as error:
            self._add("CSV_FORMATTING_ERROR", path, str(error))
            return
        except OSError:
            return  # said before
        self.columns |= set(header)
        if DESCRIPTION in self.metadata:
            for name in dict.fromkeys(header):
                if name not in known:
                    self._add("CSV_COLUMN_MISSING_FROM_METADATA", path, repr(name))

    def _read_rows(self, path: str) -> list[str]:
        """Read every row of a table, and return its header."""
        with (self.folder / path).open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file, strict=True)
            header = next(rows, [])
            if not header:
                self._add("CSV_HEADER_MISSING", path)
                return []
            for name in sorted({name for name in header if header.count(name) > 1}):
                self._add("CSV_HEADER_REPEATED", path, repr(name))
            place = header.index("row_id") if "row_id" in header else None
            n_ragged, first, ids = 0, 0, _Ids()
            for number, row in enumerate(rows, start=2):
                if len(row) != len(header):
                    n_ragged, first = n_ragged + 1, first or number
                elif place is not None:
                    ids.see(row[place])
        if n_ragged:
            self._add("CSV_HEADER_LENGTH_MISMATCH", path, f"row {first} is the first of {n_ragged}")
        if ids.are_repeated or (not ids.are_in_order and self._has_repeated_ids(path, place or 0)):
            self._add("ROWID_VALUES_NOT_UNIQUE", path)
        return header

    def _has_repeated_ids(self, path: str, place: int) -> bool:
        """Whether a value stands twice in the column; holds all of them in memory."""
        with (self.folder / path).open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file, strict=True)
            header, seen = next(rows), set()
            for row in rows:
                if len(row) == len(header):
                    if row[place] in seen:
                        return True
                    seen.add(row[place])
        return False

    def _check_variables(self, tables: list[str]) -> None:
        """Say which variables are columns nowhere. Without any table that is said of the table, not of them."""
        for name in self.measured if tables else ():
            if name not in self.columns:
                self._add("VARIABLE_MISSING_FROM_CSV_COLUMNS", DESCRIPTION, repr(name))


class _Ids:
    """Values of row_id as they come. Numbers that only rise are unique, and need not be kept to know it."""

    def __init__(self) -> None:
        self.are_in_order, self.are_repeated = True, False
        self._last: Any = None

    def see(self, value: str) -> None:
        if value == self._last:
            self.are_repeated = True
        if not value.isascii() or not value.isdigit() or (self._last is not None and int(value) <= int(self._last)):
            self.are_in_order = False
        self._last = value if self.are_in_order else None


def _files(folder: Path) -> Iterator[str]:
    """Yield the paths of all files, sorted, but those that the dataset says to ignore."""
    try:
        lines = (folder / IGNORED).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        lines = []
    patterns = [line.strip().lstrip("/") for line in lines if line.strip() and not line.startswith("#")]
    for found in sorted(folder.rglob("*")):
        path = found.relative_to(folder).as_posix()
        if not found.is_dir() and not any(_is_ignored(path, pattern) for pattern in patterns):
            yield path


def _is_ignored(path: str, pattern: str) -> bool:
    """Whether a pattern names the file or a folder above it.

    >>> _is_ignored("materials/a/b.txt", "materials/"), _is_ignored("x.log", "*.log"), _is_ignored("data/x.csv", "x")
    (True, True, False)
    """
    pattern = pattern.rstrip("/")
    parts = path.split("/")
    above = ["/".join(parts[: n + 1]) for n in range(len(parts))]
    return any(fnmatch(name, pattern) for name in above) or any(fnmatch(part, pattern) for part in parts)


def _is_table(path: str) -> bool:
    return path.startswith("data/") and path.endswith(".csv")


def _is_sidecar(path: str) -> bool:
    return path.startswith("data/") and path.endswith("_data.json")


def _is_of_folder(path: str) -> bool:
    return path.startswith("data/") and PurePosixPath(path).name == OF_FOLDER
