"""A bundle comes from anywhere: what is wrong with it is said with its place, and nothing of it is kept."""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import transaction

from studyapp.errors import BundleRefused
from studyapp.models import AuditEntry, Machine, Session, Stimulus, StimulusSet, Study
from studyapp.services import study_import
from studyapp.services.study_import import import_study
from studyapp.sound.wav import encode_pcm16
from tests.studyapp.bundles import change_rows, export, files_below, make_study, sign_again

pytestmark = pytest.mark.django_db
ROWS = "materials/rows"


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a whole bundle of a study that is here no more. Tests that change it work on a copy."""
    folder = tmp_path_factory.mktemp("made") / "bundle"
    with django_db_blocker.unblock(), transaction.atomic():
        export(make_study(), folder)
        transaction.set_rollback(True)
    return folder


@pytest.fixture
def bundle(made: Path, tmp_path: Path, settings: Any) -> Iterator[Path]:
    """Give a copy of the bundle and an empty installation, in which the test must leave nothing."""
    settings.MEDIA_ROOT = tmp_path / "media-elsewhere"
    yield Path(shutil.copytree(made, tmp_path / "bundle"))
    for model in (Study, StimulusSet, Stimulus, Machine, Session, AuditEntry):
        assert not model.objects.exists()
    assert not [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]
    assert not list(settings.DATA_DIR.glob("study-import-*"))


def refused(bundle: Path, *words: str) -> None:
    with pytest.raises(BundleRefused) as caught:
        import_study(folder=bundle)
    for each in words:
        assert each in str(caught.value)


def first_sound(bundle: Path) -> Path:
    """Return the sound of the first stimulus."""
    row = json.loads((bundle / f"{ROWS}/stimulus.jsonl").read_text().splitlines()[0])
    return bundle / f"materials/sounds/{row['sha256']}.wav"


def test_a_whole_bundle_is_taken(made: Path, tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media-elsewhere"
    assert import_study(folder=made).study.slug == "heard"


def test_no_folder_and_no_bundle(bundle: Path, tmp_path: Path) -> None:
    refused(tmp_path / "nothing", "is no folder")
    (tmp_path / "empty").mkdir()
    refused(tmp_path / "empty", "CHECKSUMS.sha256: cannot be read")


@pytest.mark.parametrize("name", [f"{ROWS}/response.jsonl", "results/analysis.json", "materials/bundle.json"])
def test_changed_bytes(bundle: Path, name: str) -> None:
    path = bundle / name
    path.write_bytes(path.read_bytes().replace(b"1", b"2", 1))
    refused(bundle, name, "its SHA-256 differs")


def test_a_missing_file(bundle: Path) -> None:
    (bundle / f"{ROWS}/trial.jsonl").unlink()
    refused(bundle, f"{ROWS}/trial.jsonl: cannot be read")
    sign_again(bundle)
    refused(bundle, f"does not list {ROWS}/trial.jsonl")


def test_a_missing_sound(bundle: Path) -> None:
    sound = first_sound(bundle)
    sound.unlink()
    sign_again(bundle)
    refused(bundle, f"{ROWS}/stimulus.jsonl line 1", f"no sound materials/sounds/{sound.name}")


def test_files_that_are_not_listed(bundle: Path) -> None:
    (bundle / f"{ROWS}/user.jsonl").write_text("{}\n")
    refused(bundle, "user.jsonl", "not listed")
    sign_again(bundle)
    refused(bundle, f"{ROWS}/user.jsonl: is no table that this program knows")


@pytest.mark.parametrize(
    "name", ["../outside.wav", "/etc/passwd", "materials/sounds/../../x", "materials/sounds/.hidden", "a\\b", "a//b"]
)
def test_paths_that_leave_the_bundle(bundle: Path, name: str) -> None:
    with (bundle / "CHECKSUMS.sha256").open("a") as file:
        file.write(f"{'0' * 64}  {name}\n")
    refused(bundle, "CHECKSUMS.sha256 line", "name of a file within the bundle")


def test_a_sound_under_a_name_that_is_no_hash(bundle: Path) -> None:
    (bundle / "materials/sounds/dog.wav").write_bytes(first_sound(bundle).read_bytes())
    sign_again(bundle)
    refused(bundle, "materials/sounds/dog.wav: a sound is named by its SHA-256")


def test_a_link_instead_of_a_file(bundle: Path, tmp_path: Path) -> None:
    sound = first_sound(bundle)
    (tmp_path / "outside.wav").write_bytes(sound.read_bytes())
    sound.unlink()
    sound.symlink_to(tmp_path / "outside.wav")
    refused(bundle, sound.name, "symbolic link")
    sound.unlink()
    shutil.move(bundle / "materials/sounds", tmp_path / "sounds")
    (bundle / "materials/sounds").symlink_to(tmp_path / "sounds")
    refused(bundle, "symbolic link")


def renamed(bundle: Path, content: bytes, suffix: str = ".wav") -> str:
    """Put another content in the place of the first stimulus's sound, its rows and names made to fit."""
    old, new = first_sound(bundle), hashlib.sha256(content).hexdigest()
    old.unlink()
    old.with_name(f"{new}{suffix}").write_bytes(content)
    for name in ("stimulus", "frozen_stimulus"):
        path = bundle / f"{ROWS}/{name}.jsonl"
        path.write_text(path.read_text().replace(old.stem, new))
    sign_again(bundle)
    return new


