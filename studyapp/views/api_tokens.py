"""The page of a user's API tokens: make one, shown once, and revoke it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from studyapp.errors import ConfigError
from studyapp.forms.api_token import ApiTokenForm
from studyapp.models import ApiToken
from studyapp.services.api_tokens import make_token, revoke_token
from studyapp.views.signed_in import SignedInRequest


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def api_tokens(request: SignedInRequest) -> HttpResponse:
    """Show the tokens; a new one's secret stands in the answer to the form, and nowhere else."""
    form = ApiTokenForm(request.POST or None)
    made, secret = None, ""
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made, secret = make_token(
                user=request.user,
                name=given["name"],
                may_write=given["may_write"] == "yes",
                expires_at=given["expires_at"],
            )
            form = ApiTokenForm()
        except ConfigError as error:
            for path, message in error.problems:
                form.add_error(path if path in form.fields else None, message)
    tokens = ApiToken.objects.filter(user=request.user, revoked_at=None)
    context = {
        "form": form,
        "tokens": tokens,
        "made": made,
        "secret": secret,
        "now": timezone.now(),
        "openapi": request.build_absolute_uri(reverse("api:openapi")),
    }
    return render(request, "experimenter/api_tokens.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def revoke(request: SignedInRequest, pk: int) -> HttpResponse:
    found = ApiToken.objects.filter(user=request.user, pk=pk).first()
    if found is None:
        raise Http404("there is no such token")
    revoke_token(token=found, actor=request.user)
    messages.success(request, f"The token “{found.name}” is revoked: it opens nothing any more.")
    return redirect("api_tokens")
