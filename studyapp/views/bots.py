"""Simulated participants from the page: ask for them, watch them, delete them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from studyapp.errors import InvalidAction
from studyapp.forms.bots import BotForm
from studyapp.models import BotRun
from studyapp.reports.pilot_page import reasons_of
from studyapp.selectors.jobs import job_progress, may_cancel
from studyapp.services.bot_runs import cancel_bot_run, delete_bots, plan_bot_run, retry_bot_run
from studyapp.services.jobs import bring_back_if_silent
from studyapp.views.pilot import render_pilot
from studyapp.views.signed_in import SignedInRequest, study_or_404
from studyapp.vocab import Right


@login_required
@require_POST
def ask_for_bots(request: SignedInRequest, slug: str) -> HttpResponse:
    study = study_or_404(request.user, slug, Right.EDIT)
    form = BotForm(request.POST, reasons=reasons_of(study))
    if form.is_valid():
        try:
            plan_bot_run(study=study, owner=request.user, **form.settings())
        except InvalidAction as error:
            form.add_error(None, str(error))
        else:
            return _to_bots(slug)
    return render_pilot(request, study, form, status=400)


@login_required
@require_safe
def bot_run_job(request: SignedInRequest, slug: str, pk: int) -> JsonResponse:
    run = _run_or_404(request, slug, pk)
    bring_back_if_silent(run)
    return JsonResponse(job_progress(run, unit="participant"))


@login_required
@require_POST
def cancel_bots(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Cancel a run. Refused to others than who asked for it and staff."""
    cancel_bot_run(run=_own_or_refused(request, slug, pk), user=request.user)
    return _to_bots(slug)


@login_required
@require_POST
def retry_bots(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Queue a failed or cancelled run once more. Refused to others than who asked for it and staff."""
    run = _own_or_refused(request, slug, pk)
    try:
        retry_bot_run(run=run, user=request.user)
    except InvalidAction as error:
        messages.error(request, str(error))
    return _to_bots(slug)


@login_required
@require_POST
def bots_delete(request: SignedInRequest, slug: str) -> HttpResponse:
    study = study_or_404(request.user, slug, Right.EDIT)
    try:
        n = delete_bots(study=study, user=request.user)
    except InvalidAction as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{n} sessions of simulated participants are deleted, and nothing else.")
    return _to_bots(slug)


def _to_bots(slug: str) -> HttpResponse:
    return redirect(f"{reverse('study_pilot', args=[slug])}#bots")


def _own_or_refused(request: SignedInRequest, slug: str, pk: int) -> BotRun:
    run = _run_or_404(request, slug, pk)
    if not may_cancel(request.user, run):
        raise PermissionDenied("Somebody else asked for these; they are theirs, and staff's, to cancel or do again.")
    return run


def _run_or_404(request: SignedInRequest, slug: str, pk: int) -> BotRun:
    study = study_or_404(request.user, slug, Right.EDIT)
    run = BotRun.objects.select_related("study").filter(study=study, pk=pk).first()
    if run is None:
        raise Http404(f"there is no run {pk} of simulated participants of {slug}")
    return run
