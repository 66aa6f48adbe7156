"""Write a study's data to a folder: tables, what their columns mean, the frozen study, the analysis, checksums."""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from studyapp.errors import EarwitnessError
from studyapp.exports.cells import csv_lines
from studyapp.exports.codebook import CODEBOOK_HEADER, VARIABLES, codebook_rows
from studyapp.exports.tables import tables
from studyapp.models import Study, User
from studyapp.selectors.analysis import default_origin
from studyapp.services.analysis import analyze
from studyapp.services.audit import record_audit
from studyapp.vocab import Origin

DESCRIPTION = "dataset_description.json"
CHECKSUMS = "CHECKSUMS.sha256"
PROGRAM = "Earwitness"


class ExportFailed(EarwitnessError):
    """The export cannot be written."""


@dataclass(frozen=True, kw_only=True)
class ExportedFile:
    """A file of the bundle and, for tables, how many rows it has."""

    path: str
    n_rows: int | None
    sha256: str


def export_study(
    *, study: Study, folder: Path, origin: Origin | None = None, actor: User | None = None
) -> list[ExportedFile]:
    """Write the bundle for one origin's answers and return its files; its earlier export in the folder is replaced.

    Raises ExportFailed when the study was never launched, or the folder holds something else or cannot be written.
    """
    if not study.versions.exists():
        raise ExportFailed(f"{study.slug} was never launched, so there is nothing to export; launch it first")
    origin = origin or default_origin(study)
    try:
        _claim(folder, study)
        files = _write(study, folder, origin)
    except OSError as error:
        raise ExportFailed(f"{error.filename or folder}: {error.strerror}") from None
    record_audit(
        actor=actor,
        action="export_study",
        object_type="study",
        object_id=study.slug,
        detail={"origin": origin.value, "files": {file.path: file.n_rows for file in files if file.n_rows is not None}},
    )
    return files


def data_file_name(study: Study, description: str) -> str:
    """Return a file name by the Psych-DS rules, which allow letters and digits only inside a value."""
    return f"study-{re.sub('[^A-Za-z0-9]', '', study.slug) or 'x'}_description-{description}_data.csv"


def _claim(folder: Path, study: Study) -> None:
    """Make the folder ready; files of the study's earlier export under another name must not stand beside new ones."""
    file = next((place for place in (folder, *folder.parents) if place.exists() and not place.is_dir()), None)
    if file is not None:
        raise ExportFailed(f"{file} is a file: name a folder to write to")
    if folder.is_dir() and any(folder.iterdir()):
        if not _holds_export_of(folder, study):
            raise ExportFailed(
                f"{folder} is not empty and holds no earlier export of {study.slug}: name another folder"
            )
        for old in _files_of_export(folder):
            old.unlink()
    for name in ("data", "documentation", "materials", "results"):
        (folder / name).mkdir(parents=True, exist_ok=True)


def _holds_export_of(folder: Path, study: Study) -> bool:
    """Whether the folder's description is one that `_description` wrote for the study; other programs write one too."""
    try:
        found = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return False
    if not isinstance(found, dict):
        return False
    return str(found.get("version")).startswith(f"{PROGRAM} ") and found.get("identifier") == study.slug


def _files_of_export(folder: Path) -> list[Path]:
    """Return the files that the earlier export lists as its own, never one outside the folder."""
    if not (folder / CHECKSUMS).is_file():
        return []
    lines = (folder / CHECKSUMS).read_text(encoding="utf-8", errors="replace").splitlines()
    listed = [folder / line.partition("  ")[2] for line in lines]
    return [path for path in listed if path.is_file() and path.resolve().is_relative_to(folder.resolve())]


def _write(study: Study, folder: Path, origin: Origin) -> list[ExportedFile]:
    files, columns = [], {}
    for table in tables(study, origin):
        name = data_file_name(study, table.description)
        columns[name] = table.header
        files.append(_write_lines(folder, f"data/{name}", csv_lines(table.header, table.rows)))
    files.append(_write_lines(folder, "documentation/codebook.csv", csv_lines(CODEBOOK_HEADER, codebook_rows(columns))))
    analysis = analyze(study=study, origin=origin)
    documents: dict[str, Any] = {
        "materials/study.json": _frozen_study(study),
        "results/analysis.json": analysis,
        DESCRIPTION: _description(study, analysis, columns),
    }
    for path, content in documents.items():
        text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        files.append(_write_lines(folder, path, [text], is_table=False))
    (folder / CHECKSUMS).write_text("".join(f"{file.sha256}  {file.path}\n" for file in files), encoding="utf-8")
    return files


def _write_lines(folder: Path, path: str, lines: Any, *, is_table: bool = True) -> ExportedFile:
    """Write the lines as they come and hash them on the way."""
    digest, n_lines = hashlib.sha256(), 0
    with (folder / path).open("wb") as file:
        for line in lines:
            content = line.encode("utf-8")
            digest.update(content)
            file.write(content)
            n_lines += 1
    return ExportedFile(path=path, n_rows=n_lines - 1 if is_table else None, sha256=digest.hexdigest())


def _frozen_study(study: Study) -> dict[str, Any]:
    versions = study.versions.order_by("number")
    return {
        "slug": study.slug,
        "title": study.title,
        "versions": [
            {
                "number": version.number,
                "sha256": version.sha256,
                "code_version": version.code_version,
                "launched_at": version.launched_at.isoformat(),
                "config": version.config,
            }
            for version in versions
        ],
    }


def _description(study: Study, analysis: dict[str, Any], columns: dict[str, list[str]]) -> dict[str, Any]:
    """Return the Psych-DS description: every column of every file is a variable in it."""
    in_use = {name for names in columns.values() for name in names}
    return {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": study.title,
        "identifier": study.slug,
        "description": " ".join(
            [f"Judgements of the listening study {study.slug} ({analysis['origin']} answers).", *analysis["cautions"]]
        ),
        "schemaVersion": "Psych-DS 1.5.0",
        "version": f"{PROGRAM} {settings.VERSION}",
        "variableMeasured": [
            {
                "@type": "PropertyValue",
                "name": variable.name,
                "description": variable.description,
                **({"unitText": variable.unit} if variable.unit else {}),
            }
            for variable in VARIABLES.values()
            if variable.name in in_use
        ],
    }
