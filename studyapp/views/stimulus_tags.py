"""The tags of a set's clips, and the menu of reasons that they become."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from studyapp.design.config_yaml import write_yaml
from studyapp.errors import ChangeRefused, ConfigError
from studyapp.selectors.rights import studies_with
from studyapp.selectors.stimulus_filter import count_tags
from studyapp.services.tag_reasons import items_of_tags, use_tags_as_reasons
from studyapp.views.signed_in import SignedInRequest, set_or_404, study_or_404
from studyapp.vocab import Right, StudyState


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def stimulus_tags(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show the tags in use as a menu of reasons; put it into a draft study."""
    found = set_or_404(request.user, slug)
    if request.method == "POST":
        study = study_or_404(request.user, request.POST.get("study", ""), Right.EDIT)
        try:
            use_tags_as_reasons(user=request.user, stimulus_set=found, study=study)
        except (ChangeRefused, ConfigError) as error:
            messages.error(request, f"Nothing was stored. {error}")
            return redirect("stimulus_tags", slug=slug)
        messages.success(request, f"The tags of {found} are the reasons of {study} now. Look over their words.")
        return redirect("study_edit", slug=study.slug)
    items = items_of_tags(found)
    context = {
        "set": found,
        "tags": count_tags(found),
        "yaml": write_yaml({"task": {"reasons": {"items": items}}}) if items else "",
        "drafts": studies_with(request.user, Right.EDIT).filter(state=StudyState.DRAFT.value).order_by("title"),
    }
    return render(request, "experimenter/stimulus_tags.html", context)
