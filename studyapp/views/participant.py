"""The participant's pages and sounds. The session token in the path is the only authority.

The one cookie holds that token again, for the study's own address: it leads back who comes by a recruiter's link.
"""

from typing import Any
from zlib import crc32

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from studyapp.client_address import client_address
from studyapp.design.arrival import MTURK_HOSTS, Arrival, read_arrival
from studyapp.design.config import StudyConfig
from studyapp.design.landing_words import LANDING, LandingWords
from studyapp.design.words import WORDS
from studyapp.errors import BegunElsewhere, InvalidAction, NotFound
from studyapp.models import Session, StudyVersion
from studyapp.selectors.own_session import NOT_TAKEN_PART, own_session
from studyapp.selectors.session_end import withdrawn_words
from studyapp.selectors.session_sound import sound_path
from studyapp.selectors.session_state import find_session
from studyapp.selectors.study_config import frozen_config
from studyapp.selectors.study_open import admits, estimated_minutes, latest_version
from studyapp.services import media
from studyapp.services.bot_tokens import BOTS_IN, read_bot_token
from studyapp.services.pilot_tokens import is_pilot_token
from studyapp.services.session_start import start_session
from studyapp.services.start_limit import WINDOW_S, may_start
from studyapp.services.withdrawal import withdraw_by_code
from studyapp.views.ranged import ranged_response
from studyapp.vocab import Origin

COOKIE, COOKIE_DAYS = "earwitness_sitting", 30
MTURK_FRAMES = ("https://*.mturk.com", "https://*.mturkcontent.com")


def privately(response: HttpResponse) -> HttpResponse:
    """Keep the response out of every cache, and its address (which holds the token) out of every referrer."""
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _landing(
    request: HttpRequest,
    *,
    slug: str,
    message: str = "",
    status: int = 200,
    arrival: Arrival | None = None,
    pilot: str = "",
    version: StudyVersion | None = None,
) -> HttpResponse:
    if version is None:
        latest = latest_version(slug)
        version = latest if latest is not None and admits(latest, pilot=bool(pilot)) else None
    config = frozen_config(version) if version else None
    language = config.language if config else "en"
    context = {
        "study": version.study if version else None,
        "words": LANDING[language],
        "language": language,
        "direction": WORDS[language].direction,
        "takes": _takes(LANDING[language], estimated_minutes(version)) if version else "",
        "needs_computer": config is not None and config.device.allow == "desktop",
        "parameters": (arrival.parameters if arrival else {}) | ({"pilot": pilot} if pilot else {}),
        "message": getattr(LANDING[language], message) if message else "",
    }
    return _framed(privately(render(request, "participant/landing.html", context, status=status)), config)


def _takes(words: LandingWords, minutes: int) -> str:
    return words.takes_one if minutes == 1 else words.takes.format(minutes=minutes)


def _framed(response: HttpResponse, config: StudyConfig | None) -> HttpResponse:
    """Let Mechanical Turk, and nobody else, show the pages of its own studies in a frame, and take their last form."""
    if config is not None and config.recruitment.recruiter == "mturk":
        # As the decorators of django-csp do.
        response._csp_replace = {"frame-ancestors": list(MTURK_FRAMES)}  # type: ignore[attr-defined]
        response._csp_update = {"form-action": list(MTURK_HOSTS)}  # type: ignore[attr-defined]
        response.xframe_options_exempt = True
    return response


