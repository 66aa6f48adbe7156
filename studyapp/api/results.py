"""Monitoring, for all who run a study, and results, for those who may see them."""

from typing import Annotated, Any

from django.http import FileResponse, StreamingHttpResponse
from ninja import Router, Schema, Status
from pydantic import Field

from studyapp.api.access import ApiRequest
from studyapp.api.paging import Pages, page_of
from studyapp.api.shapes import CountsOut, ExportOut, JudgementPage, SessionPage
from studyapp.errors import NotFound
from studyapp.exports.judgements_csv import judgements_csv, judgements_file_name
from studyapp.exports.tables import judgement_cells
from studyapp.exports.work import plan_export
from studyapp.models import Study, StudyExport
from studyapp.selectors.analysis import default_origin
from studyapp.selectors.judgement_pages import judgement_page
from studyapp.selectors.session_list import list_sessions, session_counts
from studyapp.selectors.study_counts import last_activity
from studyapp.services import media
from studyapp.services.audit import record_audit
from studyapp.services.jobs import bring_back_if_silent
from studyapp.services.stored_analyses import fresh_analysis
from studyapp.views.signed_in import study_or_404
from studyapp.vocab import ExportFormat, Origin, Right

router = Router(tags=["Monitoring and results"])
Outcomes = Annotated[str, Field(max_length=20, pattern=r"^[a-z_]*$", description="An outcome, or open.")]


class NewExport(Schema, extra="forbid"):
    origin: Origin | None = None
    format: ExportFormat = ExportFormat.PSYCH_DS


@router.get(
    "/studies/{slug:slug}/counts",
    response=CountsOut,
    operation_id="count_sessions",
    summary="Sessions by origin, state and outcome",
)
def counts(request: ApiRequest, slug: str) -> dict[str, Any]:
    study = study_or_404(request.auth, slug, Right.SEE_PROGRESS)
    return {"state": study.state, "last_activity_at": last_activity(study), "counts": session_counts(study)}


@router.get(
    "/studies/{slug:slug}/sessions",
    response=SessionPage,
    operation_id="list_sessions",
    summary="Sessions and how far they are",
)
def sessions(
    request: ApiRequest, slug: str, paging: Pages, origin: Origin | None = None, outcome: Outcomes = ""
) -> dict[str, Any]:
    study = study_or_404(request.auth, slug, Right.SEE_PROGRESS)
    return page_of(list_sessions(study, origin=origin or "", outcome=outcome), paging)


@router.get(
    "/studies/{slug:slug}/analysis",
    response=dict[str, Any],
    operation_id="analyze_study",
    summary="The analysis, as analyze_study --json prints it (docs/analysis_json.md)",
)
def analysis(
    request: ApiRequest,
    slug: str,
    origin: Origin | None = None,
    include_incomplete: bool | None = None,
    leave_out_in_doubt: bool | None = None,
    include_excluded: bool = False,
    leave_out_flagged: bool | None = None,
) -> dict[str, Any]:
    study = study_or_404(request.auth, slug, Right.SEE_RESULTS)
    whose = origin or default_origin(study)
    _audit(request, study, "see_results", origin=whose.value)
    return fresh_analysis(
        study=study,
        origin=whose,
        include_incomplete=include_incomplete,
        leave_out_in_doubt=leave_out_in_doubt,
        include_excluded=include_excluded,
        leave_out_flagged=leave_out_flagged,
    )


@router.get(
    "/studies/{slug:slug}/judgements",
    response=JudgementPage,
    operation_id="list_judgements",
    summary="Judgements, one for each answered trial",
)
def judgements(request: ApiRequest, slug: str, paging: Pages, origin: Origin | None = None) -> dict[str, Any]:
    study = study_or_404(request.auth, slug, Right.SEE_RESULTS)
    whose = origin or default_origin(study)
    _audit(request, study, "see_judgements", origin=whose.value, offset=paging.offset)
    n, found = judgement_page(study, whose, limit=paging.limit, offset=paging.offset)
    items = [judgement_cells(each) for each in found]
    return {"n": n, "limit": paging.limit, "offset": paging.offset, "origin": whose.value, "items": items}


@router.get(
    "/studies/{slug:slug}/judgements.csv",
    operation_id="download_judgements",
    summary="All judgements as CSV, streamed",
    openapi_extra={"responses": {200: {"description": "The table", "content": {"text/csv": {}}}}},
)
def judgements_table(request: ApiRequest, slug: str, origin: Origin | None = None) -> StreamingHttpResponse:
    study = study_or_404(request.auth, slug, Right.SEE_RESULTS)
    whose = origin or default_origin(study)
    _audit(request, study, "export_judgements", origin=whose.value)
    response = StreamingHttpResponse(judgements_csv([(study, whose)]), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{judgements_file_name([study])}"'
    response["Cache-Control"] = "private, no-store"
    return response


@router.post(
    "/studies/{slug:slug}/exports",
    response={202: ExportOut},
    operation_id="ask_for_export",
    summary="Have a worker make an export",
)
def ask(request: ApiRequest, slug: str, given: NewExport) -> Status[Any]:
    study = study_or_404(request.auth, slug, Right.SEE_RESULTS)
    origin = given.origin or default_origin(study)
    return Status(202, plan_export(study=study, origin=origin, owner=request.auth, format=given.format))


@router.get(
    "/studies/{slug:slug}/exports/{int:key}",
    response=ExportOut,
    operation_id="get_export",
    summary="How far an export is",
)
def export(request: ApiRequest, slug: str, key: int) -> StudyExport:
    found = _export(request, slug, key)
    bring_back_if_silent(found)
    return found


@router.get(
    "/studies/{slug:slug}/exports/{int:key}/file",
    operation_id="download_export",
    summary="The file of an export that is done",
    openapi_extra={"responses": {200: {"description": "The file", "content": {"application/zip": {}}}}},
)
def export_file(request: ApiRequest, slug: str, key: int) -> FileResponse:
    found = _export(request, slug, key)
    if not found.file_name:
        raise NotFound("This export has no file, not yet or not any more; its state says which.")
    file = media.open_file(found.file_name)
    _audit(request, found.study, "download_export", export=found.pk, sha256=found.file_sha256)
    name = f"{slug}-{found.origin}-export.{found.file_name.rsplit('.', 1)[-1]}"
    response = FileResponse(file, as_attachment=True, filename=name)
    response["Cache-Control"] = "private, no-store"
    return response


def _export(request: ApiRequest, slug: str, key: int) -> StudyExport:
    study = study_or_404(request.auth, slug, Right.SEE_RESULTS)
    found = StudyExport.objects.select_related("study").filter(study=study, pk=key).first()
    if found is None:
        raise NotFound(f"there is no export {key} of {slug}")
    return found


def _audit(request: ApiRequest, study: Study, action: str, **detail: Any) -> None:
    record_audit(
        actor=request.auth, action=action, object_type="study", object_id=study.slug, detail={"by": "api", **detail}
    )
