"""The experimenter's page that tries a study's link before a recruiter sends people to it."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from studyapp.design.config_reading import read_config
from studyapp.design.recruitment_rules import exit_items
from studyapp.errors import ConfigError
from studyapp.selectors.study_config import frozen_config
from studyapp.selectors.study_link import capture, exit_rows, link_problem, personal_link, recruiter_link
from studyapp.services.preview_tokens import mint_preview_token
from studyapp.views.signed_in import SignedInRequest, study_or_404
from studyapp.vocab import Right, StudyState


@login_required
@require_safe
def study_link(request: SignedInRequest, slug: str) -> HttpResponse:
    found = study_or_404(request.user, slug, Right.EDIT)
    version = found.versions.order_by("-number").first()
    try:
        config = frozen_config(version) if version else read_config(found.config)
    except ConfigError as error:
        return render(request, "experimenter/study_link.html", {"study": found, "problem": str(error)})
    address = request.build_absolute_uri(reverse("participant_landing", args=[found.slug]))
    url = request.GET.get("url", "").strip()
    problem = link_problem(url, address) if url else ""
    context = {
        "study": found,
        "version": version,
        "is_live": found.state == StudyState.LIVE,
        "recruiter": config.recruitment.recruiter,
        "link": recruiter_link(config, address),
        "personal_link": personal_link(config, address),
        "names": config.recruitment.names,
        "exits": exit_rows(config),
        "warnings": [item.words for item in exit_items(config)],
        "url": url,
        "url_problem": problem,
        "captured": capture(config, url) if url and not problem else None,
        "requires_person": config.recruitment.require_person,
        "preview": mint_preview_token(study=found.slug),
    }
    return render(request, "experimenter/study_link.html", context)
