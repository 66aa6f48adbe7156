"""Answer a request for a sound, byte ranges included: Safari plays nothing from a server that ignores them."""

import re
from typing import BinaryIO

from django.core.files.base import File
from django.http import HttpRequest, HttpResponse

# No file is 10^20 bytes long; int() refuses thousands of digits, and \d would match those of other scripts.
_RANGE = re.compile(r"bytes=([0-9]{0,20})-([0-9]{0,20})")


def ranged_response(content: "bytes | BinaryIO | File[bytes]", content_type: str, request: HttpRequest) -> HttpResponse:
    """Return 200 with the whole body, 206 with the part asked for, or 416 for a range past the end.

    Anything but one plain range (several ranges, another unit, nonsense) is answered with the whole body, as RFC 9110
    allows; so is If-Range, since no validator is ever sent. No header names or dates the content.
    """
    body = content if isinstance(content, bytes) else content.read()
    bounds = _bounds(request.headers.get("Range", ""), len(body)) if "If-Range" not in request.headers else None
    if bounds is None:
        response = HttpResponse(body, content_type=content_type)
    elif bounds[0] >= bounds[1]:
        response = HttpResponse(status=416, content_type=content_type)
        response["Content-Range"] = f"bytes */{len(body)}"
    else:
        start, stop = bounds
        response = HttpResponse(body[start:stop], status=206, content_type=content_type)
        response["Content-Range"] = f"bytes {start}-{stop - 1}/{len(body)}"
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = "no-store"
    response["Content-Length"] = str(len(response.content))
    if request.method == "HEAD":
        response.content = b""
    return response


def _bounds(header: str, size: int) -> tuple[int, int] | None:
    """Return (start, stop) of the range; None for the whole body; start >= stop when it cannot be satisfied."""
    match = _RANGE.fullmatch(header.strip())
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        return (max(0, size - int(last)), size) if int(last) else (size, size)
    if last and int(last) < int(first):
        return None
    return int(first), min(size, int(last) + 1) if last else size
