"""Backup and restore on whole installations, in processes of their own. Runs on SQLite and on PostgreSQL."""

import hashlib
import json
import os
import resource
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from studyapp.services.backup import make_backup
from studyapp.services.backup_files import BackupFailed
from studyapp.services.restore import _refuse_another_kind, check_backup, restore_backup

from .installation import Installation, new_installation, write_clips

STUDY = """
slug: heard
title: Heard
stimulus_set: clips
volume: {enabled: false}
screening: {test: none}
"""
# What workers said of themselves is not restored.
NOT_COMPARED = {"studyapp_worker"}


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Give an installation with sounds, vectors, a training, a study and its simulated participants."""
    folder = tmp_path_factory.mktemp("original")
    write_clips(folder / "clips")
    (folder / "study.yaml").write_text(STUDY)
    with new_installation(folder) as made:
        made.run_all(
            ("import_stimuli", str(folder / "clips"), "--set", "clips"),
            ("embed_stimuli", "--set", "clips", "--embedding", "aisfx"),
            ("train_detectors", "--set", "clips", "--embedding", "aisfx", "--runs", "1", "--epochs", "10"),
            ("create_study", str(folder / "study.yaml")),
            ("launch_study", "heard"),
            ("simulate_participants", "heard", "--n", "2", "--seed", "1"),
        )
        yield made


@pytest.fixture(scope="module")
def backups(original: Installation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with one backup. Tests that change it work on a copy."""
    root = tmp_path_factory.mktemp("backups") / "kept"
    original.run("backup", str(root))
    return root


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Installation]:
    with new_installation(tmp_path / "other", is_migrated=False) as made:
        yield made


@pytest.fixture
def migrated(tmp_path: Path) -> Iterator[Installation]:
    with new_installation(tmp_path / "migrated") as made:
        yield made


def only_backup(root: Path) -> Path:
    (found,) = root.glob("backup-*")
    return found


