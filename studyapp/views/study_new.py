"""The pages that make a study: from a preset, from a YAML file, from another study."""

import json

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required, login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from studyapp.design.config import StudyConfig
from studyapp.design.presets import PRESETS, find_preset
from studyapp.errors import ConfigError
from studyapp.forms.study import NewStudyForm, StudyForm, YamlForm, set_choices
from studyapp.selectors.stimulus_sets import list_sets
from studyapp.services.study_create import create_study, create_study_from_yaml, find_problems
from studyapp.views.signed_in import SignedInRequest, study_or_404
from studyapp.vocab import Right

MADE = "The study is stored as a draft. Everything that you change here is saved as you type."


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def study_new(request: SignedInRequest) -> HttpResponse:
    sets = set_choices(list_sets(request.user))
    posted = request.POST if request.method == "POST" else None
    form = NewStudyForm(posted, sets=sets, initial={"stimulus_set": request.GET.get("set", "")})
    if request.method == "POST":
        preset = find_preset(request.POST.get("preset", ""))
        made = _create(request, form, preset.config if preset else {})
        if made:
            return made
    context = {"form": form, "has_sets": bool(sets), "presets": PRESETS, "yaml_form": YamlForm()}
    return render(request, "experimenter/study_new.html", context, status=400 if form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def study_new_yaml(request: SignedInRequest) -> HttpResponse:
    form = YamlForm(request.POST or None, request.FILES or None)
    problems: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            study = create_study_from_yaml(text=form.cleaned_data["text"], owner=request.user)
        except ConfigError as error:
            problems = error.words
        else:
            messages.success(request, MADE)
            return redirect("study_edit", slug=study.slug)
    status = 400 if form.errors or problems else 200
    return render(request, "experimenter/study_new_yaml.html", {"form": form, "problems": problems}, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def study_duplicate(request: SignedInRequest, slug: str) -> HttpResponse:
    found = study_or_404(request.user, slug, Right.EDIT)
    sets = set_choices(list_sets(request.user))
    initial = {
        "title": f"{found.title} (copy)"[:200],
        "slug": f"{found.slug[:75]}-copy",
        "stimulus_set": found.stimulus_set.slug,
    }
    form = StudyForm(request.POST if request.method == "POST" else None, sets=sets, initial=initial)
    if request.method == "POST":
        made = _create(request, form, found.config)
        if made:
            return made
    context = {"form": form, "study": found, "tab": "edit"}
    return render(request, "experimenter/study_duplicate.html", context, status=400 if form.errors else 200)


@login_not_required
@require_safe
def study_schema(request: HttpRequest) -> HttpResponse:
    """Publish the JSON Schema of a study's configuration, for editors that check YAML as it is written."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **StudyConfig.model_json_schema()}
    return HttpResponse(json.dumps(schema, indent=2), content_type="application/schema+json")


def _create(request: SignedInRequest, form: StudyForm, config: dict[str, object]) -> HttpResponse | None:
    """Store the study that the form and the configuration make, and lead to its editor; else mark what is wrong."""
    whole = form.configured(config)
    form.show_problems(find_problems(config=whole, user=request.user))
    if not form.is_valid():
        return None
    try:
        study = create_study(config=whole, owner=request.user)
    except ConfigError as error:  # somebody took the name meanwhile
        form.show_problems(error.problems)
        return None
    messages.success(request, MADE)
    return redirect("study_edit", slug=study.slug)
