"""The experimenter's pages of studies."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from studyapp.design.config_reading import load_yaml
from studyapp.errors import ConfigError, EarwitnessError
from studyapp.forms.study import StudyForm, StudyYamlForm, as_yaml, set_choices
from studyapp.models import Study
from studyapp.selectors.stimulus_sets import list_sets
from studyapp.selectors.study_counts import count_sessions, last_activity
from studyapp.selectors.study_list import list_studies
from studyapp.services.launch import launch_study
from studyapp.services.launch_check import check_launch, is_changed
from studyapp.services.study_create import change_study, create_study, find_problems
from studyapp.services.study_state import close_study, reopen_study
from studyapp.views.signed_in import SignedInRequest, study_or_404
from studyapp.vocab import StudyState

MAX_LAUNCHED_ON_PAGE = 500  # sounds; about 10 s. A larger set would keep a web process from everybody else.


@login_required
@require_safe
def studies(request: SignedInRequest) -> HttpResponse:
    return render(request, "experimenter/studies.html", {"studies": list_studies(request.user)})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def study_new(request: SignedInRequest) -> HttpResponse:
    sets = set_choices(list_sets(request.user))
    posted = request.POST if request.method == "POST" else None
    form = StudyForm(posted, sets=sets, initial={"stimulus_set": request.GET.get("set", "")})
    if request.method == "POST":
        config = form.read_config()
        form.show_problems(find_problems(config=config, user=request.user))
        if form.is_valid():
            study = create_study(config=config, owner=request.user)
            messages.success(request, "The study is stored as a draft. Look it over, then launch it.")
            return redirect("study", slug=study.slug)
    return render(request, "experimenter/study_new.html", {"form": form, "has_sets": bool(sets)})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def study_edit(request: SignedInRequest, slug: str) -> HttpResponse:
    found = study_or_404(request.user, slug)
    form = StudyYamlForm(request.POST or None, initial={"config": as_yaml(found.config)})
    if request.method == "POST" and form.is_valid():
        try:
            config = load_yaml(form.cleaned_data["config"])
            change_study(study=found, config=config, user=request.user)
        except ConfigError as error:
            form.show_problems(error.problems)
        else:
            messages.success(request, "The configuration is stored. Launched versions stay as they are.")
            return redirect("study", slug=slug)
    return render(request, "experimenter/study_edit.html", {"form": form, "study": found})


@login_required
@require_safe
def study(request: SignedInRequest, slug: str) -> HttpResponse:
    found = study_or_404(request.user, slug)
    versions = list(found.versions.select_related("launched_by").order_by("-number"))
    latest = versions[0] if versions else None
    changed = latest is not None and is_changed(study=found, version=latest)
    context: dict[str, Any] = {
        "study": found,
        "versions": versions,
        "config": as_yaml(latest.config if latest and not changed else found.config),
        "is_frozen_config": latest is not None and not changed,
        "counts": count_sessions(found),
        "last_activity": last_activity(found),
        "check": check_launch(study=found) if latest is None or changed else None,
        "changed": changed,
        "next_number": latest.number + 1 if latest else 1,
        "link": request.build_absolute_uri(reverse("participant_landing", args=[found.slug])),
        "is_live": found.state == StudyState.LIVE,
        "is_closed": found.state in (StudyState.CLOSED, StudyState.PAUSED),
    }
    return render(request, "experimenter/study.html", context)


@login_required
@require_POST
def study_launch(request: SignedInRequest, slug: str) -> HttpResponse:
    found = study_or_404(request.user, slug)
    n_sounds = found.stimulus_set.members.count()
    if n_sounds > MAX_LAUNCHED_ON_PAGE:
        command = f"manage.py launch_study {found.slug}"
        messages.error(request, f"{n_sounds} sounds take too long for a page. Launch this study with: {command}")
        return redirect("study", slug=slug)
    return _do(request, found, "The study is live.", lambda: launch_study(study=found, user=request.user))


@login_required
@require_POST
def study_close(request: SignedInRequest, slug: str) -> HttpResponse:
    found = study_or_404(request.user, slug)
    done = "The study is closed. Sessions that are open can be finished."
    return _do(request, found, done, lambda: close_study(study=found, user=request.user))


@login_required
@require_POST
def study_reopen(request: SignedInRequest, slug: str) -> HttpResponse:
    found = study_or_404(request.user, slug)
    return _do(request, found, "The study is live again.", lambda: reopen_study(study=found, user=request.user))


def _do(request: HttpRequest, study: Study, done: str, act: Any) -> HttpResponse:
    """Run a service and say on the study's page how it went."""
    try:
        act()
    except EarwitnessError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect("study", slug=study.slug)
