"""Run this installation's processes as children: the web server on this machine's own address, the worker."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from studyapp.errors import EarwitnessError

ROOT = Path(__file__).resolve().parents[2]
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 10.0
WEB = ["gunicorn", "--config", "python:studyapp.gunicorn_conf", "--log-level", "warning"]
WORKER = [
    *("celery", "-A", "studyapp.celery", "worker", "--queues", "default,gpu", "--pool", "solo"),
    *("--loglevel", "WARNING", "--without-gossip", "--without-mingle"),
]


class ServerFailed(EarwitnessError):
    """A process did not start, or ended before it was told to."""


class LocalProcess:
    """A Python module of this installation in a process of its own; ended when the `with` block is left.

    `environment` is the whole of it; by default this process's own. The log goes to `log_path`, else nobody keeps it.
    """

    def __init__(
        self,
        name: str,
        module: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        log_path: Path | None = None,
        pass_fds: Sequence[int] = (),
    ) -> None:
        self.name = name
        self._module = module
        own = os.environ if environment is None else environment
        self._environment = {**own, "DJANGO_SETTINGS_MODULE": "studyapp.settings"}
        self._log_path = log_path
        self._pass_fds = pass_fds
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        log = self._log_path.open("w+b") if self._log_path else tempfile.TemporaryFile()
        self._log = self._stack.enter_context(log)
        self._process = subprocess.Popen(  # noqa: S603 (our own interpreter and modules)
            [sys.executable, "-m", *self._module],
            cwd=ROOT,
            env=self._environment,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            pass_fds=self._pass_fds,
            # A Ctrl-C at the terminal reaches this process alone, which then ends its children in order.
            start_new_session=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def check(self) -> None:
        """Raise ServerFailed, with the end of its log, when the process has ended."""
        if self._process.poll() is None:
            return
        self._log.seek(0)
        tail = "\n".join(self._log.read().decode(errors="replace").splitlines()[-40:])
        raise ServerFailed(f"the {self.name} process ended with code {self._process.returncode}; its log ends:\n{tail}")

    def stop(self) -> None:
        """End the process: first asked to, then forced to."""
        self._process.terminate()
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._stack.close()


class WebServer(LocalProcess):
    """The site on 127.0.0.1, on the preferred port if it is free, else on any; `url` is its address.

    It answers once the `with` block is entered. Raises ServerFailed when it does not within a minute.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        environment: Mapping[str, str] | None = None,
        log_path: Path | None = None,
        workers: int = 2,
        threads: int = 4,
    ) -> None:
        self._socket = _listen(port)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        own = os.environ if environment is None else environment
        hosts = [host for host in own.get("ALLOWED_HOSTS", "").split(",") if host.strip()]
        super().__init__(
            "web",
            [*WEB, "--bind", f"fd://{self._socket.fileno()}", "--workers", str(workers), "--threads", str(threads)],
            environment={**own, "ALLOWED_HOSTS": ",".join([*hosts, "127.0.0.1"]), "HTTPS_ONLY": "0"},
            log_path=log_path,
            # The socket is bound here and handed over: no other process can take the port in between.
            pass_fds=[self._socket.fileno()],
        )

    def __enter__(self) -> Self:
        super().__enter__()
        self._socket.close()
        try:
            self._wait_until_it_answers()
        except BaseException:
            self.stop()
            raise
        return self

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            self.check()
            try:
                httpx.get(f"{self.url}/accounts/login/", timeout=5.0)
            except httpx.TransportError:
                time.sleep(0.1)
            else:
                return
        raise ServerFailed(f"the web process did not answer within {START_TIMEOUT_S:.0f} s")


def worker(*, environment: Mapping[str, str] | None = None, log_path: Path | None = None) -> LocalProcess:
    """Return the Celery worker, to be entered."""
    return LocalProcess("worker", WORKER, environment=environment, log_path=log_path)


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError:
        listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    return listener
