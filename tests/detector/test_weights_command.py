"""manage.py weights: what it lists, what it asks, what it says."""

import io
import json
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from detector.models import Weights
from detector.services import weights_fetch
from tests.detector.services.conftest import data_dir as data_dir
from tests.detector.services.published import publish_file, write_good
from tests.detector.test_commands import run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]


@pytest.fixture
def good(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    path = write_good(tmp_path / "good.pth")
    publish_file(monkeypatch, path, url="http://127.0.0.1:9/tiny.pth")
    return path


def test_list_says_what_is_here_and_what_to_do(good: Path) -> None:
    text = run("weights", "list")
    assert "aisfx: ready; for aisfx" in text
    assert "tiny: missing; for tiny" in text
    assert f"tiny.pth, {good.stat().st_size:,} bytes, CC0 (https://example.org/tiny)" in text
    assert "Run `manage.py weights fetch tiny`; or download tiny.pth from http://127.0.0.1:9/tiny.pth" in text


def test_list_as_json_has_the_same(good: Path) -> None:
    found = json.loads(run("weights", "list", "--json"))
    assert found["broken_encoders"] == []
    (tiny,) = (each for each in found["weights"] if each["name"] == "tiny")
    assert (tiny["is_ready"], tiny["known_by"], tiny["licence"], tiny["kept_as"]) == (False, "SHA-256", "CC0", "")
    assert "weights fetch tiny" in tiny["what_to_do"]
    run("weights", "add", "tiny", good)
    (tiny,) = (each for each in json.loads(run("weights", "list", "--json"))["weights"] if each["name"] == "tiny")
    assert (tiny["is_ready"], tiny["what_to_do"]) == (True, "") and tiny["kept_as"].startswith("detector/weights/tiny/")


def test_add_verify_and_add_again(good: Path) -> None:
    text = run("weights", "add", "tiny", good)
    assert "tiny is under CC0" in text and "tiny is ready, known by SHA-256" in text
    assert "nothing was done" in run("weights", "add", "tiny", good)
    assert "is whole" in run("weights", "verify")
    Weights.objects.update(file_sha256="0" * 64)
    with pytest.raises(CommandError, match="1 of 2 files are missing or damaged"):
        run("weights", "verify")


def test_a_refusal_is_an_error_in_words(good: Path, tmp_path: Path) -> None:
    for arguments, words in (
        (("add", "tiny", tmp_path / "nowhere"), "There is no file"),
        (("add", "nowhere", good), "There are no weights named 'nowhere'"),
        (("fetch", "aisfx"), "inside the package aisfx"),
        (("fetch", "tiny", "--yes"), "could not be downloaded"),
    ):
        with pytest.raises(CommandError, match=words):
            run("weights", *arguments)


def test_fetch_shows_address_size_hash_and_licence_and_then_asks(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights_fetch, "_download", None)  # nothing may be downloaded
    out = io.StringIO()
    with pytest.raises(CommandError, match="Add --yes"):
        call_command("weights", "fetch", "tiny", stdout=out)
    for words in ("http://127.0.0.1:9/tiny.pth", f"{good.stat().st_size:,} bytes", "SHA-256", "licence: CC0"):
        assert words in out.getvalue()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_fetch_downloads_nothing_when_the_answer_is_no(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights_fetch, "_download", None)
    monkeypatch.setattr(sys, "stdin", Terminal("no\n"))
    with pytest.raises(CommandError, match="Agree to it first"):
        run("weights", "fetch", "tiny")


def test_fetch_of_what_is_here_does_nothing(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("weights", "add", "tiny", good)
    monkeypatch.setattr(weights_fetch, "_download", None)
    assert "It is here already" in run("weights", "fetch", "tiny")
