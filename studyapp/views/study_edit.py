"""The study editor: a page for each section, saved setting by setting, or as a plain form where no script runs."""

import json
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from studyapp.design.config_yaml import MAX_YAML_BYTES
from studyapp.design.editor_sections import EditorSection, find_section, section_of
from studyapp.errors import ConfigError, EarwitnessError, InvalidAction, RevisionConflict
from studyapp.forms.settings import do_in_list, read_posted
from studyapp.models import Study
from studyapp.services.study_edit import redo, reset_setting, set_setting, set_settings, undo
from studyapp.views.editor_page import editor_context, estimate_words, setting_notes, setting_row
from studyapp.views.signed_in import SignedInRequest, study_or_404
from studyapp.vocab import Right

ADDED = "Not stored yet: fill in the new item, then store the section."


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def study_edit(request: SignedInRequest, slug: str, section: str = "about") -> HttpResponse:
    found = study_or_404(request.user, slug, Right.EDIT)
    shown = find_section(section)
    if shown is None:
        raise Http404(f"there is no section {section}")
    if request.method == "POST":
        return _store_section(request, found, shown)
    return render(request, "experimenter/editor/page.html", editor_context(request.user, found, shown))


def _store_section(request: SignedInRequest, study: Study, section: EditorSection) -> HttpResponse:
    """Store a whole section, or do what a button of a list asks: the page without scripts."""
    values, problems = read_posted(section.settings, request.POST)
    values.pop("slug", None)
    command = request.POST.get("do", "")
    base = request.POST.get("base", "")
    number = int(base) if base.isascii() and base.isdigit() and len(base) < 10 else None
    is_in_list = do_in_list(values, command)
    try:
        if command.startswith("reset "):
            reset_setting(study=study, path=command.removeprefix("reset "), user=request.user, base=number)
        elif problems:
            raise ConfigError(problems)
        else:
            set_settings(study=study, values=values, user=request.user, base=number)
    except ConfigError as error:
        said = ADDED if is_in_list else ""
        shown = [] if is_in_list else error.problems
        context = editor_context(request.user, study, section, entered=values, problems=shown, said=said)
        return render(request, "experimenter/editor/page.html", context, status=200 if is_in_list else 400)
    except RevisionConflict as error:
        messages.error(request, f"Nothing was stored. {error}")
    else:
        messages.success(request, "The section is stored.")
    return redirect("study_edit_section", slug=study.slug, section=section.code)


@login_required
@require_http_methods(["PATCH"])
def study_setting(request: SignedInRequest, slug: str) -> JsonResponse:
    """Store one setting: {path, value, base} or {path, reset: true, base}; `base` is the revision that was loaded."""
    found = study_or_404(request.user, slug, Right.EDIT)
    try:
        given = _read_patch(request)
        if given.get("reset") is True:
            saved = reset_setting(study=found, path=given["path"], user=request.user, base=given["base"])
        else:
            saved = set_setting(
                study=found, path=given["path"], value=given["value"], user=request.user, base=given["base"]
            )
    except InvalidAction as error:
        return JsonResponse({"message": str(error)}, status=400)
    except RevisionConflict as error:
        return JsonResponse({"message": str(error)}, status=409)
    except ConfigError as error:
        problems = [{"path": path, "message": message} for path, message in error.problems]
        return JsonResponse({"message": "not saved", "problems": problems}, status=422)
    return JsonResponse(_saved(request, saved, given))


def _saved(request: SignedInRequest, study: Study, given: dict[str, Any]) -> dict[str, Any]:
    row = setting_row(request.user, study, given["path"])
    is_reset = given.get("reset") is True
    return {
        "revision": study.revision,
        "path": given["path"],
        "differs": row.differs,
        "html": render_to_string("experimenter/editor/setting.html", {"row": row}) if is_reset else None,
        "estimate": estimate_words(study),
        "notes": setting_notes(study),
        "title": study.title,
    }


def _read_patch(request: SignedInRequest) -> dict[str, Any]:
    """Return the body's path, base, and value or reset. Raises InvalidAction when it is something else."""
    if request.content_type != "application/json":
        raise InvalidAction("the body must be application/json")
    body = request.read(MAX_YAML_BYTES + 1)
    if len(body) > MAX_YAML_BYTES:
        raise InvalidAction(f"the body has more than {MAX_YAML_BYTES // 1024} KiB")
    try:
        given = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise InvalidAction("the body is not JSON") from None
    if not isinstance(given, dict) or not isinstance(given.get("path"), str) or section_of(given["path"]) is None:
        raise InvalidAction("path must name a setting, such as task.plays")
    if "value" not in given and given.get("reset") is not True:
        raise InvalidAction("give a value, or reset: true")
    if not isinstance(given.get("base"), int) or isinstance(given["base"], bool):
        raise InvalidAction("base must be the number of the revision that you changed")
    return given


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")


@login_required
@require_POST
def study_undo(request: SignedInRequest, slug: str) -> HttpResponse:
    return _go(request, slug, undo, "The latest change is undone.")


@login_required
@require_POST
def study_redo(request: SignedInRequest, slug: str) -> HttpResponse:
    return _go(request, slug, redo, "The change is done again.")


def _go(request: SignedInRequest, slug: str, act: Any, done: str) -> HttpResponse:
    """Undo or redo, then show the section that the button stood in."""
    found = study_or_404(request.user, slug, Right.EDIT)
    base = request.POST.get("base", "")
    section = find_section(request.POST.get("section", "")) or find_section("about")
    try:
        number = int(base) if base.isascii() and base.isdigit() and len(base) < 10 else None
        saved = act(study=found, user=request.user, base=number)
    except EarwitnessError as error:
        messages.error(request, str(error))
    else:
        changed = saved.revisions.values_list("changed", flat=True).first() or []
        messages.success(request, f"{done} It was in: {', '.join(changed)}." if changed else done)
        section = next((place for path in changed if (place := section_of(path))), section)
    return redirect(reverse("study_edit_section", args=[slug, section.code if section else "about"]))
