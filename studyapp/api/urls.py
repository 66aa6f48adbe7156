"""Addresses of the API. Its OpenAPI document and its page are built here, from the operations themselves."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, path, re_path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from ninja import NinjaAPI

from studyapp.api import launches, results, sets, studies
from studyapp.api.access import Access
from studyapp.api.documents import endpoints, openapi_document
from studyapp.api.problems import SAY_WHO, Refused, add_handlers, problem
from studyapp.sound.decode import MAX_FILE_BYTES

View = Callable[..., HttpResponseBase]
ACCESS = Access()

api = NinjaAPI(title="Earwitness", version="1", openapi_url=None, docs_url=None, auth=ACCESS, urls_namespace="api")
for each in (sets, studies, launches, results):
    api.add_router("", each.router)
add_handlers(api)


def _guarded(view: View) -> View:
    """Refuse bodies without bound before they are read, and other methods in the API's own words."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_FILE_BYTES + sets.AROUND_FILE:
            return problem(413, f"At most {MAX_FILE_BYTES} bytes are read of one file.")
        response = view(request, *args, **kwargs)
        if response.status_code != 405:
            return response
        allowed = ", ".join(sorted(response["Allow"].split(", ")))
        refused = problem(405, f"Allowed here: {allowed}.")
        refused["Allow"] = allowed
        return refused

    return login_not_required(csrf_exempt(guarded))


def _asked_by(request: HttpRequest) -> HttpResponseBase | None:
    """Return the refusal for who has neither a token nor signed in; None for the others."""
    try:
        return None if ACCESS(request) else problem(401, SAY_WHO)
    except Refused as error:
        return problem(error.status, error.detail)


@require_safe
def openapi(request: HttpRequest) -> HttpResponseBase:
    return _asked_by(request) or JsonResponse(openapi_document(api))


@require_safe
def docs(request: HttpRequest) -> HttpResponseBase:
    refused = _asked_by(request)
    if refused is not None:
        return refused
    return render(request, "experimenter/api_docs.html", {"groups": endpoints(openapi_document(api))})


def nothing_here(request: HttpRequest) -> HttpResponseBase:
    return problem(404, "There is no such address; /api/v1/openapi.json lists those that there are.")


app_name = "api"
urlpatterns = [
    path("openapi.json", _guarded(openapi), name="openapi"),
    path("docs/", _guarded(docs), name="docs"),
    *(
        URLPattern(each.pattern, _guarded(each.callback), each.default_args, each.name)
        for each in api.urls[0]
        if isinstance(each, URLPattern) and each.name != "api-root"
    ),
    re_path("", _guarded(nothing_here), name="missing"),
]
