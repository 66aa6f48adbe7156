"""What a page says of a stored analysis: of when and how many answers it is, and how far a newer one is."""

from typing import Any

from studyapp.models import StoredAnalysis
from studyapp.reports.numbers import counted
from studyapp.selectors.jobs import job_progress
from studyapp.services.stored_analyses import Results


def computed_page(found: Results) -> dict[str, Any]:
    """Return the template's context; `computed` is None where the analysis was computed for this page."""
    if found.row is None:
        return {"computed": None}
    answers = counted(found.analysis["counts"]["n_judgements"], "judgement") if found.analysis else ""
    is_old = found.is_stale and found.analysis is not None
    return {"computed": {"at": found.row.computed_at, "answers": answers, "is_old": is_old}, **job_context(found.row)}


def job_context(row: StoredAnalysis) -> dict[str, Any]:
    """Return the row and how far its job is."""
    return {"row": row, "progress": job_progress(row, unit="analysis")}
