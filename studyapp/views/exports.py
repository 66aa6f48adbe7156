"""A study's bundle, tables or report from the page: ask for it, watch it, fetch it."""

from typing import cast
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from studyapp.errors import InvalidAction, NotFound
from studyapp.exports.formats import CONTENT_TYPE, SUFFIX
from studyapp.exports.identifiers import identifiers_csv
from studyapp.exports.work import plan_export
from studyapp.models import StudyExport
from studyapp.selectors.analysis import default_origin
from studyapp.selectors.jobs import job_progress, may_cancel
from studyapp.services import media
from studyapp.services.audit import record_audit
from studyapp.services.jobs import bring_back_if_silent, cancel, retry
from studyapp.views.signed_in import SignedInRequest, study_or_404
from studyapp.vocab import ExportFormat, Origin, Right

PART_BYTES = 1 << 18


@login_required
@require_POST
def ask_for_export(request: SignedInRequest, slug: str) -> HttpResponse:
    study = study_or_404(request.user, slug, Right.SEE_RESULTS)
    asked = request.POST.get("origin", "")
    kind = request.POST.get("format") or ExportFormat.PSYCH_DS.value
    if asked and asked not in list(Origin):
        raise Http404("there is no such origin")
    if kind not in list(ExportFormat):
        raise Http404("there is no such format")
    origin = Origin(asked) if asked else default_origin(study)
    try:
        plan_export(study=study, origin=origin, owner=request.user, format=ExportFormat(kind))
    except InvalidAction as error:
        messages.error(request, str(error))
    if kind == ExportFormat.REPORT.value:  # asked for there, and shown there
        return redirect(f"{reverse('study_analysis', args=[study.slug])}?{urlencode({'origin': origin.value})}#report")
    return redirect("study", slug=study.slug)


@login_required
@require_safe
def export_job(request: SignedInRequest, slug: str, pk: int) -> JsonResponse:
    found = _export_or_404(request, slug, pk)
    bring_back_if_silent(found)
    return JsonResponse(job_progress(found, unit="file"))


@login_required
@require_POST
def cancel_export_job(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Cancel an export. Refused to others than who asked for it and staff."""
    if cancel(_own_or_refused(request, slug, pk)):
        _record(request, slug, "cancel_export", pk)
    return redirect("study", slug=slug)


@login_required
@require_POST
def retry_export_job(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Queue a failed or cancelled export once more. Refused to others than who asked for it and staff."""
    if retry(_own_or_refused(request, slug, pk)):
        _record(request, slug, "retry_export", pk)
    return redirect("study", slug=slug)


@login_required
@require_safe
def export_file(request: SignedInRequest, slug: str, pk: int) -> StreamingHttpResponse:
    """Send the file in parts, whatever its size."""
    found = _export_or_404(request, slug, pk)
    try:
        if not found.file_name:
            raise NotFound("this export has no file (any more)")
        file = media.open_file(found.file_name)
    except NotFound as error:
        raise Http404(str(error)) from None
    record_audit(
        actor=request.user,
        action="download_export",
        object_type="study",
        object_id=slug,
        detail={"export": found.pk, "format": found.format, "origin": found.origin, "sha256": found.file_sha256},
    )
    parts = iter(lambda: cast("bytes", file.read(PART_BYTES)), b"")
    suffix = SUFFIX[ExportFormat(found.format)]
    response = StreamingHttpResponse(parts, content_type=CONTENT_TYPE[suffix])
    response["Content-Length"] = str(found.file_n_bytes)
    response["Content-Disposition"] = f'attachment; filename="{slug}-{found.origin}-{found.format}{suffix}"'
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_POST
def study_identifiers(request: SignedInRequest, slug: str) -> HttpResponse | StreamingHttpResponse:
    """Send who the participants are to their recruiters: a deed of its own, for those who manage the study."""
    study = study_or_404(request.user, slug, Right.MANAGE)
    asked = request.POST.get("origin", "")
    if asked and asked not in list(Origin):
        raise Http404("there is no such origin")
    if "sure" not in request.POST:
        messages.error(request, "Tick that you need the identities: the file says who took part.")
        return redirect("study_people", slug=slug)
    origin = Origin(asked) if asked else default_origin(study)
    lines = identifiers_csv(study=study, origin=origin, actor=request.user)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{slug}-{origin.value}-identifiers.csv"'
    response["Cache-Control"] = "private, no-store"
    return response


def _record(request: SignedInRequest, slug: str, action: str, pk: int) -> None:
    record_audit(actor=request.user, action=action, object_type="study", object_id=slug, detail={"export": pk})


def _own_or_refused(request: SignedInRequest, slug: str, pk: int) -> QuerySet[StudyExport]:
    found = _export_or_404(request, slug, pk)
    if not may_cancel(request.user, found):
        raise PermissionDenied("Somebody else asked for this export; it is theirs, and staff's, to cancel or do again.")
    return StudyExport.objects.filter(pk=found.pk)


def _export_or_404(request: SignedInRequest, slug: str, pk: int) -> StudyExport:
    study = study_or_404(request.user, slug, Right.SEE_RESULTS)
    found = StudyExport.objects.filter(study=study, pk=pk).first()
    if found is None:
        raise Http404(f"there is no export {pk} of {slug}")
    return found
