"""The page of a study's people: roles, invitations, the owner."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from studyapp.errors import EarwitnessError, InvalidAction
from studyapp.forms.people import AddMemberForm, InviteForm, RoleForm
from studyapp.models import Invitation, Study, StudyMember
from studyapp.selectors.people import list_members, open_invitations
from studyapp.services.invitation import invite, revoke_invitation
from studyapp.services.members import add_member, change_role, hand_over, remove_member
from studyapp.views.signed_in import SignedInRequest, study_or_404
from studyapp.vocab import Right, StudyRole


@login_required
@require_safe
def study_people(request: SignedInRequest, slug: str) -> HttpResponse:
    return _people(request, study_or_404(request.user, slug, Right.MANAGE))


@login_required
@never_cache
@require_POST
def invite_member(request: SignedInRequest, slug: str) -> HttpResponse:
    """Make an invitation and show its link, this once: only its hash is stored."""
    study = study_or_404(request.user, slug, Right.MANAGE)
    form = InviteForm(request.POST, prefix="invite")
    if not form.is_valid():
        return _people(request, study, invite_form=form)
    given = form.cleaned_data
    try:
        made, token = invite(inviter=request.user, note=given["note"], study=study, role=StudyRole(given["role"]))
    except EarwitnessError as error:
        messages.error(request, str(error))
        return redirect("study_people", slug=slug)
    link = request.build_absolute_uri(reverse("invitation", args=[token]))
    return _people(request, study, link=link, made=made)


@login_required
@require_POST
def add_by_name(request: SignedInRequest, slug: str) -> HttpResponse:
    study = study_or_404(request.user, slug, Right.MANAGE)
    form = AddMemberForm(request.POST, prefix="add")
    if form.is_valid():
        username, role = form.cleaned_data["username"], StudyRole(form.cleaned_data["role"])
        try:
            add_member(study=study, username=username, role=role, actor=request.user)
        except EarwitnessError as error:
            form.add_error("username", str(error))
        else:
            messages.success(request, f"{username} takes part now, as {role.value}.")
            return redirect("study_people", slug=slug)
    return _people(request, study, add_form=form)


@login_required
@require_POST
def set_role(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    member = _member_or_404(study_or_404(request.user, slug, Right.MANAGE), pk)
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, "There is no such role.")
        return redirect("study_people", slug=slug)
    role = StudyRole(form.cleaned_data["role"])
    done = f"{member.user.username} is {role.value} now."
    return _do(request, slug, done, lambda: change_role(member=member, role=role, actor=request.user))


@login_required
@require_POST
def remove(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    member = _member_or_404(study_or_404(request.user, slug, Right.MANAGE), pk)
    done = f"{member.user.username} takes no part any more."
    return _do(request, slug, done, lambda: remove_member(member=member, actor=request.user))


@login_required
@require_POST
def make_owner(request: SignedInRequest, slug: str) -> HttpResponse:
    """Hand the study over to the member chosen; only who ticked that they mean it."""
    study = study_or_404(request.user, slug, Right.MANAGE)
    chosen = request.POST.get("member", "")
    if not chosen.isascii() or not chosen.isdigit() or len(chosen) > 18 or "sure" not in request.POST:
        messages.error(request, "Choose who is to own the study, and tick that you mean it.")
        return redirect("study_people", slug=slug)
    member = _member_or_404(study, int(chosen))
    try:
        hand_over(member=member, actor=request.user)
    except InvalidAction as error:
        messages.error(request, str(error))
        return redirect("study_people", slug=slug)
    messages.success(request, f"{member.user.username} owns this study now. Whoever owned it is an editor.")
    return redirect("study", slug=slug)


@login_required
@require_POST
def revoke(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    study = study_or_404(request.user, slug, Right.MANAGE)
    found = Invitation.objects.filter(study=study, pk=pk).select_related("study").first()
    if found is None:
        raise Http404(f"there is no invitation {pk} into {slug}")
    done = "The invitation is withdrawn: its link opens nothing any more."
    return _do(request, slug, done, lambda: revoke_invitation(invitation=found, actor=request.user))


def _people(
    request: SignedInRequest,
    study: Study,
    *,
    invite_form: InviteForm | None = None,
    add_form: AddMemberForm | None = None,
    link: str = "",
    made: Invitation | None = None,
) -> HttpResponse:
    context = {
        "study": study,
        "tab": "people",
        "members": list_members(study),
        "invitations": open_invitations(study),
        "roles": [role.value for role in StudyRole],
        "invite_form": invite_form or InviteForm(prefix="invite"),
        "add_form": add_form or AddMemberForm(prefix="add"),
        "link": link,
        "made": made,
    }
    is_refused = any(form is not None and form.errors for form in (invite_form, add_form))
    return render(request, "experimenter/study_people.html", context, status=400 if is_refused else 200)


def _member_or_404(study: Study, pk: int) -> StudyMember:
    found = list_members(study).filter(pk=pk).select_related("user", "study").first()
    if found is None:
        raise Http404(f"nobody with the number {pk} takes part in {study.slug}")
    return found


def _do(request: SignedInRequest, slug: str, done: str, act: Callable[[], None]) -> HttpResponse:
    try:
        act()
    except EarwitnessError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect("study_people", slug=slug)
