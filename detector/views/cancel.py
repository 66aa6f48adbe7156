"""Cancelling work. What was stored before stays."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect

from detector.models import EmbeddingRun, Training
from detector.posts_only import posts_only
from detector.selectors import overview
from detector.services.embedding import cancel_embedding
from detector.services.training import cancel_training
from detector.views.access import embedding_or_404, training_or_404
from studyapp.models import User
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


def needs_right_to_cancel(user: User, job: EmbeddingRun | Training) -> None:
    if not overview.may_cancel(user, job):
        raise PermissionDenied("Somebody else started this work; they, or staff, can cancel it.")


def say_cancelled(request: SignedInRequest, *, cancelled: bool) -> None:
    if cancelled:
        messages.success(request, "Cancelled. What was stored before stays.")
    else:
        messages.info(request, "It had ended already.")
