"""Read a manifest: a CSV file that names the sounds to import and says what they are."""

import csv
import io
import unicodedata
from pathlib import Path, PurePosixPath

from studyapp.errors import ImportFailed
from studyapp.services.csv_text import decode_csv, delimiter_of
from studyapp.services.stimulus_files import FoundFile, Listing, RefusedFile, is_audio_name, refuse_path, walk_folder
from studyapp.vocab import Label, Rejection

MANIFEST_NAME = "manifest.csv"
REQUIRED = ("path", "label", "category")
ALIASES = {"system": "generator"}
MAX_LENGTHS = {
    "path": 500,
    "category": 100,
    "generator": 200,
    "team": 200,
    "track": 40,
    "source_group": 200,
    "split": 40,
}
# What a detector's error says about its decision: a miss is a fake called real, a false alarm a real called fake.
MACHINE_ERRORS = {"incorrect_negative": (Label.FAKE, Label.REAL), "incorrect_positive": (Label.REAL, Label.FAKE)}
MAX_PROBLEMS_SHOWN = 20
Row = dict[str, str]


def list_manifest(path: Path) -> Listing:
    """Return the manifest's files, and the audio files beside it that it does not name.

    Raises ImportFailed with the numbers of the rows when the table itself is wrong; nothing is imported then. A row
    whose file is missing, is a link, or has an unknown label is refused alone.
    """
    rows = _read_rows(path)
    problems = find_problems(rows)
    if problems:
        shown = problems[:MAX_PROBLEMS_SHOWN]
        more = [f"… and {len(problems) - len(shown)} more"] if len(problems) > len(shown) else []
        raise ImportFailed("\n".join([f"{path.name} cannot be used; nothing was imported:", *shown, *more]))
    root = path.parent
    results = [_read_row(root, number, row) for number, row in rows]
    found = [result for result in results if isinstance(result, FoundFile)]
    refused = [result for result in results if isinstance(result, RefusedFile)]
    refused += _not_named(root, {_plain(row["path"]) for _, row in rows})
    return Listing(layout="manifest", source=root.resolve().name, found=found, refused=refused)


def _read_rows(path: Path) -> list[tuple[int, Row]]:
    """Return (line number, row) with the columns' names in lower case and aliases resolved."""
    text = _decode(path)
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter_of(text), strict=True)
        names = [_column(name) for name in reader.fieldnames or []]
        _check_columns(path, names)
        reader.fieldnames = names
        rows = []
        for row in reader:
            if any((value or "").strip() for key, value in row.items() if key is not None):
                rows.append((reader.line_num, {key: (row[key] or "").strip() for key in names}))
    except csv.Error as error:
        raise ImportFailed(f"{path.name}: line {reader.line_num} is no CSV ({error})") from None
    if not rows:
        raise ImportFailed(f"{path.name} has no rows below its header")
    return rows


def _decode(path: Path) -> str:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ImportFailed(f"there is no {path.name} in {path.parent}") from None
    return decode_csv(path.name, content)


def _column(name: str | None) -> str:
    word = (name or "").strip().lower()
    return ALIASES.get(word, word)


def _check_columns(path: Path, names: list[str]) -> None:
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        raise ImportFailed(f"{path.name} lacks the column {', '.join(missing)}; its header reads: {', '.join(names)}")
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise ImportFailed(f"{path.name} has the column {', '.join(twice)} twice (system means generator)")


def find_problems(rows: list[tuple[int, Row]]) -> list[str]:
    """Return what is wrong with the rows, each with its number."""
    problems: list[str] = []
    seen: dict[str, int] = {}
    for number, row in rows:
        problems += [f"row {number}: {problem}" for problem in _row_problems(row)]
        first = seen.setdefault(_plain(row["path"]), number)
        if first != number and row["path"]:
            problems.append(f"row {number}: {row['path']} stands in row {first} already")
    return problems


def _row_problems(row: Row) -> list[str]:
    problems = [f"{name} is empty" for name in ("path", "category") if not row[name]]
    problems += [
        f"{name} has {len(row[name])} characters; at most {limit} are kept"
        for name, limit in MAX_LENGTHS.items()
        if len(row.get(name, "")) > limit
    ]
    if any("\0" in value for value in row.values()):
        problems.append("a NUL character")
    path = PurePosixPath(_plain(row["path"]))
    if path.is_absolute() or ".." in path.parts or (path.parts and path.parts[0].endswith(":")):
        problems.append(f"{row['path']} leaves the manifest's folder; give paths relative to it")
    error = row.get("machine_error", "")
    if error and error not in MACHINE_ERRORS:
        problems.append(f"machine_error is {error!r}; it must be incorrect_negative, incorrect_positive or empty")
    elif error and MACHINE_ERRORS[error][0] != row["label"].lower():
        problems.append(f"{error} is an error on a {MACHINE_ERRORS[error][0]} sound, but the label is {row['label']}")
    return problems


def _plain(path: str) -> str:
    return PurePosixPath(path.replace("\\", "/")).as_posix()


def _read_row(root: Path, number: int, row: Row) -> FoundFile | RefusedFile:
    name = _plain(row["path"])
    path = _locate(root, name)
    if path is None:
        return RefusedFile(name=name, reason=Rejection.MISSING, detail=f"row {number}: there is no such file")
    bad = refuse_path(name, path)
    if bad is None and not path.resolve().is_relative_to(root.resolve()):
        bad = RefusedFile(name=name, reason=Rejection.UNREADABLE, detail="a folder on its path is a symbolic link")
    if bad is not None:
        return bad
    return read_facts(number, row, name, path)


def read_facts(number: int, row: Row, name: str, path: Path) -> FoundFile | RefusedFile:
    """Return the file with what its row says of it; refused where its label is none."""
    label = row["label"].lower()
    if label not in (Label.REAL, Label.FAKE):
        return RefusedFile(
            name=name,
            reason=Rejection.UNKNOWN_LABEL,
            detail=f"row {number}: the label is {row['label']!r}; it must be real or fake",
        )
    error = row.get("machine_error", "")
    return FoundFile(
        path=path,
        name=name,
        label=Label(label),
        category=row["category"],
        generator=row.get("generator", ""),
        team=row.get("team", ""),
        track=row.get("track", ""),
        source_group=row.get("source_group", ""),
        original_split=row.get("split", ""),
        expected_sha256=row.get("sha256", "").lower(),
        machine_decision=MACHINE_ERRORS[error][1] if error else None,
    )


def _locate(root: Path, name: str) -> Path | None:
    """Return the file, though the manifest may write its accents in the other Unicode form."""
    for form in (name, unicodedata.normalize("NFC", name), unicodedata.normalize("NFD", name)):
        path = root / form
        if path.is_symlink() or path.exists():
            return path
    return None


def _not_named(root: Path, named: set[str]) -> list[RefusedFile]:
    """Return the audio files that the manifest leaves out; other files beside it are no stimuli."""
    known = {unicodedata.normalize("NFC", name) for name in named}
    refused = []
    for name, path in walk_folder(root):
        if is_audio_name(name) and unicodedata.normalize("NFC", name) not in known:
            refused.append(
                refuse_path(name, path)
                or RefusedFile(name=name, reason=Rejection.NOT_IN_LAYOUT, detail="the manifest does not name it")
            )
    return refused
