"""Sounds, vectors, heads, presentation copies and exports in an object store, chosen by environment alone."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from django.core.files.storage import default_storage, storages
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from studyapp.errors import NotFound
from studyapp.models import StimulusUpload
from studyapp.services import media
from studyapp.services.local_server import ROOT
from studyapp.services.upload_work import import_upload
from studyapp.services.uploads import discard_upload, sweep_uploads
from studyapp.vocab import JobState
from tests.factories import make_user
from tests.studyapp.uploads.archives import packed
from tests.studyapp.uploads.sending import make_set, post_file, send, sound

from .installation import EMBEDDED, environment_of, new_installation
from .s3_server import client_of, names_in, object_store

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def store() -> Iterator[dict[str, str]]:
    with object_store() as environment:
        yield environment


OPTIONS = """
import json
import django
django.setup()
from django.conf import settings
options = settings.STORAGES["default"]["OPTIONS"]
print(json.dumps({k: v for k, v in options.items() if k != "client_config"}))
"""


@pytest.fixture
def in_store(store: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Let this process keep its files in the store, with the very options that the settings give."""
    from botocore.config import Config

    shown = subprocess.run(
        [sys.executable, "-c", OPTIONS],
        cwd=ROOT,
        env=environment_of(tmp_path / "data") | store | EMBEDDED | {"S3_PREFIX": "tests"},
        capture_output=True,
        text=True,
        check=True,
    )
    for name, value in store.items():
        monkeypatch.setenv(name, value)
    options = {**json.loads(shown.stdout), "client_config": Config(s3={"addressing_style": "path"})}
    made = storages.create_storage({"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options})
    monkeypatch.setattr(default_storage, "_wrapped", made)
    return store


def test_files_come_back_are_stored_once_and_can_be_deleted(in_store: dict[str, str], tmp_path: Path) -> None:
    name = media.name_for("audio", b"sound", ".wav")
    assert not media.exists(name)
    assert media.store(name, b"sound") == name
    head = client_of(in_store).head_object(Bucket=in_store["S3_BUCKET"], Key=f"tests/{name}")
    assert media.store(name, b"sound") == name
    again = client_of(in_store).head_object(Bucket=in_store["S3_BUCKET"], Key=f"tests/{name}")
    assert head["LastModified"] == again["LastModified"]
    assert media.read(name) == b"sound" and media.exists(name)
    with media.local_path(name) as path:
        assert path.read_bytes() == b"sound"
    assert not path.exists()
    parts = media.store_parts("audio", [b"so", memoryview(b"und")], ".wav")
    assert parts == name
    large = tmp_path / "large"
    large.write_bytes(os.urandom(20_000_000))  # in several parts, read by way of a file
    media.store_file("audio/large.bin", large)
    assert media.read("audio/large.bin") == large.read_bytes()
    media.delete(name)
    media.delete(name)
    assert not media.exists(name)


def test_what_is_not_there_is_named(in_store: dict[str, str]) -> None:
    with pytest.raises(NotFound, match="audio/xx"):
        media.read("audio/xx/no.wav")
    with pytest.raises(NotFound), media.local_path("audio/xx/no.wav"):
        pass


def uploads_in(store: dict[str, str]) -> list[str]:
    return [name for name in names_in(store) if name.startswith("tests/uploads/")]


def test_folders_are_listed_and_deleted_with_all_below_and_nothing_beside(in_store: dict[str, str]) -> None:
    assert media.list_folders("boxes") == []
    media.delete_folder("boxes/none")
    kept = media.store("boxes/12/one", b"1")
    for name in ("boxes/1/one", "boxes/1/deep/er/two", "boxes/1/deep/three"):
        media.store(name, b"2")
    assert sorted(media.list_folders("boxes")) == ["1", "12"]
    assert media.list_folders("boxes/1") == ["deep"]
    media.delete_folder("boxes/1")
    assert media.list_folders("boxes") == ["12"] and media.read(kept) == b"1"
    assert [name for name in names_in(in_store) if name.startswith("tests/boxes/")] == ["tests/boxes/12/one"]


@pytest.mark.django_db(transaction=True)
def test_sounds_sent_from_the_page_are_imported_and_the_files_sent_are_deleted(
    in_store: dict[str, str], client: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT, settings.DATA_DIR, settings.MIN_FREE_BYTES = tmp_path / "media", tmp_path, 0
    ada = make_user("ada")
    client.force_login(ada)
    made = make_set(ada)
    sent = {f"c/real/rain/{number}.wav": sound(number) for number in range(2)}
    sent["more.zip"] = packed(*((f"c/fake/net/rain/{number}.wav", sound(10 + number)) for number in range(2)))
    for name, content in {**sent, "c/gone.wav": sound(20)}.items():
        assert post_file(client, made.slug, name, content).status_code == 200
    assert len(uploads_in(in_store)) == 4
    remove = reverse("remove_sent", args=[made.slug])
    assert client.post(remove, {"name": "c/gone.wav"}).json() == {"removed": True}
    assert len(uploads_in(in_store)) == 3
    assert client.post(reverse("describe_upload", args=[made.slug]), {"how": "folders"}).status_code == 302
    assert import_upload(upload_id=StimulusUpload.objects.get().pk)
    assert StimulusUpload.objects.get().state == JobState.DONE.value
    labels = sorted(made.own_stimuli.values_list("label", flat=True))
    assert labels == ["fake", "fake", "real", "real"]
    for stimulus in made.own_stimuli.all():
        assert hashlib.sha256(media.read(stimulus.audio_path)).hexdigest() == stimulus.sha256
    assert uploads_in(in_store) == [] and not (tmp_path / "media").exists()

    send(made, "left.wav", sound(5))  # waits for its description
    media.store("uploads/999999/orphan", b"of an upload that is no more")
    sweep_uploads(now=True)
    (left,) = uploads_in(in_store)
    assert "/999999/" not in left
    discard_upload(upload=StimulusUpload.objects.get(submitted_at=None), actor=ada)
    assert uploads_in(in_store) == []


def write_clips(folder: Path) -> None:
    """Write 48 clips of a second: noise for real, tones for fake."""
    rng = np.random.default_rng(3)
    time_s = np.arange(16000) / 16000
    for place in range(24):
        real = folder / "real" / ("rain" if place % 2 else "dog_bark") / f"{place}.wav"
        fake = folder / "fake" / f"maker-{place % 3}" / ("rain" if place % 2 else "dog_bark") / f"{place}.wav"
        for path, samples in (
            (real, rng.normal(0, 0.1, 16000)),
            (fake, 0.2 * np.sin(2 * np.pi * (200 + 40 * place) * time_s) + rng.normal(0, 0.01, 16000)),
        ):
            path.parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(path, samples, 16000, subtype="PCM_16")


EXPORT = """
from studyapp.exports.work import export_planned, plan_export
from studyapp.models import Study, StudyExport
from studyapp.services import media
from studyapp.vocab import Origin
export = plan_export(study=Study.objects.get(slug="heard"), origin=Origin.BOT, owner=None)
assert export_planned(export_id=export.pk)
assert media.read(StudyExport.objects.get().file_name)[:2] == b"PK"
"""
STUDY = "slug: heard\ntitle: Heard\nstimulus_set: clips\n"


def test_the_chain_keeps_every_file_in_the_store_and_none_in_the_folder(store: dict[str, str], tmp_path: Path) -> None:
    write_clips(tmp_path / "clips")
    (tmp_path / "study.yaml").write_text(STUDY)
    with new_installation(tmp_path, **EMBEDDED, **store, S3_PREFIX="chain") as made:
        said = made.run_all(
            ("collectstatic", "--noinput", "--verbosity", "0"),
            ("import_stimuli", str(tmp_path / "clips"), "--set", "clips"),
            ("embed_stimuli", "--set", "clips", "--embedding", "aisfx"),
            ("train_detectors", "--set", "clips", "--embedding", "aisfx", "--runs", "1", "--epochs", "10"),
            ("report_detectors", "--training", "1", "--resamples", "200", "--timing-runs", "2"),
            ("score_stimuli", "--training", "1", "--set", "clips"),
            ("create_study", str(tmp_path / "study.yaml")),
            ("launch_study", "heard"),
            ("simulate_participants", "heard", "--n", "1", "--seed", "1"),
        )
        assert "1 completed" in said
        made.run("shell", "-c", EXPORT)  # a process that has nothing of it in memory
    names = names_in(store)
    kinds = {name.removeprefix("chain/").split("/")[0] for name in names if name.startswith("chain/")}
    assert {"audio", "detector", "presentation", "exports"} <= kinds, kinds
    assert not (tmp_path / "data" / "media").exists()
