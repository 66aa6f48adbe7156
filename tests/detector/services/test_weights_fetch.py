"""Downloading weights from a server on this machine: whole, broken off, wrong, endless, and without a network."""

import contextlib
import http.server
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import torch

from detector.ml import checkpoint_reading
from detector.ml.embeddings.spec import BadWeights
from detector.models import Weights
from detector.services import weights, weights_fetch
from detector.services.weights import verify_weights
from detector.services.weights_fetch import FetchFailed, LicenceNotAccepted, fetch_weights
from tests.detector.services.published import publish_file, write_good

pytestmark = pytest.mark.django_db


@dataclass
class Published:
    """A file on a server. breaks_at: how many bytes of the next answer are sent before the connection goes."""

    content: bytes = b""
    knows_range: bool = True
    breaks_at: int | None = None
    status: int = 200
    ranges: list[str | None] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def published() -> Iterator[Published]:
    file = Published()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.path == "/moved":
                self.send_response(302)
                self.send_header("Location", "/file")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            asked = self.headers["Range"]
            file.ranges.append(asked)
            start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and file.knows_range else 0
            if file.status != 200 or start >= len(file.content):
                self.send_error(file.status if file.status != 200 else 416)
                return
            rest = file.content[start:]
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(rest)))
            self.end_headers()
            sent, file.breaks_at = rest[: file.breaks_at], None
            with contextlib.suppress(ConnectionError):  # a client that had enough
                self.wfile.write(sent)
            self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    file.url = f"http://127.0.0.1:{server.server_port}/file"
    yield file
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def server(published: Published, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, data_dir: Path) -> Published:
    path = write_good(tmp_path / "good.pth")
    published.content = path.read_bytes()
    publish_file(monkeypatch, path, url=published.url.replace("/file", "/moved"))
    monkeypatch.setattr(weights_fetch, "CHUNK_BYTES", 100)  # the file is small too
    return published


def downloads(data_dir: Path) -> list[int]:
    """Return the sizes of all files in the data folder but the kept ones."""
    return [path.stat().st_size for path in (data_dir / "weights").rglob("*") if path.is_file()]


def test_weights_are_downloaded_checked_and_kept_and_the_download_is_deleted(server: Published, data_dir: Path) -> None:
    seen: list[tuple[int, int]] = []
    added = fetch_weights(name="tiny", accept_licence=True, progress=lambda *done: seen.append(done))
    assert added.is_new and Weights.objects.get().origin == server.url.replace("/file", "/moved")
    assert seen[-1] == (len(server.content), len(server.content))
    assert downloads(data_dir) == []
    assert not fetch_weights(name="tiny", accept_licence=True).is_new


