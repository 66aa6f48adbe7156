"""The report of a finished training: what is there at once, and what a worker computed."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from detector.ml.checkpoint import BadFile
from detector.models import Training
from detector.posts_only import posts_only
from detector.report_page import full_parts, quick_parts
from detector.selectors.progress import report_progress
from detector.selectors.report import training_report
from detector.selectors.reports import report_row, stored_report
from detector.services.queueing import enqueue_report
from detector.services.report_plan import plan_report
from detector.views.access import training_or_404
from studyapp.errors import EarwitnessError, NotFound
from studyapp.views.signed_in import SignedInRequest
from studyapp.vocab import JobState


@login_required
@require_safe
def report(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the report. A training that has not ended well has none; its page says how far it is."""
    training = training_or_404(request.user, pk)
    if training.state != JobState.DONE.value:
        return redirect("detector:training", pk=pk)
    found, problem = _stored(training)
    row = report_row(training)
    context: dict[str, Any] = {
        "training": training,
        "set": training.stimulus_set,
        "report": found or training_report(training),
        "progress": report_progress(row) if row else None,
        "job": row,
        "problem": problem,
        "chart_prefix": f"training-{pk}-",
    }
    context |= quick_parts(context["report"])
    if found:
        context["full"] = full_parts(found)
    return render(request, "detector/report.html", context)


@login_required
@posts_only(back="detector:report")
def compute_report(request: SignedInRequest, pk: int) -> HttpResponse:
    """Have a worker compute the report: for the first time, or anew."""
    training = training_or_404(request.user, pk)
    try:
        planned = plan_report(training=training, owner=request.user, anew="anew" in request.POST)
    except EarwitnessError as error:
        messages.error(request, str(error))
        return redirect("detector:training", pk=pk)
    enqueue_report(planned)
    return redirect("detector:report", pk=pk)


@login_required
@require_safe
def report_job(request: SignedInRequest, pk: int) -> JsonResponse:
    row = report_row(training_or_404(request.user, pk))
    if row is None:
        raise Http404("No report was asked for.")
    return JsonResponse(report_progress(row))


def _stored(training: Training) -> tuple[dict[str, Any] | None, str]:
    """Return the stored report, and what is wrong with it where its file is bad."""
    try:
        return stored_report(training), ""
    except (NotFound, BadFile) as error:
        return None, str(error)
