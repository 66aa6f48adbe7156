"""A study's configuration as a YAML file: down, and up again."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from studyapp.design.config_yaml import write_yaml
from studyapp.errors import ConfigError, RevisionConflict
from studyapp.forms.study import YamlForm
from studyapp.services.study_create import change_study_from_yaml
from studyapp.views.signed_in import SignedInRequest, study_or_404
from studyapp.vocab import Right

HEADER = (
    "# A study of Earwitness. What is left out takes the paper's defaults; docs/study_config.md lists every setting.\n"
)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def study_yaml(request: SignedInRequest, slug: str) -> HttpResponse:
    found = study_or_404(request.user, slug, Right.EDIT)
    initial = {"text": write_yaml(found.config), "base": found.revision}
    form = YamlForm(request.POST or None, request.FILES or None, initial=initial)
    problems: list[str] = []
    if request.method == "POST" and form.is_valid():
        text, base = form.cleaned_data["text"], form.cleaned_data["base"]
        try:
            change_study_from_yaml(study=found, text=text, user=request.user, base=base)
        except ConfigError as error:
            problems = error.words
        except RevisionConflict as error:
            problems = [str(error)]
        else:
            messages.success(request, "The configuration is stored. Launched versions stay as they are.")
            return redirect("study_edit", slug=slug)
    context = {"form": form, "problems": problems, "study": found, "tab": "edit"}
    status = 400 if form.errors or problems else 200
    return render(request, "experimenter/editor/yaml.html", context, status=status)


@login_required
@require_safe
def study_yaml_file(request: SignedInRequest, slug: str) -> HttpResponse:
    found = study_or_404(request.user, slug, Right.EDIT)
    response = HttpResponse(HEADER + write_yaml(found.config), content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{found.slug}.yaml"'
    return response
