"""A proxy that keeps every byte that a server sends; it stands between a browser and a site."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.parser import BytesHeaderParser
from email.policy import HTTP
from urllib.parse import urlsplit


@dataclass
class Answer:
    """One answer of the server. `target` is what was asked for.

    `is_whole` is false for the last one of a connection that the browser gave up (a reload) before it had the body.
    """

    target: str
    status: int
    headers: dict[str, str]
    body: bytes
    is_whole: bool


@dataclass
class Recorder:
    """Where the proxy listens, and what went through it, connection by connection."""

    url: str = ""
    sent: list[bytearray] = field(default_factory=list)
    received: list[bytearray] = field(default_factory=list)

    @property
    def all_received(self) -> bytes:
        return b"\n".join(bytes(each) for each in self.received)

    def answers(self) -> list[Answer]:
        """Return every answer, with what was asked for it. Raises ValueError for bytes that are no HTTP."""
        found = []
        for sent, received in zip(self.sent, self.received, strict=True):
            found += _answers(_targets(bytes(sent)), bytes(received))
        return found


def _targets(sent: bytes) -> list[str]:
    targets = []
    while sent:
        head, _, rest = sent.partition(b"\r\n\r\n")
        line, _, fields = head.partition(b"\r\n")
        length = int(BytesHeaderParser(policy=HTTP).parsebytes(fields + b"\r\n\r\n").get("Content-Length", 0))
        targets.append(line.decode().rsplit(" ", 1)[0])
        sent = rest[length:]
    return targets


def _answers(targets: list[str], received: bytes) -> Iterator[Answer]:
    for target in targets:
        if not received:
            return
        head, has_end, rest = received.partition(b"\r\n\r\n")
        if not has_end:
            return  # given up within the headers
        line, _, fields = head.partition(b"\r\n")
        if not line.startswith(b"HTTP/1.1 "):
            raise ValueError(f"not the start of an answer: {line[:60]!r}")
        headers = {
            name.lower(): value
            for name, value in BytesHeaderParser(policy=HTTP).parsebytes(fields + b"\r\n\r\n").items()
        }
        status = int(line.split()[1])
        if headers.get("transfer-encoding") == "chunked":
            body, received, is_whole = _unchunk(rest)
        else:
            length = 0 if status in (204, 304) else int(headers.get("content-length", 0))
            body, received, is_whole = rest[:length], rest[length:], len(rest) >= length
        yield Answer(target, status, headers, body, is_whole)


def _unchunk(rest: bytes) -> tuple[bytes, bytes, bool]:
    body = b""
    while True:
        line, has_end, rest = rest.partition(b"\r\n")
        if not has_end:
            return body, b"", False
        size = int(line, 16)
        if len(rest) < size + 2:
            return body + rest[:size], b"", False
        body, rest = body + rest[:size], rest[size + 2 :]
        if size == 0:
            return body, rest, True


@contextmanager
def record(url: str) -> Iterator[Recorder]:
    """Stand in for the site at the address, and keep what goes through: uncompressed, so that it can be read."""
    target = urlsplit(url)
    listener = socket.create_server(("127.0.0.1", 0))
    recorder = Recorder(url=f"http://127.0.0.1:{listener.getsockname()[1]}")

    def pump(source: socket.socket, sink: socket.socket, kept: bytearray, *, is_request: bool) -> None:
        try:
            while data := source.recv(65536):
                kept += data
                # As long as before, and nothing that a server knows.
                sink.sendall(data.replace(b"Accept-Encoding:", b"X-ccept-Encoding:") if is_request else data)
        except OSError:
            pass
        finally:
            for each in (source, sink):
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def accept() -> None:
        while True:
            try:
                browser, _ = listener.accept()
            except OSError:
                return
            server = socket.create_connection((str(target.hostname), int(target.port or 80)))
            sent, received = bytearray(), bytearray()
            recorder.sent.append(sent)
            recorder.received.append(received)
            for source, sink, kept, is_request in ((browser, server, sent, True), (server, browser, received, False)):
                threading.Thread(
                    target=pump, args=(source, sink, kept), kwargs={"is_request": is_request}, daemon=True
                ).start()

    threading.Thread(target=accept, daemon=True).start()
    yield recorder
    listener.close()
