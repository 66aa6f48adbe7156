"""An installation of its own for a fault test: its environment, workers as plain processes, its site, its rows."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from studyapp.services.local_server import ROOT, WORKER, WebServer
from tests import installation
from tests.faults.services import Servers

ENTRY_POINTS = (
    "[earwitness.encoders]\nslow = tests.faults.slow_encoder:SLOW\npoison = tests.faults.poison_encoder:POISON\n"
)
METADATA = "Metadata-Version: 2.1\nName: slow-encoder\nVersion: 1.0\n"


def until(what: str, is_so: Callable[[], Any], *, within_s: float = 60.0) -> Any:
    """Wait until something is so, and return what was found; fail in words after the time."""
    deadline = time.monotonic() + within_s
    while not (found := is_so()):
        assert time.monotonic() < deadline, f"not within {within_s:.0f} s: {what}"
        time.sleep(0.1)
    return found


class WorkerProcess:
    """A Celery worker, started by the command that installations use, with its log in a file."""

    def __init__(self, name: str, environment: dict[str, str], log: Path) -> None:
        self.name, self._log = name, log
        with log.open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *WORKER, "--hostname", f"{name}@test"],
                cwd=ROOT,
                env=environment,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the worker alone, not to the child that decodes for it."""
        os.kill(self.process.pid, number)

    def wait(self, within_s: float) -> float:
        """Wait for its end and return how long that took."""
        began = time.monotonic()
        self.process.wait(within_s)
        return time.monotonic() - began

    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def clear_away(self) -> None:
        # With its children: a stopped or killed worker leaves the one that decodes.
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@dataclass(frozen=True)
class Installation(installation.Installation):
    """One with workers that can be killed, and an encoder that takes its time."""

    folder: Path
    _workers: list[WorkerProcess] = field(default_factory=list)

    def work(self, what: str, **wanted: Any) -> dict[str, Any]:
        """Run a part of tests/faults/work.py in a process of its own."""
        said = self.run_module("tests.faults.work", what, json.dumps(wanted))
        answer: dict[str, Any] = json.loads(said.splitlines()[-1])
        return answer

    def check(self) -> None:
        """No shard lost, none there twice, every vector right, every run and training ended well."""
        assert self.work("check")["problems"] == []

    def worker(self, name: str) -> WorkerProcess:
        self._workers.append(WorkerProcess(name, self.environment, self.folder / f"{name}.log"))
        return self._workers[-1]

    def shards(self, run: int) -> list[tuple[str, int]]:
        """Return state and attempts of the shards of a run, in order."""
        found = "SELECT state, attempts FROM detector_embeddingshard WHERE run_id = %s ORDER BY number"
        return self.query(found, run)

    def training(self, pk: int) -> tuple[str, int, bool]:
        """Return state, attempts, and whether a checkpoint is stored."""
        found = "SELECT state, attempts, unfinished_name <> '' FROM detector_training WHERE id = %s"
        return self.query(found, pk)[0]  # type: ignore[return-value]

    def await_done(self, *runs: int, within_s: float = 90.0) -> None:
        states = "SELECT DISTINCT state FROM detector_embeddingrun WHERE id = ANY(%s)"
        until(f"runs {runs} are done", lambda: self.query(states, list(runs)) == [("done",)], within_s=within_s)

    def logs(self) -> str:
        return "\n".join(f"--- {each.name} ---\n{each.log()}" for each in self._workers)

    def clear_away(self) -> None:
        for each in self._workers:
            each.clear_away()

    @contextmanager
    def site(self) -> Iterator["Site"]:
        """Start the site, signed in."""
        cookie = self.work("sign_in")
        web = WebServer(environment=self.environment, workers=1, log_path=self.folder / "web.log")
        cookies = {cookie["name"]: cookie["cookie"]}
        with web, httpx.Client(base_url=web.url, cookies=cookies, timeout=30.0) as client:
            yield Site(client)


@contextmanager
def fault_installation(servers: Servers, folder: Path) -> Iterator[Installation]:
    """Give an installation on the servers, with the slow encoder; its workers are ended with it."""
    packages, temporary = folder / "packages", folder / "tmp"
    about = packages / "slow_encoder-1.0.dist-info"
    about.mkdir(parents=True)
    temporary.mkdir()
    (about / "METADATA").write_text(METADATA)
    (about / "entry_points.txt").write_text(ENTRY_POINTS)
    where = {"DATABASE_URL": servers.postgres.url, "REDIS_URL": servers.redis.url}
    with installation.new_installation(folder, PYTHONPATH=str(packages), TMPDIR=str(temporary), **where) as made:
        place = Installation(made.environment, made.data_dir, folder)
        try:
            yield place
        finally:
            place.clear_away()


class Site:
    """The pages, as a browser asks for them."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def get(self, address: str) -> httpx.Response:
        return self._client.get(address)

    def state(self, kind: str, pk: int) -> str:
        """Return the state that the page of a job shows, as it asks for it every two seconds."""
        answer = self.get(f"/detector/{kind}/{pk}/progress")
        assert answer.status_code == 200, answer.text
        return str(answer.json()["state"])

    def post(self, address: str, **fields: str) -> httpx.Response:
        page = self.get("/detector/")
        token = page.text.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
        return self._client.post(address, data={"csrfmiddlewaretoken": token, **fields})
