"""The report of a finished training: what is there at once, and what a worker computed."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from detector.ml.checkpoint import BadFile
from detector.models import Report, Training
from detector.posts_only import posts_only
from detector.report_page import full_parts, quick_parts
from detector.selectors.gallery import Wanted, gallery_clips, outcome_counts, with_stimuli
from detector.selectors.progress import report_progress
from detector.selectors.report import training_report
from detector.selectors.reports import latest_timing, report_row, stored_report
from detector.selectors.runs import BEST, chosen_runs, control_kind, has_dealt_labels
from detector.services.report_plan import plan_report
from detector.views.access import training_or_404
from studyapp.errors import EarwitnessError, NotFound
from studyapp.selectors.jobs import may_cancel
from studyapp.services.jobs import bring_back_if_silent, enqueue
from studyapp.views.signed_in import SignedInRequest
from studyapp.vocab import JobState

SHOWN_ERRORS = 10


@login_required
@require_safe
def report(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the report. A training that has not ended well has none; its page says how far it is."""
    training = training_or_404(request.user, pk)
    if training.state != JobState.DONE.value:
        return redirect("detector:training", pk=pk)
    found, problem = _stored(training)
    row = report_row(training)
    shown = found or training_report(training)
    context: dict[str, Any] = {
        "training": training,
        "set": training.stimulus_set,
        "control": control_kind(training),
        "report": shown,
        "progress": report_progress(row) if row else None,
        "job": row,
        "problem": problem,
        "may_cancel": row is not None and may_cancel(request.user, row),
        "chart_prefix": f"training-{pk}-",
        **quick_parts(shown, shown["timing"] if found else latest_timing(training)),
    }
    if not has_dealt_labels(training.config):
        context |= _errors(training)
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
    enqueue(Report, [planned.pk])
    return redirect("detector:report", pk=pk)


@login_required
@require_safe
def report_job(request: SignedInRequest, pk: int) -> JsonResponse:
    row = report_row(training_or_404(request.user, pk))
    if row is None:
        raise Http404("No report was asked for.")
    bring_back_if_silent(row)
    return JsonResponse(report_progress(row))


def _errors(training: Training) -> dict[str, Any]:
    """Return the most confident errors of both kinds, of the run that is best by validation."""
    try:
        clips = gallery_clips(chosen_runs(training, BEST), threshold=float(training.config["threshold"]))
    except (NotFound, BadFile) as error:
        return {"errors_problem": str(error)}  # the numbers of the report stand in other files
    errors = [clip for clip in clips if Wanted(outcome="errors").has(clip)]
    return {
        "n_errors": len(errors),
        "error_counts": outcome_counts(errors)[:2],
        "rows": with_stimuli(errors[:SHOWN_ERRORS]),
        "several_folds": training.folds.count() > 1,
    }


def _stored(training: Training) -> tuple[dict[str, Any] | None, str]:
    """Return the stored report, and what is wrong with it where its file is bad."""
    try:
        return stored_report(training), ""
    except (NotFound, BadFile) as error:
        return None, str(error)
