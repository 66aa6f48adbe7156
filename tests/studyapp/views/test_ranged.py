import io

import pytest
from django.test import RequestFactory

from studyapp.views.ranged import ranged_response

pytestmark = pytest.mark.once
BODY = bytes(range(100))


def answer(**headers: str) -> tuple[int, bytes, str | None]:
    response = ranged_response(BODY, "audio/wav", RequestFactory().get("/", headers=headers))
    assert response["Content-Length"] == str(len(response.content))
    assert response["Accept-Ranges"] == "bytes"
    assert response["Cache-Control"] == "no-store"
    assert not {"Content-Disposition", "Last-Modified", "ETag"} & set(response.headers)
    return response.status_code, response.content, response.headers.get("Content-Range")


def test_no_range_is_the_whole_body() -> None:
    assert answer() == (200, BODY, None)


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-1", 0, 2),
        ("bytes=0-", 0, 100),
        ("bytes=99-", 99, 100),
        ("bytes=10-19", 10, 20),
        ("bytes=90-500", 90, 100),
        ("bytes=-10", 90, 100),
        ("bytes=-500", 0, 100),
        (" bytes=5-5 ", 5, 6),
    ],
)
def test_one_range_is_answered_with_its_part(asked: str, start: int, stop: int) -> None:
    assert answer(Range=asked) == (206, BODY[start:stop], f"bytes {start}-{stop - 1}/100")


@pytest.mark.parametrize("asked", ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=99999999999999999999-"])
def test_a_range_past_the_end_is_416(asked: str) -> None:
    assert answer(Range=asked) == (416, b"", "bytes */100")


@pytest.mark.parametrize(
    "asked",
    [
        *("bytes=0-1,5-6", "bytes=5-2", "bytes=-", "bytes=a-b", "items=0-1", "bytes", "", "bytes=٠-١"),
        *(f"bytes={'9' * 5000}-", f"bytes=-{'9' * 5000}", f"bytes=0-{'9' * 5000}"),
    ],
)
def test_anything_else_is_answered_whole(asked: str) -> None:
    assert answer(Range=asked) == (200, BODY, None)


def test_if_range_gets_the_whole_body_since_nothing_can_match() -> None:
    assert answer(**{"Range": "bytes=0-1", "If-Range": '"abc"'}) == (200, BODY, None)


def test_head_has_the_headers_and_no_body() -> None:
    response = ranged_response(BODY, "audio/wav", RequestFactory().head("/", headers={"Range": "bytes=0-9"}))
    assert (response.status_code, response.content) == (206, b"")
    assert (response["Content-Length"], response["Content-Range"]) == ("10", "bytes 0-9/100")


def test_an_open_file_serves_as_bytes_do() -> None:
    response = ranged_response(io.BytesIO(BODY), "audio/wav", RequestFactory().get("/"))
    assert response.content == BODY
