"""The audit log: of a study for its owner, of everything for staff."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from studyapp.forms.audit_log import AuditFilter
from studyapp.models import AuditEntry
from studyapp.reports.audit_rows import audit_rows
from studyapp.selectors.audit_log import actions_of, actors_of, entries_of, narrowed
from studyapp.views.listing import Column, list_rows
from studyapp.views.signed_in import SignedInRequest, study_or_404
from studyapp.vocab import Right

COLUMNS = (
    Column(key="at", label="When", order=("at",)),
    Column(key="who", label="Who", order=("actor__username",)),
    Column(key="what", label="What", order=("action",)),
    Column(key="object", label="Of what", order=("object_type", "object_id")),
    Column(key="detail", label="Details"),
)


@login_required
@require_safe
def study_log(request: SignedInRequest, slug: str) -> HttpResponse:
    study = study_or_404(request.user, slug, Right.MANAGE)
    context = {"study": study, "tab": "people", **_log(request, entries_of(study))}
    return render(request, "experimenter/study_log.html", context)


@login_required
@require_safe
def audit_log(request: SignedInRequest) -> HttpResponse:
    if not request.user.is_staff:
        raise PermissionDenied("The log of everything is for who runs this site. A study's owner finds the study's.")
    return render(request, "accounts/audit_log.html", _log(request, AuditEntry.objects.all()))


def _log(request: SignedInRequest, entries: QuerySet[AuditEntry]) -> dict[str, Any]:
    form = AuditFilter(request.GET, actions=actions_of(entries), actors=actors_of(entries))
    listing = list_rows(request, narrowed(entries, form.wanted()), COLUMNS, start="-at")
    return {"form": form, "listing": listing, "rows": audit_rows(listing.page)}
