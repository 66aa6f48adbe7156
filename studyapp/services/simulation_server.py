"""A server of this installation on a free port, for as long as a simulation runs."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from studyapp.errors import EarwitnessError

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 10.0


class ServerFailed(EarwitnessError):
    """The server did not come up, or stopped before it was told to."""


@contextmanager
def own_server(*, workers: int = 2, threads: int = 4) -> Iterator[str]:
    """Run gunicorn with this installation's settings, yield its address, and stop it.

    Raises ServerFailed with the end of its log when it does not answer within a minute.
    """
    with socket.socket() as listener, tempfile.TemporaryFile("w+") as log:
        # The socket is bound here and handed over: no other process can take the port in between.
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        command = [sys.executable, "-m", "gunicorn", "studyapp.wsgi:application", "--bind", f"fd://{listener.fileno()}"]
        command += ["--worker-class", "gthread", "--workers", str(workers), "--threads", str(threads)]
        command += ["--preload", "--keep-alive", "30", "--timeout", "120", "--log-level", "warning"]
        process = subprocess.Popen(  # noqa: S603  # the command is built here, nothing comes from outside
            command, env=_environment(), pass_fds=[listener.fileno()], stdout=log, stderr=subprocess.STDOUT
        )
        try:
            _wait_until_it_answers(address, process, log)
            yield address
            if process.poll() is not None:
                raise ServerFailed(f"the server stopped with code {process.returncode}:\n{_tail(log)}")
        finally:
            _stop(process)


def _environment() -> dict[str, str]:
    """Return this process's environment, with what keeps a local server from being reached put right."""
    hosts = [host for host in os.environ.get("ALLOWED_HOSTS", "").split(",") if host.strip()]
    return {**os.environ, "ALLOWED_HOSTS": ",".join([*hosts, "127.0.0.1"]), "HTTPS_ONLY": "0"}


def _wait_until_it_answers(address: str, process: subprocess.Popen[bytes], log: object) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise ServerFailed(f"the server stopped with code {process.returncode}:\n{_tail(log)}")
        try:
            httpx.get(f"{address}/accounts/login/", timeout=2.0)
        except httpx.TransportError:
            time.sleep(0.1)
            continue
        return
    raise ServerFailed(f"the server did not answer within {START_TIMEOUT_S:.0f} s:\n{_tail(log)}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _tail(log: object) -> str:
    log.seek(0)  # type: ignore[attr-defined]
    return "\n".join(log.read().splitlines()[-20:])  # type: ignore[attr-defined]