def test_bytes_that_are_no_sound(bundle: Path) -> None:
    new = renamed(bundle, b"MZ" + b"no sound at all" * 100)
    refused(bundle, f"materials/sounds/{new}.wav: cannot be used as a sound")


def test_a_sound_that_is_not_what_its_row_says(bundle: Path) -> None:
    new = renamed(bundle, encode_pcm16(np.tile([0.1, -0.1], 4500), 8000))
    refused(bundle, "stimulus.jsonl line 1", "n_bytes", new)


def test_a_copy_with_something_behind_the_sound(bundle: Path) -> None:
    content = first_sound(bundle).read_bytes()
    chunk = b"LIST" + (12).to_bytes(4, "little") + b"INFOfake\0\0\0\0"
    n_bytes = len(content) + len(chunk)
    new = renamed(bundle, content[:4] + (n_bytes - 8).to_bytes(4, "little") + content[8:] + chunk)

    def fit(rows: list[dict[str, Any]]) -> None:
        for row in rows:
            row["n_bytes"] = n_bytes if row["sha256"] == new else row["n_bytes"]

    change_rows(bundle, "stimulus", fit)
    refused(bundle, "frozen_stimulus.jsonl line", "no copy for participants")


def _extra(rows: list[dict[str, Any]]) -> None:
    rows[1]["token"] = "mine"


