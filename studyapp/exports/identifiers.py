"""Who the participants are to their recruiters: a file of its own, only on request, and each time in the log."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from studyapp.exports.cells import csv_lines
from studyapp.exports.written import ExportFailed
from studyapp.models import Session, Study, User
from studyapp.selectors.analysis import sessions_of
from studyapp.services.audit import record_audit
from studyapp.vocab import Origin

IDENTIFIER_HEADER = [
    "subject_id",
    "session_id",
    "outcome",
    "started_at_utc",
    "recruiter",
    "recruiter_person_id",
    "recruiter_submission_id",
    "completion_code",
]
CHUNK = 2000  # rows fetched from the database at a time


def identifiers_csv(*, study: Study, origin: Origin, actor: User | None) -> Iterator[str]:
    """Return the lines of the file, and write into the log that they were asked for.

    Sessions whose participant no recruiter sent, or whose identity was deleted, are not in it.
    """
    sessions = sessions_of(study=study, origin=origin).exclude(participant__recruiter_identity=None)
    record_audit(
        actor=actor,
        action="export_identifiers",
        object_type="study",
        object_id=study.slug,
        detail={"origin": origin.value, "sessions": sessions.count()},
    )
    found = sessions.select_related("participant__recruiter_identity", "recruiter_visit").order_by("pk")
    return csv_lines(IDENTIFIER_HEADER, (_row(each) for each in found.iterator(CHUNK)))


def write_identifiers(*, study: Study, origin: Origin, folder: Path, actor: User | None = None) -> Path:
    """Write the file beside the bundle's folder, never into it, for its owner's eyes only; return its path.

    Raises ExportFailed when it cannot be written, or something else has its name.
    """
    path = folder.absolute().parent / f"{folder.absolute().name}-identifiers.csv"
    try:
        if path.exists() and not _is_identifiers(path):
            raise ExportFailed(f"{path} is something else: name another folder for the export")
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.writelines(identifiers_csv(study=study, origin=origin, actor=actor))
    except OSError as error:
        raise ExportFailed(f"{path}: {error.strerror}") from None
    return path


def _is_identifiers(path: Path) -> bool:
    """Whether the file is one that was written here."""
    with path.open("rb") as file:
        return file.readline().rstrip(b"\n") == ",".join(IDENTIFIER_HEADER).encode()


def _row(session: Session) -> list[Any]:
    identity = session.participant.recruiter_identity
    visit = getattr(session, "recruiter_visit", None)
    return [
        session.participant.pseudonym,
        session.pk,
        session.outcome,
        None if session.origin == Origin.IMPORTED else session.started_at,
        identity.recruiter,
        identity.external_id,
        visit.submission_id if visit else None,
        session.completion_code,
    ]
