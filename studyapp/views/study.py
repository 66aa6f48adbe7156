"""The experimenter's pages of studies."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from studyapp.design.config_yaml import write_yaml
from studyapp.models import Study, StudyExport, User
from studyapp.selectors.analysis import default_origin, origins_with_sessions
from studyapp.selectors.jobs import job_progress, may_cancel
from studyapp.selectors.study_counts import count_sessions, last_activity
from studyapp.selectors.study_list import find_studies, list_studies, visible_studies
from studyapp.services.launch_check import is_changed
from studyapp.views.listing import Column, list_rows
from studyapp.views.signed_in import SignedInRequest, study_or_404
from studyapp.vocab import Right, StudyState

SHOWN_EXPORTS = 10

COLUMNS = (
    Column(key="title", label="Study", order=("title",)),
    Column(key="state", label="State", order=("state", "-created_at")),
    Column(key="set", label="Stimulus set", order=("stimulus_set__slug",)),
    Column(key="sessions", label="Sessions", order=("n_live",), is_number=True),
    Column(key="completed", label="Completed", order=("n_completed",), is_number=True),
    Column(key="bots", label="Simulated", order=("n_bots",), is_number=True),
    Column(key="made", label="Made", order=("created_at",)),
)


@login_required
@require_safe
def studies(request: SignedInRequest) -> HttpResponse:
    """List the studies that the user takes part in: by state or words where asked, sorted, page by page."""
    state, words = request.GET.get("state", ""), request.GET.get("q", "").replace("\x00", "")
    found = find_studies(list_studies(request.user), state=state, words=words)
    context = {
        "listing": list_rows(request, found, COLUMNS, start="-made"),
        "has_studies": visible_studies(request.user).exists(),
        "states": list(StudyState),
        "state": state,
        "q": words,
    }
    return render(request, "experimenter/studies.html", context)


@login_required
@require_safe
def study(request: SignedInRequest, slug: str) -> HttpResponse:
    found = study_or_404(request.user, slug, Right.SEE_PROGRESS)
    versions = list(found.versions.select_related("launched_by").order_by("-number"))
    latest = versions[0] if versions else None
    changed = latest is not None and is_changed(study=found, version=latest)
    context: dict[str, Any] = {
        "study": found,
        "tab": "overview",
        "versions": versions,
        # A configuration names sounds and what is right; who only assists may not know.
        "config": write_yaml(latest.config if latest and not changed else found.config)
        if found.may_see_results
        else "",
        "is_frozen_config": latest is not None and not changed,
        "counts": count_sessions(found),
        "last_activity": last_activity(found),
        "changed": changed,
        "link": request.build_absolute_uri(reverse("participant_landing", args=[found.slug])),
        "is_live": found.state == StudyState.LIVE,
        "export_origin": default_origin(found).value if found.may_see_results else "",
        "export_origins": [(origin.value, n) for origin, n in origins_with_sessions(found).items()]
        if found.may_see_results
        else [],
        "exports": _exports(request.user, found),
    }
    return render(request, "experimenter/study.html", context)


def _exports(user: User, study: Study) -> list[tuple[StudyExport, dict[str, Any], bool]]:
    if not study.may_see_results:
        return []
    newest = study.exports.all()[:SHOWN_EXPORTS]
    return [(each, job_progress(each, unit="file"), may_cancel(user, each)) for each in newest]
