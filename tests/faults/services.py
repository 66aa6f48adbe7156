"""PostgreSQL and Redis of a test's own, on free ports, in a scratch folder that is deleted with them.

Redis keeps nothing: one that is killed has lost its messages. PostgreSQL refuses root, and runs as an ordinary user.
"""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis

INITDB_ARGUMENTS = ["--username=postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"]
PATIENCE_S = 30.0


def missing_programs() -> str:
    """Return in words what is not installed; "" where everything is there."""
    missing = [name for name, found in (("PostgreSQL's initdb", _initdb()), ("redis-server", _redis())) if not found]
    return f"not installed: {', '.join(missing)} (Debian: apt-get install postgresql redis-server)" if missing else ""


def _initdb() -> Path | None:
    # Debian keeps it off the path; the newest version comes last.
    there = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[4]))
    if there:
        return there[-1]
    found = shutil.which("initdb")
    return Path(found).resolve() if found else None


def _redis() -> str | None:
    return shutil.which("redis-server") or shutil.which("valkey-server")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port


def _ordinary_user() -> dict[str, Any]:
    """Return as whom a program is started that refuses root; nothing where this is not root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}
    raise RuntimeError("there is no ordinary user to start PostgreSQL as")


class Postgres:
    def __init__(self, folder: Path) -> None:
        initdb = _initdb()
        assert initdb is not None
        self._as_user = _ordinary_user()
        self._data, self._log = folder / "data", folder / "log"
        self._pg_ctl = initdb.with_name("pg_ctl")
        self.port = free_port()
        folder.mkdir()
        if self._as_user:
            os.chown(folder, self._as_user["user"], self._as_user["group"])
        self._run(initdb, "--pgdata", self._data, *INITDB_ARGUMENTS)
        # Nothing here outlives the machine, so that nothing waits for the disk.
        settings = ("listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "shared_buffers=16MB")
        options = " ".join(f"-c {each}" for each in (f"port={self.port}", *settings))
        self._control("start", "--options", options)

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def restart_at_once(self) -> None:
        """Drop every connection in the middle of what it does, and come back by way of crash recovery."""
        self._control("restart", "--mode=immediate")

    def stop(self) -> None:
        self._control("stop", "--mode=immediate")

    def _control(self, verb: str, *arguments: object) -> None:
        self._run(self._pg_ctl, verb, "--pgdata", self._data, "--log", self._log, "--wait", *arguments)

    def _run(self, *command: object) -> None:
        # Into a file: the server would keep a pipe open for as long as it lives.
        with tempfile.TemporaryFile() as said:
            environment = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
            done = subprocess.run(
                [str(word) for word in command],
                stdout=said,
                stderr=said,
                cwd="/",
                env=environment,
                check=False,
                **self._as_user,
            )
            said.seek(0)
            assert done.returncode == 0, said.read().decode(errors="replace")


class Redis:
    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        program = _redis()
        assert program is not None
        words = f"--port {self.port} --bind 127.0.0.1 --appendonly no --dir {self._folder}".split()
        self._process = subprocess.Popen([program, *words, "--save", ""], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                self.client().ping()
                return
            except redis.ConnectionError:
                assert self._process.poll() is None and time.monotonic() < deadline, "redis-server did not start"
                time.sleep(0.05)

    def client(self) -> redis.Redis:
        return redis.Redis(port=self.port, socket_timeout=5)

    def kill(self) -> None:
        """End it at once: what it held is lost."""
        self._process.kill()
        self._process.wait()


@dataclass(frozen=True)
class Servers:
    postgres: Postgres
    redis: Redis


@contextmanager
def servers() -> Iterator[Servers]:
    folder = Path(tempfile.mkdtemp(prefix="earwitness-faults-"))
    folder.chmod(0o755)  # PostgreSQL's user must come through
    try:
        postgres = Postgres(folder / "postgres")
        try:
            redis_server = Redis(folder / "redis")
            try:
                yield Servers(postgres, redis_server)
            finally:
                redis_server.kill()
        finally:
            postgres.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
