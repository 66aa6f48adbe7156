"""What the link of an invitation opens, and the page on which staff invite experimenters."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required, login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from studyapp.errors import InvalidAction, NotFound
from studyapp.forms.account import NewAccountForm
from studyapp.forms.people import InviteExperimenterForm
from studyapp.models import Invitation, User
from studyapp.selectors.people import find_invitation, open_invitations
from studyapp.services.invitation import accept_invitation, invite, make_account, revoke_invitation
from studyapp.views.signed_in import SignedInRequest

BACKEND = "django.contrib.auth.backends.ModelBackend"


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Let somebody make an account and, signed in, take the invitation. Opening the link alone changes nothing."""
    try:
        found = find_invitation(token)
        if isinstance(request.user, User):
            return _join(request, found, request.user)
        return _sign_up(request, found)
    except NotFound as error:
        return render(request, "accounts/invitation_gone.html", {"why": str(error)}, status=404)


def _sign_up(request: HttpRequest, found: Invitation) -> HttpResponse:
    form = NewAccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = make_account(invitation=found, user=form.save(commit=False))
        except InvalidAction as error:
            form.add_error("username", str(error))
        else:
            login(request, user, backend=BACKEND)
            messages.success(request, f"Welcome, {user.username}. Your account is made.")
            return _onward(found)
    context = {"invitation": found, "form": form, "here": request.path}
    return render(request, "accounts/invitation.html", context, status=400 if form.errors else 200)


def _join(request: HttpRequest, found: Invitation, user: User) -> HttpResponse:
    if request.method == "POST" and found.study is not None:
        try:
            accept_invitation(invitation=found, user=user)
        except InvalidAction as error:
            messages.info(request, str(error))
        else:
            messages.success(request, f"You take part in this study now, as {found.role}.")
        return _onward(found)
    return render(request, "accounts/invitation.html", {"invitation": found})


def _onward(found: Invitation) -> HttpResponse:
    return redirect("study", slug=found.study.slug) if found.study else redirect("home")


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def experimenters(request: SignedInRequest) -> HttpResponse:
    """Let staff invite experimenters. The link is shown this once: only its hash is stored."""
    _staff_only(request.user)
    form = InviteExperimenterForm(request.POST or None)
    context: dict[str, object] = {"form": form, "invitations": open_invitations(None)}
    if request.method == "POST" and form.is_valid():
        try:
            made, token = invite(inviter=request.user, note=form.cleaned_data["note"])
        except InvalidAction as error:
            form.add_error("note", str(error))
        else:
            link = request.build_absolute_uri(reverse("invitation", args=[token]))
            context |= {"made": made, "link": link, "form": InviteExperimenterForm()}
    return render(request, "accounts/experimenters.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def revoke_experimenter(request: SignedInRequest, pk: int) -> HttpResponse:
    _staff_only(request.user)
    found = Invitation.objects.filter(study=None, pk=pk).first()
    if found is None:
        raise Http404(f"there is no invitation {pk}")
    try:
        revoke_invitation(invitation=found, actor=request.user)
    except NotFound as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "The invitation is withdrawn: its link opens nothing any more.")
    return redirect("experimenters")


def _staff_only(user: User) -> None:
    if not user.is_staff:
        raise PermissionDenied("Only who runs this site invites experimenters. A study's owner invites into the study.")
