"""Metrics of a real web server: its processes count together, and leave nothing behind."""

import os
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from studyapp.services.local_server import WebServer

from .installation import new_installation

pytestmark = pytest.mark.once
TOKEN = "a-token-of-this-test"
N = 80


def requests_counted(url: str) -> float:
    text = httpx.get(f"{url}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    wanted = 'django_http_responses_total_by_status_view_method_total{method="GET",status="200",view="login"} '
    (line,) = [line for line in text.splitlines() if line.startswith(wanted)]
    return float(line.removeprefix(wanted))


def children_of(pid: int) -> list[int]:
    said = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False).stdout
    return [int(each) for each in said.split()]


def test_two_processes_count_together_and_a_killed_one_takes_nothing_along(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    more = {"METRICS_TOKEN": TOKEN, "TMPDIR": str(scratch), "PROMETHEUS_MULTIPROC_DIR": ""}
    with new_installation(tmp_path, **more) as made:
        with WebServer(environment=made.environment, workers=2, threads=4) as server:
            before = requests_counted(server.url)
            with ThreadPoolExecutor(8) as pool:
                pages = pool.map(lambda _: httpx.get(f"{server.url}/accounts/login/", timeout=30), range(N))
                assert {page.status_code for page in pages} == {200}
            (folder,) = scratch.glob("earwitness-metrics-*")
            assert len(list(folder.glob("counter_*.db"))) == 2
            assert {requests_counted(server.url) for _ in range(6)} == {before + N}
            os.kill(children_of(server._process.pid)[0], signal.SIGKILL)
            assert requests_counted(server.url) == before + N
            # It ends when the replacement has finished starting, which under load takes longer than `stop` waits.
            server._process.terminate()
            server._process.wait(60)
        assert not folder.exists()