def files_below(folder: Path) -> dict[str, str]:
    """Return the hash of every file by its name."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def compared(installation: Installation) -> dict[str, Any]:
    return {name: rows for name, rows in installation.everything().items() if name not in NOT_COMPARED}


def test_a_restored_installation_is_the_same(original: Installation, backups: Path, other: Installation) -> None:
    said = other.run("restore", str(only_backup(backups)))
    assert "every hash and every number of rows as it was" in said
    assert compared(other) == compared(original)
    assert files_below(other.media) == files_below(original.media)
    assert other.run("analyze_study", "heard", "--json") == original.run("analyze_study", "heard", "--json")
    refused = other.attempt("restore", str(only_backup(backups)))
    assert refused.returncode == 1 and "is not empty" in refused.stderr


def test_a_migrated_installation_takes_it_unless_somebody_is_there(
    original: Installation, backups: Path, migrated: Installation
) -> None:
    folder = str(only_backup(backups))
    account = {"DJANGO_SUPERUSER_PASSWORD": "a long password of hers"}
    migrated.attempt("createsuperuser", "--noinput", "--username", "anna", "--email", "", environment=account)
    refused = migrated.attempt("restore", folder)
    assert refused.returncode == 1 and "studyapp_user have rows" in refused.stderr
    assert migrated.query("SELECT username FROM studyapp_user") == [("anna",)]
    migrated.query("DELETE FROM studyapp_user")
    add = "INSERT INTO studyapp_worker (name, queues, version, started_at, seen_at) VALUES "
    migrated.query(f"{add} ('w', '[]', '1', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)")
    refused = migrated.attempt("restore", folder)
    assert refused.returncode == 1 and "Stop workers and web server" in refused.stderr
    assert not migrated.media.exists()
    migrated.query("UPDATE studyapp_worker SET seen_at = '2020-01-01 00:00:00'")  # it died
    migrated.run("restore", folder)
    assert migrated.query("SELECT name FROM studyapp_worker") == []
    assert compared(migrated) == compared(original)


def test_a_damaged_backup_is_refused_and_nothing_written(backups: Path, other: Installation, tmp_path: Path) -> None:
    copy = shutil.copytree(backups, tmp_path / "copy")
    folder = only_backup(copy)
    sound = sorted((copy / "media/audio").rglob("*.wav"))[0]
    for path in (next(folder.glob("database.*")), sound):
        kept = path.read_bytes()
        path.unlink()
        with pytest.raises(BackupFailed, match=f"not whole.*{path.name}"):
            check_backup(folder=folder)
        path.write_bytes(kept[:-9] + bytes([kept[-9] ^ 1]) + kept[-8:])
        with pytest.raises(BackupFailed, match=f"damaged.*{path.name}"):
            check_backup(folder=folder)
        refused = other.attempt("restore", str(folder))
        assert refused.returncode == 1 and "damaged" in refused.stderr and path.name in refused.stderr
        path.write_bytes(kept)
    assert "is whole" in other.run("restore", str(folder), "--check")
    assert not other.media.exists()
    assert other.tables() == []


def test_a_manifest_that_cannot_be_meant_is_refused(backups: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(backups, tmp_path / "copy")
    folder = only_backup(copy)
    good = json.loads((folder / "manifest.json").read_text())
    outside = [{"name": "../../outside", "sha256": "0" * 64, "n_bytes": 1}]
    for changed, words in (
        ("{", "no readable manifest.json"),
        (json.dumps({"schema": 1}), "no readable manifest.json"),
        (json.dumps(good | {"media": outside}), "no readable manifest.json"),
        (json.dumps(good | {"database": good["database"] | {"file": "/etc/passwd"}}), "no readable manifest.json"),
        (json.dumps(good | {"schema": 2}), "another version"),
    ):
        (folder / "manifest.json").write_text(changed)
        with pytest.raises(BackupFailed, match=words):
            check_backup(folder=folder)
    with pytest.raises(BackupFailed, match="no readable manifest"):
        check_backup(folder=tmp_path / "nowhere")
    with pytest.raises(BackupFailed, match=r"does not know studyapp\.9999_later"):
        _refuse_another_kind(good | {"migrations": [*good["migrations"], "studyapp.9999_later"]})
    with pytest.raises(BackupFailed, match="another kind of database"):
        _refuse_another_kind(good | {"engine": "another"})


def test_media_of_the_right_size_but_other_content_give_way(backups: Path, other: Installation) -> None:
    folder = only_backup(backups)
    first = json.loads((folder / "manifest.json").read_text())["media"][0]
    path = other.media / first["name"]
    path.parent.mkdir(parents=True)
    path.write_bytes(b"x" * first["n_bytes"])
    other.run("restore", str(folder))
    assert hashlib.sha256(path.read_bytes()).hexdigest() == first["sha256"]


def test_the_second_backup_copies_what_is_new_and_keep_forgets(
    original: Installation, backups: Path, tmp_path: Path
) -> None:
    root = shutil.copytree(backups, tmp_path / "copy")
    extra = original.media / "audio/zz/extra.wav"
    extra.parent.mkdir()
    extra.write_bytes(b"for a while")
    try:
        assert "1 of them new" in original.run("backup", str(root))
    finally:
        shutil.rmtree(extra.parent)
    assert (root / "media/audio/zz/extra.wav").read_bytes() == b"for a while"
    said = original.run("backup", str(root), "--keep", "2")
    assert "0 of them new" in said and len(list(root.glob("backup-*"))) == 2
    assert (root / "media/audio/zz/extra.wav").exists()  # the second of the three still names it
    original.run("backup", str(root), "--keep", "1")
    assert len(list(root.glob("backup-*"))) == 1
    assert not (root / "media/audio/zz/extra.wav").exists()
    assert files_below(root / "media") == files_below(original.media)
    with pytest.raises(BackupFailed, match="use 1 or more"):
        make_backup(root=root, keep=0)


def test_an_unreadable_older_backup_stops_no_new_one_and_no_media_are_forgotten(
    original: Installation, backups: Path, tmp_path: Path
) -> None:
    root = shutil.copytree(backups, tmp_path / "copy")
    (only_backup(root) / "manifest.json").write_text("{")
    (root / "media/unnamed").write_bytes(b"perhaps of the older one")
    done = original.attempt("backup", str(root), "--keep", "5")
    assert done.returncode == 0 and "none are deleted" in done.stderr
    assert (root / "media/unnamed").exists() and len(list(root.glob("backup-*"))) == 2


def wait_for(condition: Any, *, timeout_s: float = 60.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_killed_backup_leaves_none_and_two_at_once_are_refused(
    original: Installation, backups: Path, tmp_path: Path
) -> None:
    """A pipe among the media, from which nothing comes, stops the backup in the middle."""
    root = shutil.copytree(backups, tmp_path / "copy")
    whole = only_backup(root)
    (original.media / "zz").mkdir()
    os.mkfifo(original.media / "zz/pipe")
    process = original.begin("backup", str(root))
    try:
        wait_for(lambda: list(root.glob(".partial-*/database.*")))
        for refused in (
            lambda: make_backup(root=root),
            lambda: restore_backup(folder=whole),
            lambda: check_backup(folder=whole),
        ):
            with pytest.raises(BackupFailed, match="in use by another"):
                refused()
        os.kill(process.pid, signal.SIGKILL)
    finally:
        process.kill()
        process.communicate()
        shutil.rmtree(original.media / "zz")
    assert list(root.glob("backup-*")) == [whole] and len(list(root.glob(".partial-*"))) == 1
    (root / "media/audio/.partial-left.wav").write_bytes(b"half")
    original.run("backup", str(root))
    assert len(list(root.glob("backup-*"))) == 2
    assert list(root.rglob(".partial-*")) == []


def test_a_folder_that_cannot_take_it_gets_no_backup(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file/below", Path("/proc/backups")):
        with pytest.raises(BackupFailed, match="cannot be written"):
            make_backup(root=place)
    with pytest.raises(BackupFailed, match="copied into itself"):
        make_backup(root=Path(settings.MEDIA_ROOT) / "backups")
    assert not (Path(settings.MEDIA_ROOT) / "backups").exists()


@pytest.mark.parametrize("n_bytes", [4096, 60_000], ids=["at the database", "within a file"])
def test_no_room_leaves_no_half_backup(original: Installation, tmp_path: Path, n_bytes: int) -> None:
    """A limit on the size of files stands in for a full disk: the same failure of write(2), in the same places."""
    root = tmp_path / "backups"

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, n_bytes))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    refused = original.attempt("backup", str(root), preexec_fn=limited)
    assert refused.returncode == 1 and "Traceback" not in refused.stderr, refused.stderr
    assert [path.name for path in root.rglob("*") if path.is_file()] == [".lock"]


def test_a_backup_holds_secrets_and_only_its_owner_may_look(backups: Path) -> None:
    assert backups.stat().st_mode & 0o077 == 0
    assert only_backup(backups).stat().st_mode & 0o077 == 0
    assert (backups / "media").stat().st_mode & 0o077 == 0  # by itself: the folder around it may be open
