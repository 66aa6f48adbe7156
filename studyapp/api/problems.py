"""Every refusal of the API as problem JSON (RFC 9457): what is wrong, and what to do about it."""

from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from studyapp.errors import AudioError, ConfigError, EarwitnessError, ImportFailed, NotFound, UploadRefused

TITLES = {
    400: "The request cannot be read",
    401: "A token is needed",
    403: "Not allowed",
    404: "Not there",
    405: "This address does not take this method",
    409: "It does not fit what is there",
    413: "Too large",
    422: "Something in the request is wrong",
}
SAY_WHO = (
    "Send the header 'Authorization: Bearer TOKEN'. Tokens are made on the page 'API tokens'; one that was revoked, "
    "has expired or belongs to a closed account opens nothing."
)


class Refused(Exception):
    """A refusal with its status and words."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


def problem(status: int, detail: str, problems: list[dict[str, Any]] | None = None) -> JsonResponse:
    """Return the answer to a request that is refused; `problems` have a path and a message each."""
    content: dict[str, Any] = {
        "type": "about:blank",
        "title": TITLES.get(status, "Refused"),
        "status": status,
        "detail": detail,
    }
    if problems is not None:
        content["problems"] = problems
    response = JsonResponse(content, status=status, content_type="application/problem+json")
    response["Cache-Control"] = "no-store"
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="Earwitness"'
    return response


def listed(error: ConfigError) -> list[dict[str, Any]]:
    """Return the problems of a configuration, each with its line where it came as YAML."""
    rows = zip(error.problems, error.lines, strict=True)
    return [{"path": path, "message": message} | ({"line": line} if line else {}) for (path, message), line in rows]


def _domain_error(request: HttpRequest, error: EarwitnessError) -> JsonResponse:
    if isinstance(error, ConfigError):
        return problem(422, "Nothing was stored. Put right what `problems` lists.", listed(error))
    if isinstance(error, NotFound):
        return problem(404, str(error))
    if isinstance(error, UploadRefused) and error.code == "too_large":
        return problem(413, str(error))
    return problem(422 if isinstance(error, ImportFailed | AudioError) else 409, str(error))


def _bad_input(request: HttpRequest, error: ValidationError) -> JsonResponse:
    found = [{"path": ".".join(map(str, each["loc"])), "message": str(each["msg"])} for each in error.errors]
    return problem(422, "Put right what `problems` lists.", found)


def add_handlers(api: NinjaAPI) -> None:
    """Let the API answer every refusal with a problem."""
    handlers: list[tuple[type[Exception], Any]] = [
        (EarwitnessError, _domain_error),
        (ValidationError, _bad_input),
        (Refused, lambda request, error: problem(error.status, error.detail)),
        (AuthenticationError, lambda request, error: problem(401, SAY_WHO)),
        (HttpError, lambda request, error: problem(error.status_code, str(error))),
        (Http404, lambda request, error: problem(404, str(error) or "There is nothing at this address.")),
        (PermissionDenied, lambda request, error: problem(403, str(error))),
        (RequestDataTooBig, lambda request, error: problem(413, "At most 1 MiB is read here; send less.")),
    ]
    for kind, handler in handlers:
        api.add_exception_handler(kind, handler)
