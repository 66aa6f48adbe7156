"""Requests that no browser sends, to the real web server: other hosts, too much, and two in one."""

import socket
from collections.abc import Iterator

import httpx
import pytest

from studyapp.services.local_server import WebServer

from .installation import new_installation

pytestmark = pytest.mark.once
GOOD = "GET /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
POST = "POST /s/x/start/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
HIDDEN = "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    with new_installation(tmp_path_factory.mktemp("raw")) as made:
        made.run("migrate", "--verbosity", "0")
        with WebServer(environment=made.environment, workers=1) as server:
            yield server


def sent(server: WebServer, request: str) -> str:
    """Send the bytes as they are, and return all that comes until the server closes."""
    url = httpx.URL(server.url)
    with socket.create_connection((url.host, url.port or 80), timeout=20) as connection:
        connection.sendall(request.encode("latin-1"))
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while part := connection.recv(65536):
            received += part
    return received.decode("latin-1")


def statuses(answer: str) -> list[int]:
    return [int(line.split()[1]) for line in answer.split("\r\n") if line.startswith("HTTP/1.")]


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ("GET /accounts/login/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", {400}),
        ("GET /accounts/login/ HTTP/1.1\r\nHost: localhost@evil.example\r\nConnection: close\r\n\r\n", {400}),
        ("GET http://evil.example/accounts/login/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", {400}),
        ("GET /accounts/login/ HTTP/1.1\r\nHost: a\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", {400}),
        (f"{GOOD}X-Long: {'x' * 65_536}\r\n\r\n", {400, 431}),
        (GOOD + "".join(f"X-{number}: x\r\n" for number in range(500)) + "\r\n", {400, 431}),
        (f"GET /{'x' * 10_000} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", {400, 414}),
        ("GET /accounts/login/ HTTP/9.9\r\nHost: 127.0.0.1\r\n\r\n", {400, 505}),
        ("nonsense\r\n\r\n", {400}),
        (f"{GOOD}Bad Name: x\r\n\r\n", {400}),
        (f"{GOOD} folded: x\r\n\r\n", {400}),
    ],
    ids=["host", "user in host", "absolute", "two hosts", "long", "many", "path", "version", "none", "name", "folded"],
)
def test_what_no_browser_sends_is_refused_and_the_server_goes_on(
    server: WebServer, request_: str, status: set[int]
) -> None:
    answer = sent(server, request_)
    assert len(statuses(answer)) == 1 and statuses(answer)[0] in status
    assert "evil.example" not in answer
    assert httpx.get(f"{server.url}/healthz").status_code == 200


def test_what_is_refused_is_the_fault_alone(server: WebServer) -> None:
    assert statuses(sent(server, f"{GOOD}\r\n")) == [200]


def test_a_host_that_a_header_names_is_not_believed(server: WebServer) -> None:
    names = "X-Forwarded-Host: evil.example\r\nX-Host: evil.example\r\nForwarded: host=evil.example\r\n"
    answer = sent(server, f"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{names}\r\n")
    assert statuses(answer) == [302] and "evil.example" not in answer


@pytest.mark.parametrize(
    "framing",
    [
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Content-Length: 0\r\nContent-Length: 44\r\n\r\n",
        "Content-Length: +0\r\n\r\n",
        "Content-Length: -1\r\n\r\n",
        "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n",
    ],
)
def test_a_request_hidden_in_another_is_not_answered(server: WebServer, framing: str) -> None:
    """Where a proxy and the server read the length differently, the rest would be somebody else's request."""
    answer = sent(server, POST + framing + HIDDEN)
    assert statuses(answer) and all(400 <= status <= 501 for status in statuses(answer))
    assert '"status": "ok"' not in answer


def test_of_two_requests_over_http_1_0_the_first_is_answered(server: WebServer) -> None:
    first = "GET /healthz HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n"
    assert statuses(sent(server, first + HIDDEN)) == [200]