@login_not_required
@require_safe
def landing(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what the study is. Nothing is stored: a link preview must not consume a place."""
    if "bot" in request.GET:
        return _landing_of_bot(request, slug)
    pilot, version = request.GET.get("pilot", ""), latest_version(slug)
    if version is None:
        return _landing(request, slug=slug, message="not_open", status=404)
    if pilot and not is_pilot_token(pilot, study=version.study):
        return _landing(request, slug=slug, message="not_allowed", status=403)
    config = frozen_config(version)
    arrival = read_arrival(config, request.GET.dict())
    if not (admits(version, pilot=bool(pilot)) or _has_own(request, version, arrival, pilot=pilot)):
        return _landing(request, slug=slug, message="not_open", status=404)
    message = _lacking(config, arrival)
    return _landing(request, slug=slug, message=message, arrival=arrival, pilot=pilot, version=version)


def _has_own(request: HttpRequest, version: StudyVersion, arrival: Arrival, *, pilot: str) -> bool:
    """Return whether the person has a session to go back to, which they may also where nobody else is let in."""
    origin = Origin.PILOT if pilot else Origin.LIVE
    return own_session(version, arrival, origin=origin, secret=request.COOKIES.get(COOKIE, "")) is not None


def _lacking(config: StudyConfig, arrival: Arrival) -> str:
    """Return which message says what keeps the person from starting; empty when nothing does."""
    if config.recruitment.require_person and not arrival.person:
        return "no_person"
    if config.recruitment.groups.places and not arrival.group:
        return "no_group"
    return "accept_first" if arrival.is_preview else ""


def _landing_of_bot(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a simulated participant the page, also where people are not let in: in the pilot, and while it is paused."""
    version = latest_version(slug)
    try:
        read_bot_token(request.GET["bot"], study=slug)
    except InvalidAction:
        return _landing(request, slug=slug, message="not_allowed", status=403)
    if version is None or version.study.state not in BOTS_IN:
        return _landing(request, slug=slug, message="not_open", status=404)
    return _landing(request, slug=slug, version=version)


@login_not_required
@csrf_exempt
@require_POST
def start(request: HttpRequest, slug: str) -> HttpResponse:
    version = latest_version(slug)
    arrival = read_arrival(frozen_config(version), request.POST.dict()) if version else Arrival()
    bot, preview = request.POST.get("bot", ""), request.POST.get("preview", "")
    # Bots and previews bring what only this site signs.
    if not (bot or preview or may_start(client_address(request))):
        response = _landing(request, slug=slug, message="too_many", status=429)
        response["Retry-After"] = str(WINDOW_S)
        return response
    try:
        session = start_session(
            slug=slug,
            arrival=arrival,
            bot_token=bot,
            preview_token=preview,
            pilot=request.POST.get("pilot", ""),
            secret=request.COOKIES.get(COOKIE, ""),
            user_agent=request.headers.get("User-Agent", ""),
        )
    except NotFound:
        return _landing(request, slug=slug, message="not_open", status=404)
    except BegunElsewhere:
        return _landing(request, slug=slug, message="begun_elsewhere", status=409, version=version)
    except InvalidAction:
        return _landing(request, slug=slug, message="not_allowed", status=403)
    response = redirect("participant_run", token=session.token)
    response.status_code = 303
    if arrival.person and session.outcome not in NOT_TAKEN_PART:
        _remember(response, session)
    return privately(response)


def _remember(response: HttpResponse, session: Session) -> None:
    """Keep the session's token in the browser, at the study's own address and out of scripts' reach.

    Only for who comes with a recruiter's id: nobody else is led back. Lax, since their link stands on another site.
    """
    response.set_cookie(
        COOKIE,
        session.token,
        max_age=COOKIE_DAYS * 24 * 3600,
        path=reverse("participant_landing", args=[session.version.study.slug]),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


@login_not_required
@require_safe
def run(request: HttpRequest, token: str) -> HttpResponse:
    try:
        session: Session = find_session(token)
    except NotFound:
        context: dict[str, Any] = {"study": None, "words": LANDING["en"], "language": "en", "direction": "ltr"}
        context["message"] = LANDING["en"].not_known
        return privately(render(request, "participant/landing.html", context, status=404))
    config = frozen_config(session.version)
    context = {
        "title": config.title,
        "erases": config.consent.on_withdrawal == "erase",
        "token": session.token,
        "words": LANDING[config.language],
        "language": config.language,
        "direction": WORDS[config.language].direction,
    }
    return _framed(privately(render(request, "participant/run.html", context)), config)


@login_not_required
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, slug: str) -> HttpResponse:
    """Let a participant withdraw later, with the code of the last page. No cookie, so nothing to forge but the code."""
    version = StudyVersion.objects.filter(study__slug=slug).order_by("-number").first()
    config = frozen_config(version) if version else None
    language = config.language if config else "en"
    context: dict[str, Any] = {
        "words": LANDING[language],
        "language": language,
        "direction": WORDS[language].direction,
    }
    status = 200
    if request.method == "POST":
        try:
            done = withdraw_by_code(slug=slug, code=request.POST.get("code", ""))
            context |= {"is_done": True, "was_before": done.was_before, "becomes": withdrawn_words(done.session)}
        except NotFound:
            context["is_wrong"], status = True, 404
    return _framed(privately(render(request, "participant/withdraw.html", context, status=status)), config)


@login_not_required
@require_http_methods(["GET", "HEAD"])
def sound(request: HttpRequest, token: str, sound: str) -> HttpResponse:
    """Serve a sound. Every sound has the same headers, apart from its length."""
    try:
        content = media.read(sound_path(session_token=token, sound_token=sound))
        response = ranged_response(content, "audio/wav", request)
        # Not a SHA: that of a copy can be that of the original, which would name it.
        response["X-Checksum"] = f"{crc32(content):08x}"
    except NotFound:
        response = HttpResponse(status=404, content_type="text/plain")
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["X-Content-Type-Options"] = "nosniff"
    return privately(response)
