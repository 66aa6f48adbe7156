"""The page that makes an empty stimulus set."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from studyapp.forms.stimulus_set import SetForm
from studyapp.views.signed_in import SignedInRequest


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def set_new(request: SignedInRequest) -> HttpResponse:
    """Ask what the set is called, make it, and go on to its sounds."""
    form = SetForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        made = form.save(request.user)
        if made is not None:
            return redirect("add_sounds", slug=made.slug)
    return render(request, "experimenter/set_new.html", {"form": form}, status=400 if form.errors else 200)
