"""A launch from the page: ask for it, watch it, cancel it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from studyapp.errors import NotFound, NotLaunchable
from studyapp.models import StudyLaunch
from studyapp.selectors.jobs import job_progress, may_cancel
from studyapp.selectors.launches import get_launch
from studyapp.services.jobs import bring_back_if_silent
from studyapp.services.launch import cancel_launch, plan_launch
from studyapp.views.signed_in import SignedInRequest, study_or_404
from studyapp.vocab import Right


@login_required
@require_POST
def study_launch(request: SignedInRequest, slug: str) -> HttpResponse:
    """Ask for a launch, as a pilot where the form says so. The page then shows how far it is."""
    study = study_or_404(request.user, slug, Right.EDIT)
    try:
        plan_launch(study=study, user=request.user, as_pilot=request.POST.get("as") == "pilot")
    except NotLaunchable as error:
        messages.error(request, str(error))
    return redirect("study_pilot", slug=slug)


@login_required
@require_safe
def launch_progress(request: SignedInRequest, slug: str, pk: int) -> JsonResponse:
    launch = _launch_or_404(request, slug, pk)
    bring_back_if_silent(launch)
    return JsonResponse(job_progress(launch, unit="copy", units="copies"))


@login_required
@require_POST
def launch_cancel(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Cancel a launch. Refused to others than who asked for it and staff."""
    launch = _launch_or_404(request, slug, pk)
    if not may_cancel(request.user, launch):
        raise PermissionDenied("Somebody else asked for this launch; it is theirs, and staff's, to cancel.")
    if not cancel_launch(launch=launch, user=request.user):
        messages.error(request, "The launch had ended before it could be cancelled.")
    return redirect("study_pilot", slug=slug)


def _launch_or_404(request: SignedInRequest, slug: str, pk: int) -> StudyLaunch:
    try:
        return get_launch(study_or_404(request.user, slug, Right.EDIT), pk)
    except NotFound as error:
        raise Http404(str(error)) from None
