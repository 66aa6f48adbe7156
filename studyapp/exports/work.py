"""Ask for a study's bundle, tables or report as a file, and make it on a worker."""

import hashlib
import tempfile
import zipfile
from pathlib import Path

from django.db import transaction

from studyapp.errors import InvalidAction
from studyapp.exports.bundle import export_study
from studyapp.exports.formats import SUFFIX, add_file, file_parts, write_tables
from studyapp.exports.tables import tables
from studyapp.models import Study, StudyExport, User
from studyapp.models.job import OPEN
from studyapp.services import media
from studyapp.services.audit import record_audit
from studyapp.services.export_files import forget_file, keep_newest
from studyapp.services.jobs import Claim, LostClaim, do_claimed, enqueue
from studyapp.vocab import ExportFormat, Origin

KEPT = 5  # finished exports of a study; older files are deleted


def plan_export(
    *, study: Study, origin: Origin, owner: User | None, format: ExportFormat = ExportFormat.PSYCH_DS
) -> StudyExport:
    """Queue an export, or return the one of the same answers in that format that is queued or running already.

    Raises InvalidAction when the study was never launched.
    """
    if not study.versions.exists():
        raise InvalidAction(f"{study.slug} was never launched, so there is nothing to export. Launch it first.")
    with transaction.atomic():
        there = StudyExport.objects.filter(
            study=study, origin=origin.value, format=format.value, state__in=OPEN
        ).first()
        if there is not None:
            return there
        made = StudyExport.objects.create(study=study, origin=origin.value, format=format.value, owner=owner)
        enqueue(StudyExport, [made.pk])
    return made


def export_planned(*, export_id: int) -> bool:
    """Make a queued export and store its file; False when another worker has it or it was cancelled on the way."""
    return do_claimed(job=StudyExport, pk=export_id, do=lambda held: _do(export_id, held))


def _do(export_id: int, held: Claim) -> None:
    export = StudyExport.objects.select_related("study__stimulus_set", "owner").get(pk=export_id)
    kind = ExportFormat(export.format)
    with tempfile.TemporaryDirectory(prefix="earwitness-export-") as scratch:
        packed = Path(scratch) / f"export{SUFFIX[kind]}"
        if kind in (ExportFormat.PSYCH_DS, ExportFormat.REPORT):
            _pack_folder(export, kind, Path(scratch) / "bundle", packed, held)
        else:
            _write_tables(export, kind, packed, held)
        with packed.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        name = media.store_file(media.name_for_digest("exports", digest, SUFFIX[kind]), packed)
        try:
            with transaction.atomic():
                held.finish()
                StudyExport.objects.filter(pk=export_id).update(
                    file_name=name, file_sha256=digest, file_n_bytes=packed.stat().st_size
                )
        except LostClaim:  # cancelled while the file was stored: it may hold what must no longer be
            forget_file(name)
            raise
    keep_newest(study=export.study, kept=KEPT)


def _pack_folder(export: StudyExport, kind: ExportFormat, folder: Path, packed: Path, held: Claim) -> None:
    """Write the whole bundle, or the report, to the folder, and pack it."""
    origin = Origin(export.origin)
    if kind is ExportFormat.REPORT:
        from studyapp.exports.report import Pdf, write_report  # its libraries are large, and others do without

        write_report(
            study=export.study,
            folder=folder,
            origin=origin,
            actor=export.owner,
            pdf=Pdf.IF_POSSIBLE,
            on_part=held.beat,
        )
    else:
        export_study(study=export.study, folder=folder, origin=origin, actor=export.owner, on_part=held.beat)
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    held.update(n_done=0, n_total=len(paths))
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for n_done, path in enumerate(paths, start=1):
            name = f"{export.study.slug}/{path.relative_to(folder).as_posix()}"
            add_file(archive, name, file_parts(path))
            held.beat(n_done=n_done)


def _write_tables(export: StudyExport, kind: ExportFormat, packed: Path, held: Claim) -> None:
    """Write the tables alone."""
    found = tables(export.study, Origin(export.origin))
    held.update(n_done=0, n_total=1)
    write_tables(kind, found, packed, on_table=held.beat)
    held.beat(n_done=1)
    record_audit(
        actor=export.owner,
        action="export_study",
        object_type="study",
        object_id=export.study.slug,
        detail={"origin": export.origin, "format": kind.value},
    )
