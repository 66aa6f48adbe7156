"""The first page an experimenter sees."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from studyapp.selectors.study_counts import overview
from studyapp.selectors.study_list import list_studies
from studyapp.views.signed_in import SignedInRequest

RECENT = 5


@login_required
@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """Show the flow from sounds to results, what there is of each step, and the newest studies."""
    context = {"counts": overview(request.user), "studies": list_studies(request.user)[:RECENT]}
    return render(request, "experimenter/home.html", context)
