import contextlib
import csv
import http.server
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from studyapp.services.demo_clips import TABLE, find_or_make_clips, make_stand_in
from studyapp.services.stimulus_layouts import list_files
from tests.studyapp.clip_files import CLIPS, write_folders

pytestmark = pytest.mark.once
needs_clips = pytest.mark.skipif(not CLIPS.is_dir(), reason="the real clips are not here")


class Mirror(http.server.BaseHTTPRequestHandler):
    """Serves the clips under the addresses of the companion repository."""

    paths: dict[str, Path]
    spoilt = ""
    delay_s = 0.0

    def do_GET(self) -> None:
        name = unquote(self.path).removeprefix("/repo/")
        time.sleep(self.delay_s)
        if name not in self.paths:
            self.send_error(404)
            return
        content = self.paths[name].read_bytes()
        if name == self.spoilt:
            content = content[:-1] + b"\0"
        with contextlib.suppress(BrokenPipeError):  # a client that lost its patience
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def mirror() -> Iterator[tuple[type[Mirror], str]]:
    with TABLE.open(newline="") as file:
        rows = list(csv.DictReader(file))
    handler = type("OwnMirror", (Mirror,), {"paths": {row["source_path"]: CLIPS / row["path"] for row in rows}})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield handler, f"http://127.0.0.1:{server.server_port}/repo/"
    server.shutdown()
    thread.join()
    server.server_close()


def stand_in_at_hand(tmp_path: Path) -> Path:
    """Put a folder where the stand-in would be made, so that the test need not wait for it."""
    write_folders(tmp_path / "cache" / "stand-in")
    return tmp_path / "cache"


def test_the_table_is_complete() -> None:
    with TABLE.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len({row["source_path"] for row in rows}) == len({row["sha256"] for row in rows}) == 82
    assert sum(row["label"] == "fake" for row in rows) == 44


@pytest.mark.clips
@needs_clips
def test_takes_the_first_folder_that_holds_the_clips(tmp_path: Path) -> None:
    found = find_or_make_clips(folders=[tmp_path / "none", CLIPS], cache_dir=tmp_path / "cache", url="http://no/")
    assert (found.path, found.is_stand_in) == (CLIPS, False)
    assert "0 of the 82 clips" in found.problems[0]


def test_other_sounds_are_not_taken_for_the_clips(tmp_path: Path) -> None:
    other = write_folders(tmp_path / "other")
    found = find_or_make_clips(folders=[other], cache_dir=stand_in_at_hand(tmp_path), url="http://127.0.0.1:9/")
    assert found.is_stand_in
    assert str(other) in found.problems[0]


@pytest.mark.clips
@needs_clips
def test_downloads_the_clips_once(tmp_path: Path, mirror: tuple[type[Mirror], str]) -> None:
    handler, url = mirror
    calls: list[tuple[int, int]] = []
    for _ in range(2):
        found = find_or_make_clips(
            folders=[tmp_path / "none"],
            cache_dir=tmp_path / "cache",
            url=url,
            progress=lambda done, total: calls.append((done, total)),
        )
        assert not found.is_stand_in
        assert len(list(found.path.rglob("*.wav"))) == 82
        assert (found.path / "manifest.csv").read_bytes() == TABLE.read_bytes()
        handler.paths = {}
    assert calls[-1] == (82, 82)
    assert len(calls) == 81


@pytest.mark.clips
@needs_clips
@pytest.mark.parametrize("position", [0, 40])
def test_a_wrong_checksum_keeps_nothing_and_makes_stand_ins(
    tmp_path: Path, mirror: tuple[type[Mirror], str], position: int
) -> None:
    handler, url = mirror
    handler.spoilt = list(handler.paths)[position]
    found = find_or_make_clips(folders=[tmp_path / "none"], cache_dir=stand_in_at_hand(tmp_path), url=url)
    assert found.is_stand_in
    assert "SHA-256" in found.problems[-1]
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["stand-in"]


def test_makes_84_stand_ins_in_a_layout_that_can_be_imported(tmp_path: Path) -> None:
    make_stand_in(tmp_path / "stand-in")
    listing = list_files(tmp_path / "stand-in", "auto")
    assert (listing.layout, len(listing.found), listing.refused) == ("folders", 84, [])
    assert {found.generator for found in listing.found if found.label == "fake"} == {"lost-phase", "few-bands"}
    assert [path.name for path in tmp_path.iterdir()] == ["stand-in"]


def test_without_a_network_it_fails_fast(tmp_path: Path) -> None:
    started = time.monotonic()
    found = find_or_make_clips(
        folders=[tmp_path / "none"], cache_dir=stand_in_at_hand(tmp_path), url="http://127.0.0.1:9/"
    )
    assert found.is_stand_in
    assert time.monotonic() - started < 2.0


@pytest.mark.clips
@needs_clips
def test_a_server_that_does_not_answer_is_left(tmp_path: Path, mirror: tuple[type[Mirror], str]) -> None:
    handler, url = mirror
    handler.delay_s = 1.5
    started = time.monotonic()
    found = find_or_make_clips(
        folders=[tmp_path / "none"], cache_dir=stand_in_at_hand(tmp_path), url=url, timeout_s=0.2
    )
    assert found.is_stand_in
    assert "timed out" in found.problems[-1].lower()
    assert time.monotonic() - started < 2.0
