"""The analysis of a study, and its judgements as CSV."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from studyapp.exports.judgements_csv import judgements_csv, judgements_file_name
from studyapp.models import Study
from studyapp.reports.analysis_page import analysis_page
from studyapp.selectors.analysis import default_origin
from studyapp.services.analysis import analyze
from studyapp.services.audit import record_audit
from studyapp.views.signed_in import SignedInRequest, study_or_404
from studyapp.vocab import Origin, StudyState


def _origin(request: HttpRequest, study: Study) -> Origin:
    asked = request.GET.get("origin", "")
    if not asked:
        return default_origin(study)
    if asked not in list(Origin):
        raise Http404("there is no such origin")
    return Origin(asked)


@login_required
@require_safe
def study_analysis(request: SignedInRequest, slug: str) -> HttpResponse:
    study = study_or_404(request.user, slug)
    analysis = analyze(
        study=study, origin=_origin(request, study), include_incomplete=request.GET.get("incomplete") == "1"
    )
    stands = {"is_draft": study.state == StudyState.DRAFT, "is_live": study.state == StudyState.LIVE}
    return render(request, "experimenter/analysis.html", {"study": study, **stands, **analysis_page(analysis)})


@login_required
@require_safe
def study_judgements_csv(request: SignedInRequest, slug: str) -> StreamingHttpResponse:
    study = study_or_404(request.user, slug)
    origin = _origin(request, study)
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
