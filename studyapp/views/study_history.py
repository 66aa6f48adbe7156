"""The configurations that a study had: who changed what and when, what differs between two, and going back to one."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from studyapp.design.config_change import differences
from studyapp.design.config_yaml import write_yaml
from studyapp.design.text_diff import side_by_side
from studyapp.errors import EarwitnessError, NotFound
from studyapp.models import Study
from studyapp.selectors.study_revisions import get_revision, get_state, list_revisions
from studyapp.services.study_edit import restore
from studyapp.views.listing import Column, list_rows
from studyapp.views.signed_in import SignedInRequest, study_or_404
from studyapp.vocab import Right

COLUMNS = (
    Column(key="number", label="Revision", order=("number",), is_number=True),
    Column(key="at", label="Stored", order=("created_at",)),
    Column(key="author", label="By", order=("author__username",)),
    Column(key="changed", label="Changed"),
    Column(key="do", label="Go back"),
)


@login_required
@require_safe
def study_history(request: SignedInRequest, slug: str) -> HttpResponse:
    found = study_or_404(request.user, slug, Right.EDIT)
    versions = list(found.versions.select_related("launched_by").defer("config").order_by("-number"))
    before, after = request.GET.get("from", ""), request.GET.get("to", "")
    listing = list_rows(request, list_revisions(found), COLUMNS, start="-number")
    states = [(f"v{each.number}", f"version {each.number}, launched") for each in versions]
    states += [(f"r{each.number}", f"revision {each.number}") for each in listing.page]
    context: dict[str, Any] = {
        "study": found,
        "tab": "edit",
        "listing": listing,
        "states_before": [(key, words, key == before) for key, words in states],
        "states_after": [(key, words, key == after) for key, words in states],
        "compared": _compared(found, before, after) if before and after else None,
    }
    return render(request, "experimenter/editor/history.html", context)


def _compared(study: Study, before: str, after: str) -> dict[str, Any]:
    """Return what differs between two states. Raises Http404 when the study had no such state."""
    try:
        old, new = get_state(study, before), get_state(study, after)
    except NotFound as error:
        raise Http404(str(error)) from None
    rows = [
        {"path": each.path, "sides": side_by_side(_shown(each.before), _shown(each.after))}
        for each in differences(old.config, new.config)
    ]
    return {"old": old.words, "new": new.words, "rows": rows}


def _shown(value: Any) -> str:
    if value is None:
        return "empty"
    return value if isinstance(value, str) else write_yaml(value).removesuffix("...\n").strip()


@login_required
@require_POST
def study_restore(request: SignedInRequest, slug: str, number: int) -> HttpResponse:
    found = study_or_404(request.user, slug, Right.EDIT)
    base = request.POST.get("base", "")
    try:
        revision = get_revision(found, number)
    except NotFound as error:
        raise Http404(str(error)) from None
    try:
        known = int(base) if base.isascii() and base.isdigit() and len(base) < 10 else None
        restore(study=found, revision=revision, user=request.user, base=known)
    except EarwitnessError as error:
        messages.error(request, f"Nothing was changed. {error}")
    else:
        messages.success(request, f"The study is as it was at revision {number}. Undo takes that back.")
    return redirect("study_history", slug=slug)
