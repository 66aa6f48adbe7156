"""Trainings side by side, and what a worker computes of them on the clips that they share."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from detector.compare_page import compare_address, compare_parts
from detector.comparison_page import comparison_parts
from detector.ml.checkpoint import BadFile
from detector.models import Comparison, Training
from detector.posts_only import posts_only
from detector.selectors import overview
from detector.selectors.compared import MAX_COMPARED, compared
from detector.selectors.comparisons import comparison_row, stored_comparison
from detector.selectors.progress import comparison_progress
from detector.services.comparison_plan import plan_comparison
from studyapp.errors import EarwitnessError, NotFound
from studyapp.models import User
from studyapp.selectors.jobs import may_cancel
from studyapp.services.jobs import enqueue
from studyapp.views.signed_in import SignedInRequest


@login_required
@require_safe
def compare(request: SignedInRequest) -> HttpResponse:
    """Compare the trainings that the address names; with fewer than two, ask for more."""
    asked = _keys(request.GET.getlist("training"))
    chosen = _chosen(request.user, asked)
    context: dict[str, Any] = {
        "chosen": chosen,
        "choices": overview.finished_trainings(request.user),
        "most": MAX_COMPARED if len(asked) > MAX_COMPARED else None,
        "chart_prefix": f"trainings-{'-'.join(str(each.pk) for each in chosen)}-",
    }
    if request.GET and len(chosen) < 2:
        messages.info(request, "Choose two trainings or more.")
    if len(chosen) > 1:
        context |= compare_parts(compared(chosen)) | _paired(request.user, chosen)
    return render(request, "detector/compare.html", context)


@login_required
@posts_only(back="detector:compare")
def compute_comparison(request: SignedInRequest) -> HttpResponse:
    """Have a worker compare trainings on the clips that they share: for the first time, or anew."""
    chosen = _chosen(request.user, _keys(request.POST.getlist("training")))
    try:
        planned = plan_comparison(trainings=chosen, owner=request.user, anew="anew" in request.POST)
        enqueue(Comparison, [planned.pk])
    except EarwitnessError as error:
        messages.error(request, str(error))
    return redirect(compare_address(each.pk for each in chosen))


def _chosen(user: User, asked: Sequence[int]) -> list[Training]:
    try:
        return overview.finished_trainings(user, asked[:MAX_COMPARED])
    except NotFound as error:
        raise Http404(str(error)) from None


def _paired(user: User, chosen: Sequence[Training]) -> dict[str, Any]:
    """Return the comparison's row, how far it is, and what is stored of it, or what is wrong with that."""
    job = comparison_row(each.pk for each in chosen)
    if job is None:
        return {"job": None}
    parts: dict[str, Any] = {
        "job": job,
        "progress": comparison_progress(job),
        "may_cancel": may_cancel(user, job),
    }
    try:
        stored = stored_comparison(job)
    except (NotFound, BadFile) as error:
        return {**parts, "problem": str(error)}
    return {**parts, "paired": stored and comparison_parts(stored)}


def _keys(values: list[str]) -> list[int]:
    """Return different numbers in the order given."""
    if not all(value.isascii() and value.isdigit() and len(value) < 10 for value in values):
        raise Http404("Trainings are named by their numbers.")
    return list(dict.fromkeys(int(value) for value in values))
