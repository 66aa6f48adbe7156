"""Write a study's data to a folder: tables, what their columns mean, the frozen study, the analysis, checksums."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings

from studyapp.exports.analysis_apart import analysis_apart
from studyapp.exports.cells import csv_lines
from studyapp.exports.codebook import CODEBOOK_HEADER, VARIABLES, codebook_rows
from studyapp.exports.materials import write_materials
from studyapp.exports.psych_ds_rules import STANDARD
from studyapp.exports.readme import changes_lines, readme_lines
from studyapp.exports.tables import tables
from studyapp.exports.written import ExportedFile, ExportFailed, write_lines
from studyapp.models import Study, User
from studyapp.selectors.analysis import default_origin
from studyapp.selectors.analysis_data import FEW_ANSWERS, has_more_answers
from studyapp.selectors.analysis_plan import plan_in_force, planned_rules
from studyapp.selectors.stored_results import stored_result
from studyapp.services.audit import record_audit
from studyapp.services.bundle_folder import CHECKSUMS
from studyapp.vocab import ORIGIN_WORDS, Origin

DESCRIPTION = "dataset_description.json"
PROGRAM = "Earwitness"


def export_study(
    *,
    study: Study,
    folder: Path,
    origin: Origin | None = None,
    actor: User | None = None,
    on_part: Callable[[], None] = lambda: None,
    with_sounds: bool = False,
) -> list[ExportedFile]:
    """Write the bundle for one origin's answers and return its files; its earlier export in the folder is replaced.

    on_part: called often; it stops the work by raising. with_sounds: the bundle holds the sounds and every row that
    import_study restores the study from, of all origins.

    Raises ExportFailed when the study was never launched, or the folder holds something else or cannot be written.
    """
    if not study.versions.exists():
        raise ExportFailed(f"{study.slug} was never launched, so there is nothing to export; launch it first")
    origin = origin or default_origin(study)
    try:
        _claim(folder, study)
        files = _write(study, folder, origin, on_part)
        if with_sounds:
            files += write_materials(study=study, folder=folder, on_part=on_part)
        checksums = "".join(f"{file.sha256}  {file.path}\n" for file in files)
        (folder / CHECKSUMS).write_text(checksums, encoding="utf-8")
    except OSError as error:
        raise ExportFailed(f"{error.filename or folder}: {error.strerror}") from None
    record_audit(
        actor=actor,
        action="export_study",
        object_type="study",
        object_id=study.slug,
        detail={
            "origin": origin.value,
            "files": {file.path: file.n_rows for file in files if file.n_rows is not None},
            **({"with_sounds": True} if with_sounds else {}),
        },
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


def _write(study: Study, folder: Path, origin: Origin, on_part: Callable[[], None]) -> list[ExportedFile]:
    files, columns = [], {}
    for table in tables(study, origin):
        name = data_file_name(study, table.description)
        columns[name] = table.header
        lines = _watched(csv_lines(table.header, table.rows), on_part)
        files.append(write_lines(folder, f"data/{name}", lines, n_headers=1))
    on_part()
    codebook = csv_lines(CODEBOOK_HEADER, codebook_rows(columns))
    files.append(write_lines(folder, "documentation/codebook.csv", codebook, n_headers=1))
    files.append(write_lines(folder, "README.md", readme_lines(study, origin, files)))
    files.append(write_lines(folder, "CHANGES.md", changes_lines(study)))
    analysis = _analysis(study, origin, on_part)
    documents: dict[str, Any] = {
        "materials/study.json": _frozen_study(study),
        "results/analysis.json": analysis,
        "results/flow.json": analysis["flow"],
        DESCRIPTION: _description(study, analysis, columns),
    }
    for path, content in documents.items():
        text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        files.append(write_lines(folder, path, [text]))
    return files


def _analysis(study: Study, origin: Origin, on_part: Callable[[], None]) -> dict[str, Any]:
    """Return the analysis by the study's plan: the stored one, where it is of these data, else computed now."""
    stored = stored_result(study=study, origin=origin, rules=planned_rules(plan_in_force(study, origin)))
    if stored is not None:
        return stored
    if has_more_answers(study=study, origin=origin, than=FEW_ANSWERS):
        return analysis_apart(study=study, origin=origin, on_part=on_part)
    from studyapp.services.analysis import analyze  # its libraries take more memory than all that is streamed

    return analyze(study=study, origin=origin)


def _watched(lines: Iterable[str], on_part: Callable[[], None]) -> Iterator[str]:
    for n_line, line in enumerate(lines):
        if n_line % 1000 == 0:
            on_part()
        yield line


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
            [
                f"Judgements of the listening study {study.slug} ({ORIGIN_WORDS[analysis['origin']]} answers).",
                *analysis["cautions"],
            ]
        ),
        "schemaVersion": STANDARD,
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
