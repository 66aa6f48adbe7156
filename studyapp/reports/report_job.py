"""What the results page says of the report of the same answers."""

from typing import Any

from studyapp.models import Study, StudyExport
from studyapp.selectors.jobs import job_progress
from studyapp.vocab import ExportFormat, Origin


def report_job(*, study: Study, origin: Origin) -> dict[str, Any]:
    """Return the template's context: the newest report that was asked for, None where none was. One query."""
    found = StudyExport.objects.filter(study=study, origin=origin.value, format=ExportFormat.REPORT.value).first()
    return {"report": found, "report_progress": job_progress(found, unit="file") if found else {}}
