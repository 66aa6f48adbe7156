"""The demonstration's own small parts; the chain as a whole is walked in tests/browser/test_demo_site.py."""

import io
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management.base import CommandError

from detector.demo.terminal import Terminal
from detector.management.commands.demo import _only_one
from studyapp.services.local_server import ROOT

pytestmark = pytest.mark.once


def test_a_second_demonstration_is_refused_with_the_address_of_the_first(tmp_path: Path) -> None:
    with _only_one(tmp_path / "lock") as lock:
        lock.write("http://127.0.0.1:8000")
        lock.flush()
        with (
            pytest.raises(CommandError, match=r"running already at http://127\.0\.0\.1:8000"),
            _only_one(tmp_path / "lock"),
        ):
            pytest.fail("two at once")
    with _only_one(tmp_path / "lock"):
        assert (tmp_path / "lock").read_text() == ""


def test_progress_off_a_terminal_adds_few_lines_and_always_the_last() -> None:
    out = io.StringIO()
    terminal = Terminal(out)
    with terminal.step("Do something long"):
        terminal.progress(0, 0, "things")
        for done in range(1, 101):
            terminal.progress(done, 100, "things")
    lines = out.getvalue().splitlines()
    assert lines[0] == "[ 1/10] Do something long"
    assert lines[-2].endswith("100/100 things")
    assert len(lines) <= 4


def test_settings_that_cannot_be_used_are_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "loud")
    done = subprocess.run([sys.executable, "manage.py", "check"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "LOG_LEVEL='loud'" in done.stderr
