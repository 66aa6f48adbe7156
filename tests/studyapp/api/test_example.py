"""The example of docs/api.md is taken out of the text and run against a real server."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from studyapp.services.local_server import ROOT, WebServer, worker
from tests.installation import Installation, new_installation, write_clips

pytestmark = pytest.mark.once
MAKE = (
    "from studyapp.models import User; from studyapp.services.api_tokens import make_token; "
    "print(make_token(user=User.objects.create_user('ada'), name='example', may_write=True)[1])"
)


def _write(folder: Path) -> None:
    write_clips(folder / "raw", n=1)
    for path in list((folder / "raw").rglob("*.wav")):
        target = folder / "sounds" / ("real" if "real" in path.parts else "fake") / path.parts[-2] / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)


def _example(folder: Path, step: str, url: str, token: str) -> str:
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs/api.md").read_text(), re.DOTALL)
    assert len([line for line in code.splitlines() if line.strip()]) <= 40
    script = folder / "example.py"
    script.write_text(code)
    given = {"EARWITNESS_URL": url, "EARWITNESS_TOKEN": token, "SOUNDS": str(folder / "sounds"), "STEP": step}
    done = subprocess.run(
        [sys.executable, str(script)],
        env={**os.environ, **given, "ORIGIN": "bot"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _walk(installation: Installation, folder: Path) -> str:
    token = installation.run("shell", "--no-imports", "-c", MAKE).strip().splitlines()[-1]
    environment = installation.environment
    with WebServer(environment=environment, workers=1) as server, worker(environment=environment):
        assert "/s/my-study/" in _example(folder, "launch", server.url, token)
        installation.run("simulate_participants", "my-study", "--n", "2", "--url", server.url)
        return _example(folder, "results", server.url, token)


def test_the_example_goes_from_sounds_to_results(tmp_path: Path) -> None:
    _write(tmp_path)
    with new_installation(tmp_path) as installation:
        said = _walk(installation, tmp_path)
    assert "bot ended completed 2" in said and "8 judgements" in said and "d' = " in said
