"""The page that says what the sounds of an upload are, with a preview, and hands them to a worker."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from studyapp.errors import EarwitnessError
from studyapp.forms.describe import read_given
from studyapp.reports.describe_page import describe_page
from studyapp.selectors.uploads import waiting_upload
from studyapp.services.uploads import submit_upload
from studyapp.views.signed_in import SignedInRequest, set_or_404


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def describe_upload(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show what the description makes of the files; posted, import them, or say what is wrong and change nothing."""
    found = set_or_404(request.user, slug, to_change=True)
    upload = waiting_upload(found, request.user)
    if upload is None:
        messages.info(request, "No files wait to be described. Add some first.")
        return redirect("add_sounds", slug=slug)
    given = read_given(request.POST if request.method == "POST" else request.GET)
    refusal: EarwitnessError | None = None
    if request.method == "POST":
        try:
            submit_upload(upload=upload, given=given, actor=request.user)
            return redirect("stimulus_set", slug=slug)
        except EarwitnessError as error:
            refusal = error
    context = {"set": found} | describe_page(upload, given, refusal=refusal)
    return render(request, "experimenter/describe_upload.html", context, status=400 if refusal else 200)
