"""Start the site's two processes, web and worker, and end them again."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from studyapp.errors import EarwitnessError

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 10.0
# Without its control socket, which gunicorn would put into the home folder.
WEB = [
    *("gunicorn", "studyapp.wsgi", "--no-control-socket", "--log-level", "warning"),
    *("--workers", "2", "--threads", "4", "--keep-alive", "30"),
]
WORKER = [
    *("celery", "-A", "studyapp.celery", "worker", "--queues", "default,gpu", "--pool", "solo"),
    *("--loglevel", "WARNING", "--without-gossip", "--without-mingle"),
]


class ServerFailed(EarwitnessError):
    """A process of the site did not start, or ended."""


def free_port(preferred: int) -> int:
    """Return `preferred` when nothing listens there, else a port that the system picks."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", preferred))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Servers:
    """The web process (gunicorn) and the worker (Celery), as children of this one; logs stand in `log_dir`."""

    def __init__(self, *, port: int, log_dir: Path) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._log_dir = log_dir
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        self._log_dir.mkdir(parents=True, exist_ok=True)
        try:
            self._start("web", [*WEB, "--bind", f"127.0.0.1:{self.port}"])
            self._start("worker", WORKER)
            self._wait_for_web()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def check(self) -> None:
        """Raise ServerFailed, with the end of its log, when a process has ended."""
        for name, child in self._children.items():
            if child.poll() is not None:
                log = self._log_dir / f"{name}.log"
                tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
                raise ServerFailed(f"the {name} process ended with code {child.returncode}; {log} says:\n{tail}")

    def stop(self) -> None:
        """End both processes: first asked to, then forced to."""
        for child in self._children.values():
            child.terminate()
        for child in self._children.values():
            try:
                child.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self._children.clear()

    def _start(self, name: str, command: list[str]) -> None:
        with (self._log_dir / f"{name}.log").open("wb") as log:
            self._children[name] = subprocess.Popen(  # noqa: S603 (our own interpreter and modules)
                [sys.executable, "-m", *command],
                cwd=Path(__file__).resolve().parents[2],
                env={**os.environ, "DJANGO_SETTINGS_MODULE": "studyapp.settings"},
                stdout=log,
                stderr=subprocess.STDOUT,
                # A Ctrl-C at the terminal reaches this process alone, which then ends its children in order.
                start_new_session=True,
            )

    def _wait_for_web(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            self.check()
            try:
                httpx.get(f"{self.url}/accounts/login/", timeout=5.0)
            except httpx.TransportError:
                if time.monotonic() > deadline:
                    raise ServerFailed(f"the web process does not answer on port {self.port}") from None
                time.sleep(0.2)
            else:
                return
