"""A request that failed because the database or the disk is away is answered so that whoever sent it tries again."""

import errno
import logging
from collections.abc import Callable

from django.db import Error, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

RETRY_AFTER_S = 5
FULL = (errno.ENOSPC, errno.EDQUOT)
SQLITE_FULL = "database or disk is full"
NO_ROOM, AWAY = "no_room", "unavailable"
WORDS = {
    NO_ROOM: "The server's disk is full. This was not saved; try again in a while.",
    AWAY: "The server's database does not answer. This was not saved; try again in a moment.",
}
STATUS = {NO_ROOM: 507, AWAY: 503}
logger = logging.getLogger(__name__)


class Unavailable:
    """Answers 507 where there is no room, 503 where the database is away, locked or restarting, with Retry-After.

    What was begun is rolled back by then. Participants' pages keep what they sent until the server has it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        code = reason(error)
        if not code:
            return None
        status = STATUS[code]
        logger.error("not saved, answered %d: %s: %s", status, type(error).__name__, str(error).partition("\n")[0])
        if "text/html" in request.headers.get("Accept", ""):
            response = render(None, "503.html", {"words": WORDS[code]}, status=status)
        else:
            response = JsonResponse({"error": {"code": code, "message": WORDS[code]}}, status=status)
        response["Retry-After"] = str(RETRY_AFTER_S)
        response["Cache-Control"] = "no-store"
        return response


def reason(error: Exception) -> str:
    """Return NO_ROOM or AWAY; empty where the error is a fault of the program.

    >>> reason(OperationalError("database is locked")), reason(OSError(errno.ENOSPC, "No space left on device"))
    ('unavailable', 'no_room')
    >>> reason(ValueError("no"))
    ''
    """
    if isinstance(error, OSError):
        return NO_ROOM if error.errno in FULL else ""
    if isinstance(error, OperationalError | InterfaceError):
        return NO_ROOM if _is_full(error) else AWAY
    return ""


def _is_full(error: Error) -> bool:
    # PostgreSQL's class 53: 53100 is disk_full.
    return SQLITE_FULL in str(error) or getattr(error.__cause__, "sqlstate", None) == "53100"
