import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from studyapp.models import StimulusSet, User
from tests.studyapp.clip_files import write_clip, write_folders

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media_root(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = write_folders(tmp_path / "sounds")
    (root / "real" / "rain" / "empty.wav").write_bytes(b"")
    write_clip(root / "loose.wav", 9)
    return root


def run(*arguments: object) -> str:
    out = io.StringIO()
    call_command("import_stimuli", *map(str, arguments), stdout=out, stderr=io.StringIO())
    return out.getvalue()


def test_the_summary_counts_every_file(root: Path) -> None:
    out = run(root, "--set", "mine")
    assert out.startswith("mine: 6 files (folders layout): 4 imported, 0 there already, 2 not imported\n")
    assert "empty: 1" in out
    assert "loose.wav: stands outside the folders of the layout" in out
    assert "0 imported, 4 there already" in run(root, "--set", "mine")


def test_json_lists_every_file_not_imported(root: Path) -> None:
    found = json.loads(run(root, "--set", "mine", "--json"))
    assert {key: found[key] for key in ("set", "layout", "n_found", "n_imported", "n_already_there", "n_rejected")} == {
        "set": "mine",
        "layout": "folders",
        "n_found": 6,
        "n_imported": 4,
        "n_already_there": 0,
        "n_rejected": 2,
    }
    assert [(each["path"], each["reason"]) for each in found["not_imported"]] == [
        ("loose.wav", "not_in_layout"),
        ("real/rain/empty.wav", "empty"),
    ]


def test_sets_the_owner_and_the_texts(root: Path) -> None:
    User.objects.create_user("ada")
    run(root, "--set", "mine", "--owner", "ada", "--title", "Mine", "--caution", "careful")
    made = StimulusSet.objects.get(slug="mine")
    assert (made.owner.username, made.title, made.caution) == ("ada", "Mine", "careful")
    with pytest.raises(CommandError, match="no user 'bob'"):
        run(root, "--set", "other", "--owner", "bob")


def test_fails_when_no_file_could_be_imported(tmp_path: Path) -> None:
    (tmp_path / "sounds" / "real" / "rain").mkdir(parents=True)
    (tmp_path / "sounds" / "real" / "rain" / "a.wav").write_text("no sound")
    with pytest.raises(CommandError, match="no file could be imported"):
        run(tmp_path / "sounds", "--set", "mine")


@pytest.mark.once
def test_exits_with_1_and_a_plain_message(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "import_stimuli", str(tmp_path / "absent"), "--set", "mine"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "there is no" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_owner_who_is_not_there_is_refused_before_anything_is_stored(root: Path) -> None:
    with pytest.raises(CommandError, match=r"no user 'nobody'; `manage\.py createsuperuser`"):
        run(root, "--set", "mine", "--owner", "nobody")
    assert not StimulusSet.objects.exists()
    with pytest.raises(CommandError, match="no user 'nobody'"):
        call_command("create_study", str(Path(settings.BASE_DIR) / "pyproject.toml"), "--owner", "nobody")
