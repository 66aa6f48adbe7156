"""Uploads that were handed to a worker: watch, cancel, try again, describe anew, discard."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from studyapp.errors import InvalidAction, NotFound
from studyapp.models import StimulusUpload
from studyapp.selectors.jobs import job_progress, may_cancel
from studyapp.selectors.uploads import get_upload
from studyapp.services import jobs
from studyapp.services.audit import record_audit
from studyapp.services.uploads import discard_upload, reopen_upload
from studyapp.views.signed_in import SignedInRequest, set_or_404


@login_required
@require_safe
def upload_progress(request: SignedInRequest, slug: str, pk: int) -> JsonResponse:
    found = _upload_or_404(request, slug, pk, to_change=False)
    jobs.bring_back_if_silent(found)
    return JsonResponse(job_progress(found, unit="file"))


@login_required
@require_POST
def cancel_upload(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Stop an import; what is imported by then stays."""
    if jobs.cancel(StimulusUpload.objects.filter(pk=_own_or_refused(request, slug, pk).pk)):
        _record(request, slug, "cancel_upload", pk)
    return redirect("stimulus_set", slug=slug)


@login_required
@require_POST
def retry_upload(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Import what is not imported yet of an upload that failed or was cancelled."""
    if jobs.retry(StimulusUpload.objects.filter(pk=_own_or_refused(request, slug, pk).pk)):
        _record(request, slug, "retry_upload", pk)
    return redirect("stimulus_set", slug=slug)


@login_required
@require_POST
def reopen(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Go back to the description of an upload that failed or was cancelled."""
    try:
        reopen_upload(upload=_own_or_refused(request, slug, pk), actor=request.user)
    except InvalidAction as error:
        messages.error(request, str(error))
        return redirect("stimulus_set", slug=slug)
    return redirect("describe_upload", slug=slug)


@login_required
@require_POST
def discard(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Delete an upload that no worker has, with its files; sounds that it brought into the set stay."""
    try:
        discard_upload(upload=_own_or_refused(request, slug, pk), actor=request.user)
    except InvalidAction as error:
        messages.error(request, str(error))
    return redirect("stimulus_set", slug=slug)


def _record(request: SignedInRequest, slug: str, action: str, pk: int) -> None:
    record_audit(actor=request.user, action=action, object_type="stimulus_set", object_id=slug, detail={"upload": pk})


def _upload_or_404(request: SignedInRequest, slug: str, pk: int, *, to_change: bool) -> StimulusUpload:
    try:
        return get_upload(set_or_404(request.user, slug, to_change=to_change), pk)
    except NotFound as error:
        raise Http404(str(error)) from None


def _own_or_refused(request: SignedInRequest, slug: str, pk: int) -> StimulusUpload:
    found = _upload_or_404(request, slug, pk, to_change=True)
    if not may_cancel(request.user, found):
        raise PermissionDenied("Somebody else sent these files; they are theirs, and staff's, to change.")
    return found
