"""Write the report of a study's results: one page, as PDF too, its figures and tables as files, and all numbers."""

import json
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string

from studyapp.exports.cells import csv_lines
from studyapp.exports.figures import chart_rows, draw_svg, svg_file
from studyapp.exports.pdf import PdfUnavailable, pdf_bytes
from studyapp.exports.still_page import StillPage, make_still
from studyapp.exports.written import ExportedFile, ExportFailed, write_lines, write_parts
from studyapp.models import Study, User
from studyapp.reports.report_page import report_page
from studyapp.selectors.analysis import default_origin
from studyapp.selectors.report_facts import report_facts
from studyapp.services.analysis import rules_of
from studyapp.services.audit import record_audit
from studyapp.services.bundle_folder import CHECKSUMS
from studyapp.services.stored_analyses import fresh_analysis
from studyapp.vocab import ORIGIN_WORDS, Origin

FACTS = "provenance.json"


class Pdf(Enum):
    """Whether a report has a PDF: never, where this machine can make one, or it is an error where it cannot."""

    NONE = "none"
    IF_POSSIBLE = "if_possible"
    NEEDED = "needed"


READ_ME = """\
{title}: report of the {origin} answers, data of {at}.

report.html      everything on one page; opens in any browser, asks nothing of any network
report.pdf       {pdf}
figures/         each figure as SVG, and what it shows as CSV
tables/          each table as the report shows it
numbers.csv      every number of analysis.json, one a line, unrounded
analysis.json    the analysis; docs/analysis_json.md of Earwitness says what each key means
provenance.json  versions, hashes, seed: what the numbers come from
{checksums}  SHA-256 of each file; check with: sha256sum -c {checksums}

The same answers, code and libraries give the same bytes again.
"""


def write_report(
    *,
    study: Study,
    folder: Path,
    origin: Origin | None = None,
    actor: User | None = None,
    pdf: Pdf = Pdf.NONE,
    on_part: Callable[[], None] = lambda: None,
) -> list[ExportedFile]:
    """Write the report of one origin's answers, by the study's plan, and return its files.

    An earlier report of the study in the folder is replaced. on_part: called between parts; it stops the work by
    raising.

    Raises ExportFailed when the study was never launched, or the folder holds something else or cannot be written;
    PdfUnavailable where a PDF is needed and cannot be made. Where it may be missing, README.txt says why it is.
    """
    if not study.versions.exists():
        raise ExportFailed(f"{study.slug} was never launched, so there is nothing to report; launch it first")
    origin = origin or default_origin(study)
    rules = rules_of(study=study, origin=origin, include_incomplete=None, leave_out_in_doubt=None)
    facts = report_facts(study=study, origin=origin, rules=rules)
    analysis = fresh_analysis(study=study, origin=origin, include_incomplete=None, leave_out_in_doubt=None)
    on_part()
    still = _still_page(study, origin, analysis, facts)
    on_part()
    printed, no_pdf = _print(still.html, facts, pdf)
    on_part()
    try:
        _make_room(folder, study)
        files = _write(folder, still, analysis, facts)
        if printed:
            files.append(write_parts(folder, "report.pdf", [printed]))
        read_me = READ_ME.format(
            title=study.title,
            origin=ORIGIN_WORDS[origin],
            at=facts["data_changed_at"],
            pdf=no_pdf or "the same page, printed",
            checksums=CHECKSUMS,
        )
        files.append(write_lines(folder, "README.txt", [read_me]))
        (folder / CHECKSUMS).write_text("".join(f"{file.sha256}  {file.path}\n" for file in files), encoding="utf-8")
    except OSError as error:
        raise ExportFailed(f"{error.filename or folder}: {error.strerror}") from None
    detail = {"origin": origin.value, "format": "report", "data_sha256": facts["data_sha256"]}
    record_audit(actor=actor, action="export_study", object_type="study", object_id=study.slug, detail=detail)
    return files


def _still_page(study: Study, origin: Origin, analysis: dict[str, Any], facts: dict[str, Any]) -> StillPage:
    context = report_page(study=study, origin=origin, analysis=analysis, facts=facts)
    # An empty request: sections of the page have links that keep its query, and links are dropped.
    return make_still(render_to_string("report/report.html", context, HttpRequest()), draw=draw_svg)


def _print(page: str, facts: dict[str, Any], pdf: Pdf) -> tuple[bytes, str]:
    """Return the PDF, or nothing and why."""
    if pdf is Pdf.NONE:
        return b"", "not asked for: manage.py report_study --pdf makes it"
    try:
        return pdf_bytes(page, identifier=facts["data_sha256"][:32].encode()), ""
    except PdfUnavailable as error:
        if pdf is Pdf.NEEDED:
            raise
        return b"", str(error)


def _make_room(folder: Path, study: Study) -> None:
    """Make the folder, and delete the files of the study's earlier report in it. Raises ExportFailed."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        if not _holds_report_of(folder, study):
            raise ExportFailed(
                f"{folder} is not empty and holds no earlier report of {study.slug}: name another folder"
            )
        for line in (folder / CHECKSUMS).read_text(encoding="utf-8").splitlines():
            old = folder / line.partition("  ")[2]
            if old.is_file() and old.resolve().is_relative_to(folder.resolve()):
                old.unlink()
    for name in ("figures", "tables"):
        (folder / name).mkdir(parents=True, exist_ok=True)


def _holds_report_of(folder: Path, study: Study) -> bool:
    try:
        found = json.loads((folder / FACTS).read_text(encoding="utf-8"))
        is_ours = found["study"] == study.slug and found["program"].startswith("Earwitness ")
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return False
    return is_ours and (folder / CHECKSUMS).is_file()


def _write(folder: Path, still: StillPage, analysis: dict[str, Any], facts: dict[str, Any]) -> list[ExportedFile]:
    files = [write_lines(folder, "report.html", [still.html])]
    for figure in still.figures:
        files.append(write_lines(folder, f"figures/{figure.name}.svg", [svg_file(figure.svg)]))
        if figure.specification is not None:  # the page has a table for its own drawings
            lines = csv_lines(*chart_rows(figure.specification))
            files.append(write_lines(folder, f"figures/{figure.name}.csv", lines, n_headers=1))
    for table in still.tables:
        lines = csv_lines(table.rows[0], list(table.rows[1:]))
        files.append(write_lines(folder, f"tables/{table.name}.csv", lines, n_headers=1))
    numbers = csv_lines(["key", "value"], number_rows(analysis))
    files.append(write_lines(folder, "numbers.csv", numbers, n_headers=1))
    for name, content in (("analysis.json", analysis), (FACTS, facts)):
        text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        files.append(write_lines(folder, name, [text]))
    return files


def number_rows(found: Any, key: str = "") -> Iterator[list[Any]]:
    """Yield the key and the value of each number, in the order of the object.

    >>> list(number_rows({"a": {"b": 0.5, "c": "word"}, "d": [{"e": 2}, {"e": None}]}))
    [['a.b', 0.5], ['d[0].e', 2]]
    """
    if isinstance(found, dict):
        for name, value in found.items():
            yield from number_rows(value, f"{key}.{name}" if key else name)
    elif isinstance(found, list):
        for place, value in enumerate(found):
            yield from number_rows(value, f"{key}[{place}]")
    elif isinstance(found, int | float) and not isinstance(found, bool):
        yield [key, found]
