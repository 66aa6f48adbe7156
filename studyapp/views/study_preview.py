"""One screen of the participant's page, made from the draft: the real page, without a session behind it."""

from csp.constants import SELF
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from studyapp.design.config import StudyConfig
from studyapp.design.config_reading import read_config
from studyapp.design.landing_words import LANDING
from studyapp.design.words import WORDS
from studyapp.errors import ConfigError, NotFound
from studyapp.models import Study
from studyapp.selectors.draft_estimate import draft_estimate
from studyapp.selectors.preview_state import preview_state
from studyapp.views.participant import privately
from studyapp.views.signed_in import SignedInRequest, study_or_404
from studyapp.vocab import Right

BROKEN = "The draft has problems. Put them right first; then it is shown here."


@login_required
@require_safe
def study_preview(request: SignedInRequest, slug: str, screen: str) -> HttpResponse:
    found = study_or_404(request.user, slug, Right.EDIT)
    try:
        config = read_config(found.config)
        context = {
            "title": config.title,
            "language": config.language,
            "direction": WORDS[config.language].direction,
            "words": LANDING[config.language],
        }
        if screen == "landing":
            return _framed(render(request, "participant/landing.html", context | _landing(found, config)))
        context["state"] = preview_state(found, config, screen)
    except ConfigError:
        context = {"title": found.title, "language": "en", "direction": "ltr", "words": LANDING["en"]}
        context["state"] = {"message": BROKEN}
    except NotFound as error:
        raise Http404(str(error)) from None
    return _framed(render(request, "experimenter/editor/preview.html", context))


def _framed(response: HttpResponse) -> HttpResponse:
    """Let the editor, and nobody else, show the page in a frame; and keep it out of every cache."""
    response._csp_replace = {"frame-ancestors": [SELF]}  # type: ignore[attr-defined]  # as django-csp's decorators do
    response["X-Frame-Options"] = "SAMEORIGIN"
    return privately(response)


def _landing(study: Study, config: StudyConfig) -> dict[str, object]:
    words = LANDING[config.language]
    minutes = max(1, round(draft_estimate(study, config).minutes))
    return {
        "study": study,
        "takes": words.takes_one if minutes == 1 else words.takes.format(minutes=minutes),
        "needs_computer": config.device.allow == "desktop",
        "parameters": {},
        "message": "",
        "is_preview": True,
    }
