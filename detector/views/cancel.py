"""Cancelling work, and doing again what failed or was cancelled. What was stored before stays."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from detector.compare_page import compare_address
from detector.models import Comparison, EmbeddingRun, Report, Scoring, Training
from detector.posts_only import posts_only
from detector.selectors.comparisons import compared_keys
from detector.selectors.reports import report_row
from detector.services.embedding import cancel_embedding, retry_embedding
from detector.services.training import cancel_training
from detector.views.access import comparison_or_404, embedding_or_404, scoring_or_404, training_or_404
from studyapp.models import User
from studyapp.selectors.jobs import may_cancel
from studyapp.services.jobs import cancel, retry
from studyapp.views.signed_in import SignedInRequest


@login_required
@posts_only(back="detector:training")
def cancel_training_job(request: SignedInRequest, pk: int) -> HttpResponse:
    """Cancel a training. Refused to others than its owner and staff."""
    found = training_or_404(request.user, pk)
    needs_right_to_cancel(request.user, found)
    say_cancelled(request, cancelled=cancel_training(training=found))
    return redirect("detector:training", pk=pk)


@login_required
@posts_only(back="detector:index")
def cancel_embedding_job(request: SignedInRequest, pk: int) -> HttpResponse:
    """Cancel an embedding run. Refused to others than its owner and staff."""
    found = embedding_or_404(request.user, pk)
    needs_right_to_cancel(request.user, found)
    say_cancelled(request, cancelled=cancel_embedding(run=found))
    return redirect("detector:index")


@login_required
@posts_only(back="detector:index")
def cancel_comparison_job(request: SignedInRequest, pk: int) -> HttpResponse:
    """Cancel a comparison. Refused to others than its owner and staff."""
    found = comparison_or_404(request.user, pk)
    needs_right_to_cancel(request.user, found)
    say_cancelled(request, cancelled=cancel(Comparison.objects.filter(pk=found.pk)))
    return redirect(compare_address(compared_keys(found)))


@login_required
@posts_only(back="detector:report")
def cancel_report_job(request: SignedInRequest, pk: int) -> HttpResponse:
    """Cancel the report of a training; the one of before stays. Refused to others than who asked for it and staff."""
    found = report_row(training_or_404(request.user, pk))
    if found is None:
        raise Http404("No report was asked for.")
    needs_right_to_cancel(request.user, found)
    say_cancelled(request, cancelled=cancel(Report.objects.filter(pk=found.pk)))
    return redirect("detector:report", pk=pk)


@login_required
@posts_only(back="detector:index")
def cancel_scoring_job(request: SignedInRequest, pk: int) -> HttpResponse:
    """Cancel a scoring. Refused to others than its owner and staff."""
    found = scoring_or_404(request.user, pk)
    needs_right_to_cancel(request.user, found)
    say_cancelled(request, cancelled=cancel(Scoring.objects.filter(pk=found.pk)))
    return redirect("detector:training", pk=found.training_id)


@login_required
@posts_only(back="detector:training")
def retry_training_job(request: SignedInRequest, pk: int) -> HttpResponse:
    """Queue a failed or cancelled training once more. Refused to others than its owner and staff."""
    found = training_or_404(request.user, pk)
    needs_right_to_cancel(request.user, found)
    say_queued(request, queued=retry(Training.objects.filter(pk=pk)))
    return redirect("detector:training", pk=pk)


@login_required
@posts_only(back="detector:index")
def retry_embedding_job(request: SignedInRequest, pk: int) -> HttpResponse:
    """Queue the failed and cancelled shards of a run once more. Refused to others than its owner and staff."""
    found = embedding_or_404(request.user, pk)
    needs_right_to_cancel(request.user, found)
    say_queued(request, queued=retry_embedding(run=found))
    return redirect("detector:index")


@login_required
@posts_only(back="detector:index")
def retry_scoring_job(request: SignedInRequest, pk: int) -> HttpResponse:
    """Queue a failed or cancelled scoring once more. Refused to others than its owner and staff."""
    found = scoring_or_404(request.user, pk)
    needs_right_to_cancel(request.user, found)
    say_queued(request, queued=retry(Scoring.objects.filter(pk=pk)))
    return redirect("detector:training", pk=found.training_id)


def needs_right_to_cancel(user: User, job: EmbeddingRun | Training | Scoring | Report | Comparison) -> None:
    if not may_cancel(user, job):
        raise PermissionDenied("Somebody else started this work; they, or staff, can cancel it.")


def say_cancelled(request: SignedInRequest, *, cancelled: bool) -> None:
    if cancelled:
        messages.success(request, "Cancelled. What was stored before stays.")
    else:
        messages.info(request, "It had ended already.")


def say_queued(request: SignedInRequest, *, queued: bool) -> None:
    if queued:
        messages.success(request, "It waits for a worker again.")
    else:
        messages.info(request, "It has not failed and was not cancelled: there is nothing to do again.")
