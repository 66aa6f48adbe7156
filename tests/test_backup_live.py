"""Backups of installations in other states: participants answering, an older schema, media in an object store."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from .installation import Installation, new_installation, write_clips
from .s3_server import names_in, object_store

STUDY = """
slug: heard
title: Heard
stimulus_set: clips
volume: {enabled: false}
screening: {test: none}
"""
ANSWERED = "SELECT COUNT(*) FROM studyapp_response"


def fill(made: Installation, folder: Path) -> None:
    """Put sounds and a launched study into an installation."""
    write_clips(folder / "clips")
    (folder / "study.yaml").write_text(STUDY)
    made.run_all(
        ("import_stimuli", str(folder / "clips"), "--set", "clips"),
        ("create_study", str(folder / "study.yaml")),
        ("launch_study", "heard"),
    )


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("original")
    with new_installation(folder) as made:
        fill(made, folder)
        yield made


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Installation]:
    with new_installation(tmp_path / "other", is_migrated=False) as made:
        yield made


@pytest.fixture
def migrated(tmp_path: Path) -> Iterator[Installation]:
    with new_installation(tmp_path / "migrated") as made:
        yield made


def test_a_backup_while_participants_answer_is_of_one_moment(
    original: Installation, other: Installation, tmp_path: Path
) -> None:
    root = tmp_path / "backups"
    participants = original.begin("simulate_participants", "heard", "--n", "12", "--seed", "2", "--concurrency", "2")
    try:
        deadline = time.monotonic() + 60
        while original.query(ANSWERED) < [(20,)]:
            assert time.monotonic() < deadline and participants.poll() is None
            time.sleep(0.1)
        before = original.query(ANSWERED)
        original.run("backup", str(root))
        after = original.query(ANSWERED)
        assert participants.poll() is None, "they answered all the while"
        said, _ = participants.communicate(timeout=240)
        assert participants.returncode == 0 and "12 completed" in said, said[-2000:]
    finally:
        participants.kill()
    (folder,) = root.glob("backup-*")
    other.run("restore", str(folder))
    assert before <= other.query(ANSWERED) <= after and before < after
    if not other.environment.get("DATABASE_URL"):  # PostgreSQL has checked each while it restored
        assert other.query("PRAGMA foreign_key_check") == []
    named = other.query("SELECT audio_path FROM studyapp_stimulus UNION SELECT copy_path FROM studyapp_frozenstimulus")
    assert len(named) == 40 and all((other.media / name).is_file() for (name,) in named)
    # A session that was under way goes on, and what it had answered stands.
    assert other.query("SELECT COUNT(*) FROM studyapp_session WHERE outcome = ''")[0][0] > 0
    other.run("simulate_participants", "heard", "--n", "1", "--seed", "9")


def test_a_backup_of_an_older_schema_is_migrated(
    original: Installation, migrated: Installation, tmp_path: Path
) -> None:
    """As after an update: the new program saves the old rows before it migrates them."""
    original.run("migrate", "studyapp", "0001", "--verbosity", "0")
    try:
        assert "studyapp_worker" not in original.tables()
        original.run("backup", str(tmp_path / "backups"))
    finally:
        original.run("migrate", "--verbosity", "0")
    (folder,) = (tmp_path / "backups").glob("backup-*")
    migrated.run("restore", str(folder))  # its empty new tables are in the way of nothing
    assert "studyapp_worker" in migrated.tables()
    assert migrated.run("migrate", "--check", "--verbosity", "0") == ""
    assert migrated.query("SELECT * FROM studyapp_trial ORDER BY id") == original.query(
        "SELECT * FROM studyapp_trial ORDER BY id"
    )


@pytest.mark.once
def test_media_in_an_object_store(tmp_path: Path) -> None:
    """Also from one kind of storage into the other.

    Twenty sounds, their copies, the sound of the volume step, and three of the left and right check.
    """
    with object_store() as store:
        of_store = store | {"S3_PREFIX": "original"}
        with new_installation(tmp_path / "one", **of_store) as one:
            fill(one, tmp_path / "one")
            said = one.run("backup", str(tmp_path / "backups"))
            stored = {name.removeprefix("original/"): n for name, n in names_in(store).items()}
            assert len(stored) == 44 and "44 of them new" in said
            assert "0 of them new" in one.run("backup", str(tmp_path / "backups"))
        folder = sorted((tmp_path / "backups").glob("backup-*"))[0]
        with new_installation(tmp_path / "two", is_migrated=False, **store, S3_PREFIX="restored") as two:
            two.run("restore", str(folder))
            two.run("simulate_participants", "heard", "--n", "1", "--seed", "1")
        restored = {name.removeprefix("restored/"): n for name, n in names_in(store).items() if name[0] == "r"}
        assert restored == stored
        with new_installation(tmp_path / "three", is_migrated=False) as three:
            three.run("restore", str(folder))
            assert len([path for path in three.media.rglob("*") if path.is_file()]) == 44


@pytest.mark.skipif("DATABASE_URL" not in os.environ, reason="SQLite needs no programs of a server")
def test_programs_of_postgresql_that_do_not_fit_are_named(original: Installation, tmp_path: Path) -> None:
    """No server of a newer version runs here: a program that says what pg_dump then says stands in for it."""
    bare = tmp_path / "bin"
    bare.mkdir()
    refused = original.attempt("backup", str(tmp_path / "backups"), environment={"PATH": str(bare)})
    assert refused.returncode == 1 and "pg_dump is not installed here" in refused.stderr
    old = bare / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump: error: aborting because of server version mismatch' >&2\nexit 1\n")
    old.chmod(0o755)
    path = {"PATH": f"{bare}{os.pathsep}{os.environ['PATH']}"}
    refused = original.attempt("backup", str(tmp_path / "backups"), environment=path)
    assert refused.returncode == 1 and "of the server's version or newer" in refused.stderr
    assert list((tmp_path / "backups").glob("*backup-*")) == []


@pytest.mark.skipif("DATABASE_URL" not in os.environ, reason="SQLite has no password")
def test_the_password_stands_in_no_argument(original: Installation, tmp_path: Path) -> None:
    """Every user of a machine sees the arguments of its processes."""
    url = original.environment["DATABASE_URL"].replace("postgres@", "postgres:a-secret@", 1)
    shown = tmp_path / "bin/pg_dump"
    shown.parent.mkdir()
    shown.write_text('#!/bin/sh\necho "$@ and $PGPASSWORD" >&2\nexit 1\n')
    shown.chmod(0o755)
    environment = {"DATABASE_URL": f"{url}?application_name=nightly", "PATH": f"{shown.parent}:{os.environ['PATH']}"}
    said = original.attempt("backup", str(tmp_path / "backups"), environment=environment).stderr
    arguments, _, password = said.partition(" and ")
    assert "application_name=nightly" in arguments and "host=127.0.0.1" in arguments
    assert "a-secret" not in arguments and password.startswith("a-secret")


def test_a_database_that_is_away_gives_no_backup(original: Installation, tmp_path: Path) -> None:
    environment = {"EARWITNESS_DATA_DIR": str(tmp_path / "new")}
    if original.environment.get("DATABASE_URL"):
        environment["DATABASE_URL"] = "postgresql://postgres@127.0.0.1:1/nothing"
    refused = original.attempt("backup", str(tmp_path / "backups"), environment=environment)
    assert refused.returncode == 1 and "Traceback" not in refused.stderr
    assert "cannot be copied" in refused.stderr
    assert list((tmp_path / "backups").glob("*backup-*")) == []
