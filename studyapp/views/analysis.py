"""The analysis of a study, and its judgements as CSV."""

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from studyapp.exports.judgements_csv import judgements_csv, judgements_file_name
from studyapp.models import StoredAnalysis, Study
from studyapp.reports.analysis_page import analysis_page
from studyapp.reports.analysis_tests import SCOPES
from studyapp.reports.computed_page import computed_page
from studyapp.reports.report_job import report_job
from studyapp.selectors.analysis import default_origin
from studyapp.selectors.analysis_plan import Rules
from studyapp.selectors.analysis_switches import switches_that_change
from studyapp.selectors.jobs import job_progress
from studyapp.services.audit import record_audit
from studyapp.services.jobs import bring_back_if_silent
from studyapp.services.stored_analyses import Results, cancel_analysis, compute_again, results
from studyapp.views.signed_in import SignedInRequest, study_or_404
from studyapp.vocab import Origin, Right, StudyState

SWITCH = {"1": True, "0": False}  # anything else: as the plan has it


def asked_results(request: SignedInRequest, study: Study) -> tuple[Origin, Results]:
    """Return the analysis by the origin and the switches that the address asks for, and put on record that it was."""
    origin = asked_origin(request, study)
    record_audit(
        actor=request.user,
        action="see_results",
        object_type="study",
        object_id=study.slug,
        detail={"origin": origin.value},
    )
    return origin, results(study=study, origin=origin, **asked_switches(request))


def asked_switches(request: HttpRequest) -> dict[str, bool | None]:
    """Return whose answers the address asks for; None as the plan has it."""
    return {
        "include_incomplete": SWITCH.get(request.GET.get("incomplete", "")),
        "leave_out_in_doubt": SWITCH.get(request.GET.get("without_doubt", "")),
        "include_excluded": SWITCH.get(request.GET.get("excluded", "")),
        "leave_out_flagged": SWITCH.get(request.GET.get("without_flagged", "")),
    }


def changing_switches(study: Study, origin: Origin, analysis: dict[str, Any]) -> dict[str, bool]:
    """Say which of the page's switches change what the analysis shows."""
    rules = Rules(
        include_incomplete=analysis["includes_incomplete"],
        leave_out_in_doubt=analysis["leaves_out_in_doubt"],
        include_excluded=analysis["includes_excluded"],
        leave_out_flagged=analysis["leaves_out_flagged"],
    )
    return switches_that_change(study=study, origin=origin, rules=rules)


def asked_origin(request: HttpRequest, study: Study) -> Origin:
    """Return the origin that the address asks for, else the first with answers. Raises Http404 for no such one."""
    asked = request.GET.get("origin", "")
    if not asked:
        return default_origin(study)
    if asked not in list(Origin):
        raise Http404("there is no such origin")
    return Origin(asked)


@login_required
@require_safe
def study_analysis(request: SignedInRequest, slug: str) -> HttpResponse:
    study = study_or_404(request.user, slug, Right.SEE_RESULTS)
    origin, found = asked_results(request, study)
    generalise = request.GET.get("generalise")
    keeps = f"?{urlencode({'generalise': generalise})}" if generalise in SCOPES else ""
    context = {"study": study, "tab": "results", "origin": origin, "keeps": keeps, **computed_page(found)}
    if found.analysis is None:
        return render(request, "experimenter/analysis_waiting.html", context)
    context |= {"is_draft": study.state == StudyState.DRAFT, "is_live": study.state == StudyState.LIVE}
    context |= {"changes": changing_switches(study, origin, found.analysis), **report_job(study=study, origin=origin)}
    return render(request, "experimenter/analysis.html", context | analysis_page(found.analysis, generalise))


@login_required
@require_safe
def analysis_progress(request: SignedInRequest, slug: str, pk: int) -> JsonResponse:
    row = _row_or_404(request, slug, pk)
    bring_back_if_silent(row)
    return JsonResponse(job_progress(row, unit="analysis"))


@login_required
@require_POST
def compute_analysis(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    row = _row_or_404(request, slug, pk)
    compute_again(row=row)
    return _to_page(request, row)


@login_required
@require_POST
def cancel_computing(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Cancel it, whoever opened the page that began it: everybody who sees the results shares it."""
    row = _row_or_404(request, slug, pk)
    cancel_analysis(row=row)
    return _to_page(request, row)


def _row_or_404(request: SignedInRequest, slug: str, pk: int) -> StoredAnalysis:
    study = study_or_404(request.user, slug, Right.SEE_RESULTS)
    rows = StoredAnalysis.objects.select_related("study__stimulus_set").defer("result", "spread")
    row = rows.filter(study=study, pk=pk).first()
    if row is None:
        raise Http404(f"there is no stored analysis {pk} of {slug}")
    return row


def _to_page(request: HttpRequest, row: StoredAnalysis) -> HttpResponse:
    """Go back to the page that shows the row, with the tests that it showed."""
    switches = {
        "incomplete": int(row.include_incomplete),
        "without_doubt": int(row.leave_out_in_doubt),
        "excluded": int(row.include_excluded),
        "without_flagged": int(row.leave_out_flagged),
    }
    generalise = request.GET.get("generalise")
    shown = {"generalise": generalise} if generalise in SCOPES else {}
    asked = urlencode({"origin": row.origin, **switches, **shown})
    return redirect(f"{reverse('study_analysis', args=[row.study.slug])}?{asked}")


@login_required
@require_safe
def study_judgements_csv(request: SignedInRequest, slug: str) -> StreamingHttpResponse:
    study = study_or_404(request.user, slug, Right.SEE_RESULTS)
    origin = asked_origin(request, study)
    record_audit(
        actor=request.user,
        action="export_judgements",
        object_type="study",
        object_id=study.slug,
        detail={"origin": origin.value},
    )
    response = StreamingHttpResponse(judgements_csv([(study, origin)]), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{judgements_file_name([study])}"'
    response["Cache-Control"] = "private, no-store"
    return response
