"""Trainings side by side."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from detector.compare_page import compare_parts
from detector.selectors import overview
from detector.selectors.compared import MAX_COMPARED, compared
from studyapp.errors import NotFound
from studyapp.views.signed_in import SignedInRequest


@login_required
@require_safe
def compare(request: SignedInRequest) -> HttpResponse:
    """Compare the trainings that the address names; with fewer than two, ask for more."""
    asked = _keys(request.GET.getlist("training"))
    try:
        chosen = overview.finished_trainings(request.user, asked[:MAX_COMPARED])
    except NotFound as error:
        raise Http404(str(error)) from None
    context: dict[str, Any] = {
        "chosen": chosen,
        "choices": overview.finished_trainings(request.user),
        "most": MAX_COMPARED if len(asked) > MAX_COMPARED else None,
        "chart_prefix": f"trainings-{'-'.join(str(each.pk) for each in chosen)}-",
    }
    if len(chosen) > 1:
        context |= compare_parts(compared(chosen))
    return render(request, "detector/compare.html", context)


def _keys(values: list[str]) -> list[int]:
    """Return different numbers in the order given."""
    if not all(value.isascii() and value.isdigit() and len(value) < 10 for value in values):
        raise Http404("Trainings are named by their numbers.")
    return list(dict.fromkeys(int(value) for value in values))
