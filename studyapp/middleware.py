"""What goes before everything else: an id for each request, and the addresses that machines ask for."""

import logging
import re
import secrets
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.crypto import constant_time_compare

from studyapp.log_context import request_id
from studyapp.selectors.readiness import failed_checks

Answer = Callable[[HttpRequest], HttpResponse]
GIVEN_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")  # of a proxy; anything else could forge lines of the log
logger = logging.getLogger(__name__)


class RequestId:
    """Names each request, in every log line and in the answer's X-Request-ID; a proxy's own name is kept."""

    def __init__(self, get_response: Answer) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        name = given if GIVEN_ID.fullmatch(given) else secrets.token_hex(8)
        # It stays until the thread's next request: Django writes its line of a 404, a stream its answer, after this.
        request_id.set(name)
        response = self._get_response(request)
        response["X-Request-ID"] = name
        return response


class Operations:
    """Answers /healthz, /readyz and /metrics, whatever host they are asked at: before hosts and HTTPS are looked at.

    They say nothing of studies or people. /metrics is there for who brings METRICS_TOKEN, and nobody where none is set.
    """

    def __init__(self, get_response: Answer) -> None:
        self._get_response = get_response
        self._answers: dict[str, Answer] = {"/healthz": _health, "/readyz": _readiness, "/metrics": _metrics}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self._answers.get(request.path_info)
        if answer is None:
            return self._get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
        response = answer(request)
        response["Cache-Control"] = "no-store"
        return response


class SignInRequired(LoginRequiredMiddleware):
    """Django's own, but a public page is let through before anybody asks who the user is.

    Asking reads the session, which costs a query and adds a header to every sound of a participant.
    """

    def process_view(
        self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        if not getattr(view_func, "login_required", True):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)


def _health(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is looked at, so that a database that is away restarts no web server."""
    return JsonResponse({"status": "ok"})


def _readiness(request: HttpRequest) -> HttpResponse:
    failed = failed_checks()
    for name, words in failed.items():
        logger.warning("not ready, %s: %s", name, words)  # the words are for the log: they name hosts and folders
    status = {"status": "not ready" if failed else "ready", "failed": sorted(failed)}
    return JsonResponse(status, status=503 if failed else 200)


def _metrics(request: HttpRequest) -> HttpResponse:
    token = settings.METRICS_TOKEN
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if not token or scheme.lower() != "bearer" or not constant_time_compare(given, token):
        return HttpResponse(status=404)
    from studyapp.reports.metrics import metrics_text  # slow to import; most installations never need it

    text, content_type = metrics_text()
    return HttpResponse(text, content_type=content_type)