@pytest.mark.parametrize("fault", ["gone", "changed", "older"])
def test_kept_weights_that_cannot_be_used_are_fetched_again(
    server: Published, data_dir: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    kept = data_dir / "media" / fetch_weights(name="tiny", accept_licence=True).weights.file_name
    content = kept.read_bytes()
    if fault == "gone":
        kept.unlink()
    elif fault == "changed":
        kept.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    else:
        for module in (weights, checkpoint_reading):
            monkeypatch.setattr(module, "CONVERSION", 2)
    assert "Run `manage.py weights fetch tiny`" in next(e.problem for e in verify_weights() if e.name == "tiny")
    assert fetch_weights(name="tiny", accept_licence=True).is_new
    assert all(not each.problem for each in verify_weights()) and len(server.ranges) == 2
    assert not fetch_weights(name="tiny", accept_licence=True).is_new and len(server.ranges) == 2


def test_a_published_file_that_cannot_be_converted_is_deleted_again(
    server: Published, data_dir: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "odd.pth"
    torch.save({"other": torch.ones(3)}, path)
    server.content = path.read_bytes()
    publish_file(monkeypatch, path, url=server.url)
    with pytest.raises(BadWeights, match=f"^{server.url} was not taken in: the file has no tensor"):
        fetch_weights(name="tiny", accept_licence=True)
    assert downloads(data_dir) == [] and not Weights.objects.exists()


def test_nothing_is_downloaded_before_the_licence_is_accepted(server: Published, data_dir: Path) -> None:
    with pytest.raises(LicenceNotAccepted, match="CC0"):
        fetch_weights(name="tiny", accept_licence=False)
    assert server.ranges == [] and downloads(data_dir) == []


def test_a_download_that_breaks_off_goes_on_where_it_stopped(server: Published, data_dir: Path) -> None:
    server.breaks_at = 700
    with pytest.raises(FetchFailed, match=r"the next try goes on from there.*weights add tiny FILE"):
        fetch_weights(name="tiny", accept_licence=True)
    assert downloads(data_dir) == [700] and not Weights.objects.exists()
    assert fetch_weights(name="tiny", accept_licence=True).is_new
    assert server.ranges == [None, "bytes=700-"]


def test_a_server_that_does_not_know_ranges_sends_it_all_again(server: Published, data_dir: Path) -> None:
    server.breaks_at, server.knows_range = 700, False
    with pytest.raises(FetchFailed):
        fetch_weights(name="tiny", accept_licence=True)
    assert fetch_weights(name="tiny", accept_licence=True).is_new


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda content: content[:-1] + b"x", "SHA-256 begins with"),
        (lambda content: content[:900], "or cut short: it has 900 bytes"),
        (lambda content: b"<html>Sign in to the hotel's network</html>", "is another file, or cut short"),
    ],
    ids=["wrong", "shorter", "a web page"],
)
def test_another_file_than_the_published_one_is_refused_and_deleted(
    server: Published, data_dir: Path, spoil: object, words: str
) -> None:
    whole = server.content
    server.content = spoil(whole)  # type: ignore[operator]
    with pytest.raises(BadWeights, match=rf"sent another file than the published one; it was deleted.*{words}"):
        fetch_weights(name="tiny", accept_licence=True)
    assert downloads(data_dir) == [] and not Weights.objects.exists()
    server.content = whole
    assert fetch_weights(name="tiny", accept_licence=True).is_new


def test_a_server_that_sends_more_than_the_file_has_is_cut_off(server: Published, data_dir: Path) -> None:
    server.content += bytes(50_000_000)
    with pytest.raises(FetchFailed, match="sends more than"):
        fetch_weights(name="tiny", accept_licence=True)
    assert downloads(data_dir) == []


def test_a_rest_of_another_file_is_not_continued_for_ever(server: Published, data_dir: Path) -> None:
    whole = server.content
    server.breaks_at = 700
    with pytest.raises(FetchFailed):
        fetch_weights(name="tiny", accept_licence=True)
    server.content = whole[:300]  # the file on the server is shorter than what is here: 416
    with pytest.raises(FetchFailed, match="416"):
        fetch_weights(name="tiny", accept_licence=True)
    server.content = whole
    assert fetch_weights(name="tiny", accept_licence=True).is_new


def test_a_server_that_answers_with_an_error_is_named(server: Published, data_dir: Path) -> None:
    server.status = 404
    with pytest.raises(FetchFailed, match="404"):
        fetch_weights(name="tiny", accept_licence=True)
    assert downloads(data_dir) == []


def test_without_a_network_it_says_what_to_do_by_hand(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, data_dir: Path
) -> None:
    publish_file(monkeypatch, write_good(tmp_path / "good.pth"), url="http://127.0.0.1:9/tiny.pth")
    with pytest.raises(FetchFailed, match="download it on another machine"):
        fetch_weights(name="tiny", accept_licence=True)
    assert downloads(data_dir) == []


def test_two_fetches_of_the_same_weights_do_not_mix(server: Published, data_dir: Path) -> None:
    import fcntl

    (data_dir / "weights").mkdir(parents=True)
    with (data_dir / "weights" / "tiny.download").open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(FetchFailed, match="Another fetch of tiny is running"):
            fetch_weights(name="tiny", accept_licence=True)
    assert fetch_weights(name="tiny", accept_licence=True).is_new
