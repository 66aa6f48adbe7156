import hashlib
import os
import random
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage, default_storage

from studyapp.errors import NotFound
from studyapp.services import media

pytestmark = pytest.mark.once


@pytest.fixture(autouse=True)
def root(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def test_a_stored_file_comes_back_and_is_stored_once(root: Path) -> None:
    name = media.name_for("audio", b"sound", ".wav")
    assert media.store(name, b"sound") == name
    before = (root / name).stat()
    assert media.store(name, b"sound") == name
    assert (root / name).stat().st_mtime_ns == before.st_mtime_ns
    assert media.read(name) == b"sound"
    assert media.exists(name)
    with media.local_path(name) as path:
        assert path.read_bytes() == b"sound"
    assert name.startswith("audio/") and name.endswith(".wav") and len(name.split("/")[2]) == 64 + 4


def test_a_file_in_parts_is_stored_as_it_would_be_whole(root: Path) -> None:
    name = media.store_parts("audio", [b"so", memoryview(b"und")], ".wav")
    assert name == media.name_for("audio", b"sound", ".wav")
    assert media.read(name) == b"sound"
    assert media.store_parts("audio", [b"sound"], ".wav") == name
    assert [path for path in root.rglob("*") if path.is_file()] == [root / name]


def test_a_file_that_was_killed_in_the_writing_is_never_there(root: Path) -> None:
    """200 processes that store checkpoints, each killed at some moment: what has a name is whole."""
    draw, n_cut = random.Random(7), 0
    for number in range(200):
        child = os.fork()
        if not child:
            while True:  # the end is a SIGKILL
                content = os.urandom(200_000)
                media.store_parts("unfinished", [content] * 5, ".safetensors")
                media.store(media.name_for("checkpoints", content, ".safetensors"), content)
        time.sleep(draw.uniform(0.0, 0.02))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        written = [path for path in root.rglob("*") if path.is_file()]
        n_cut += any(path.name.startswith(".partial-") for path in written)
        for path in written:
            if not path.name.startswith(".partial-"):
                assert path.stem == hashlib.sha256(path.read_bytes()).hexdigest(), f"round {number}: {path}"
            path.unlink()
    assert n_cut >= 20  # or no write was hit, and the test says nothing


def test_a_missing_file_is_named(root: Path) -> None:
    with pytest.raises(NotFound, match="audio/xx"):
        media.read("audio/xx/no.wav")
    with pytest.raises(NotFound), media.local_path("audio/xx/no.wav"):
        pass


def test_a_failed_write_leaves_nothing_behind(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(OSError, match="No space"):
        media.store("audio/ab/x.wav", b"sound")
    with pytest.raises(OSError, match="No space"):
        media.store_parts("audio", [b"so", b"und"], ".wav")
    assert [path for path in root.rglob("*") if path.is_file()] == []


def test_a_file_is_stored_whole_or_not_at_all(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = root / "source"
    source.write_bytes(b"sound" * 1_000_000)
    assert media.store_file("audio/ab/x.wav", source) == "audio/ab/x.wav"
    before = (root / "audio/ab/x.wav").stat()
    assert media.read("audio/ab/x.wav") == source.read_bytes()
    assert before.st_mode & 0o777 == 0o644
    media.store_file("audio/ab/x.wav", source)
    assert (root / "audio/ab/x.wav").stat().st_mtime_ns == before.st_mtime_ns

    def refuse(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(OSError, match="No space"):
        media.store_file("audio/cd/y.wav", source)
    assert sorted(path.name for path in root.rglob("*") if path.is_file()) == ["source", "x.wav"]
    media.delete("audio/ab/x.wav")
    media.delete("audio/ab/x.wav")  # nothing happens where there is none
    assert not media.exists("audio/ab/x.wav")


def test_a_reader_never_sees_half_a_file(root: Path) -> None:
    content = b"x" * 4_000_000
    sizes: set[int] = set()
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            path = root / "audio/ab/x.wav"
            if path.exists():
                sizes.add(path.stat().st_size)

    watcher = threading.Thread(target=watch)
    watcher.start()
    media.store("audio/ab/x.wav", content)
    done.set()
    watcher.join()
    assert sizes <= {len(content)}


def test_a_storage_without_paths_serves_as_well(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class ObjectStore(Storage):
        contents: dict[str, bytes] = {}

        def _open(self, name: str, mode: str = "rb") -> File:
            return ContentFile(self.contents[name])

        def _save(self, name: str, content: File) -> str:
            self.contents[name] = content.read()
            return name

        def exists(self, name: str) -> bool:
            return name in self.contents

        def size(self, name: str) -> int:
            return len(self.contents[name])

    monkeypatch.setattr(default_storage, "_wrapped", ObjectStore())
    media.store("audio/ab/x.wav", b"sound")
    assert media.read("audio/ab/x.wav") == b"sound"
    assert media.read(media.store_parts("audio", [b"so", b"und"], ".wav")) == b"sound"
    with media.local_path("audio/ab/x.wav") as path:
        assert path.read_bytes() == b"sound"
    assert not path.exists()
    (tmp_path / "source").write_bytes(b"more")
    media.store_file("audio/cd/y.wav", tmp_path / "source")
    assert media.read("audio/cd/y.wav") == b"more"