ROW_FAULTS: list[tuple[str, Callable[[list[dict[str, Any]]], Any], list[str]]] = [
    ("session", _extra, ["session.jsonl line 2", "token", "Extra inputs"]),
    ("session", lambda rows: rows[0].pop("seed"), ["session.jsonl line 1", "seed", "required"]),
    ("session", lambda rows: rows[0].update(origin="alien"), ["session.jsonl line 1", "origin"]),
    ("session", lambda rows: rows[0].update(client=["x"]), ["session.jsonl line 1", "client"]),
    ("session", lambda rows: rows[0].update(version=999), ["line 1: version", "no study version 999"]),
    ("session", lambda rows: rows[0].update(started_at="9999-12-31T23:59:59-12:00"), ["started_at"]),
    ("session", lambda rows: rows[0].update(started_at="2026-01-01T00:00:00"), ["started_at", "timezone"]),
    ("trial", lambda rows: rows[3].update(session=999), ["trial.jsonl line 4", "no session 999"]),
    ("trial", lambda rows: rows[0].update(position=2**40), ["trial.jsonl line 1", "position"]),
    ("trial", lambda rows: rows[0].update(position="0"), ["trial.jsonl line 1", "position", "integer"]),
    ("trial", lambda rows: rows[1].update(position=rows[0]["position"]), ["contradict each other"]),
    ("trial", lambda rows: rows[1].update(id=rows[0]["id"]), ["trial.jsonl line 2", "does not rise"]),
    ("trial", lambda rows: rows[-1].update(id=2**62), ["trial.jsonl line", "id"]),
    ("trial", lambda rows: rows.pop(), ["trial.jsonl: has", "bundle.json says"]),
    ("presentation", lambda rows: rows[0].update(frozen_stimulus=None, builtin=""), ["contradict each other"]),
    ("response", lambda rows: rows[0].update(rt_from_onset_ms=float("inf")), ["line 1: rt_from_onset_ms"]),
    ("client_event", lambda rows: rows[0].update(data={"a": ["b\0"]}), ["line 1: data: a NUL character"]),
    ("machine_score", lambda rows: rows[0].update(fake_score=3.0), ["contradict each other"]),
    ("stimulus", lambda rows: rows[0].update(name="x" * 501), ["stimulus.jsonl line 1", "name"]),
    ("stimulus", lambda rows: rows[0].update(sha256="../../x"), ["stimulus.jsonl line 1", "no sound"]),
    ("stimulus", lambda rows: rows[0].update(container="../x"), ["stimulus.jsonl line 1", "no sound"]),
    ("stimulus_set", lambda rows: rows[0].update(slug="a/b"), ["stimulus_set.jsonl line 1", "slug"]),
    ("study", lambda rows: rows.append({**rows[0], "id": rows[0]["id"] + 1}), ["study.jsonl: has 2 rows"]),
    ("study", lambda rows: rows[0]["config"].update(slug=3), ["study.jsonl line 1: config: slug"]),
    ("study", lambda rows: rows[0].update(owner=1), ["study.jsonl line 1: owner: Extra"]),
    ("study_version", lambda rows: rows[0]["config"].update(secret=3), ["study_version.jsonl line 1: config: secret"]),
    ("study_version", lambda rows: rows[0].update(sample_rate_hz=44100), ["another sample_rate_hz"]),
    ("study_version", lambda rows: rows[0]["screening"].update(x={}), ["screening: 'x' is no test"]),
    ("study_version", lambda rows: rows[0]["screening"]["volume"].update(path="/etc/passwd"), ["screening: a sound"]),
    ("study_version", lambda rows: rows[0]["screening"]["volume"].update(sha256="../x"), ["has no sound"]),
    ("frozen_stimulus", lambda rows: rows[0].update(duration_s=9.0), ["duration_s: 9.0"]),
    ("frozen_stimulus", lambda rows: rows[0].update(version=999), ["no study version 999"]),
    ("set_member", lambda rows: rows[0].update(stimulus=999), ["set_member.jsonl line 1", "no stimulus 999"]),
]


@pytest.mark.parametrize(
    ("table", "change", "words"), ROW_FAULTS, ids=[f"{table}-{number}" for number, (table, *_) in enumerate(ROW_FAULTS)]
)
def test_rows_that_are_wrong(bundle: Path, table: str, change: Any, words: list[str]) -> None:
    change_rows(bundle, table, change)
    refused(bundle, *words)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"{}\n", "required"),
        (b"no json\n", "line"),
        (b"[" * 100_000 + b"\n", "line"),
        (b'{"id": "' + b"x" * (5 << 20) + b'"}\n', "longer than 4 MiB"),
        (b'{"id": 1, "text": "\xff"}\n', "line"),
        (b'{"id": 99999, "trial"', "cut short"),
    ],
)
def test_lines_that_are_no_rows(bundle: Path, line: bytes, words: str) -> None:
    path = bundle / f"{ROWS}/play.jsonl"
    n_lines = len(path.read_bytes().splitlines())
    with path.open("ab") as file:
        file.write(line)
    sign_again(bundle)
    refused(bundle, f"play.jsonl line {n_lines + 1}: ", words)


def test_a_bundle_of_another_format(bundle: Path) -> None:
    path = bundle / "materials/bundle.json"
    path.write_text(path.read_text().replace('"format": 1', '"format": 2'))
    sign_again(bundle)
    refused(bundle, "has the format 2; this Earwitness reads 1")
    path.write_text("[" * 100_000)
    sign_again(bundle)
    refused(bundle, "is no JSON of a bundle")


def test_a_name_that_is_none(bundle: Path) -> None:
    with pytest.raises(BundleRefused, match="1 to 80 letters"):
        import_study(folder=bundle, slug="../x")


def test_a_failure_at_the_very_end_leaves_nothing(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(study_import, "record_audit", full)
    assert len(files_below(bundle / "materials/sounds")) > 10
    refused(bundle, "No space left on device; nothing was imported")
