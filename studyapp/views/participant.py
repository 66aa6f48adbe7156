"""The participant's pages and sounds. The session token in the path is the only authority: no cookie is read or set."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from studyapp.errors import InvalidAction, NotFound
from studyapp.models import Session
from studyapp.selectors.session_sound import sound_path
from studyapp.selectors.session_state import find_session
from studyapp.selectors.study_open import estimated_minutes, landing_study
from studyapp.services import media
from studyapp.services.session_start import start_session
from studyapp.views.ranged import ranged_response

NOT_OPEN = "This study is not open. If you were invited to it, please write to the person who sent you the link."
NOT_KNOWN = "This address belongs to no session. Please open the link that you were given once more."
FORGED = "The token of this simulated participant is not valid."


def privately(response: HttpResponse) -> HttpResponse:
    """Keep the response out of every cache, and its address (which holds the token) out of every referrer."""
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _landing(request: HttpRequest, *, slug: str, message: str = "", status: int = 200) -> HttpResponse:
    study, version = landing_study(slug)
    minutes = estimated_minutes(version) if version else None
    context = {"study": study, "minutes": minutes, "slug": slug, "open": not message, "message": message}
    return privately(render(request, "participant/landing.html", context, status=status))


@require_safe
def landing(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what the study is. Nothing is stored: a link preview must not consume a place."""
    study, _ = landing_study(slug)
    return _landing(request, slug=slug) if study else _landing(request, slug=slug, message=NOT_OPEN, status=404)


@csrf_exempt
@require_POST
def start(request: HttpRequest, slug: str) -> HttpResponse:
    try:
        session = start_session(
            slug=slug, bot_token=request.POST.get("bot", ""), user_agent=request.headers.get("User-Agent", "")
        )
    except NotFound:
        return _landing(request, slug=slug, message=NOT_OPEN, status=404)
    except InvalidAction:
        return _landing(request, slug=slug, message=FORGED, status=403)
    response = redirect("participant_run", token=session.token)
    response.status_code = 303
    return privately(response)


@require_safe
def run(request: HttpRequest, token: str) -> HttpResponse:
    try:
        session: Session = find_session(token)
    except NotFound:
        context = {"study": None, "open": False, "message": NOT_KNOWN}
        return privately(render(request, "participant/landing.html", context, status=404))
    context = {"title": session.version.config["title"], "token": session.token}
    return privately(render(request, "participant/run.html", context))


@require_http_methods(["GET", "HEAD"])
def sound(request: HttpRequest, token: str, sound: str) -> HttpResponse:
    """Serve a sound. Every sound has the same headers, apart from its length."""
    try:
        response = ranged_response(media.read(sound_path(session_token=token, sound_token=sound)), "audio/wav", request)
    except NotFound:
        response = HttpResponse(status=404, content_type="text/plain")
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["X-Content-Type-Options"] = "nosniff"
    return privately(response)
