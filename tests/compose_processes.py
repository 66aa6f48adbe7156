"""Run the services of docker-compose.yml as plain processes: the same commands, environment and health checks.

What Docker would lend a container is lent here by other means: host names and ports become this machine's, volumes and
tmpfs folders of a scratch folder. Where the system allows it (Linux, as root) each process also has a root file system
that is read-only outside that folder, the image's unprivileged user, and no way to other rights.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.compose_file import ROOT, seconds

USER = 10001
# What the images set, as far as it matters to the commands; and where the container's own /tmp is.
IMAGE_ENVIRONMENT = {"PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": "/tmp"}
PROXY_ENVIRONMENT = {"XDG_DATA_HOME": "/data", "XDG_CONFIG_HOME": "/config", "HOME": "/tmp"}
# $0 is the scratch folder. Every program takes the place of the one before, so that signals arrive. One capability is
# left, to read what is another's: Python may lie in root's home.
CONFINE = (
    'mount --make-rprivate / && mount --bind "$0" "$0" && mount -o remount,bind,ro / && exec setpriv '
    f"--reuid {USER} --regid {USER} --clear-groups --no-new-privs --bounding-set=-all,+dac_read_search "
    "--inh-caps=-all,+dac_read_search --ambient-caps=-all,+dac_read_search "
    '"$@"'
)


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Give a folder that the image's user may write to, below one that others may look into."""
    folder = Path(tempfile.mkdtemp(prefix="earwitness-compose-"))
    try:
        if os.geteuid() == 0:
            os.chown(folder, USER, USER)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def confinement(folder: Path) -> list[str]:
    """Return what goes before a command to confine it to the folder; empty where the system does not allow it."""
    if os.geteuid() != 0 or not shutil.which("unshare") or not shutil.which("setpriv"):
        return []
    before = ["unshare", "--mount", "sh", "-c", CONFINE, str(folder)]
    probe = "import django, pathlib; pathlib.Path('written').touch()"
    done = subprocess.run([*before, sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=False)
    return before if "Read-only file system" in done.stderr else []


class Services:
    """The services of a compose file, and how to run each here.

    places: what is called otherwise here, by what the containers call it. files: the content of mounted files.
    """

    def __init__(
        self, compose: Mapping[str, Any], *, folder: Path, places: Mapping[str, str], files: Mapping[str, str]
    ) -> None:
        self._services: dict[str, dict[str, Any]] = compose["services"]
        self._folder = folder
        self._places = dict(places)
        for place, (target, text) in enumerate(files.items()):
            self._places[target] = str(folder / f"file-{place}")
            Path(self._places[target]).write_text(text)
        self.confinement = confinement(folder)
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def environment(self, name: str) -> dict[str, str]:
        """Return a service's environment as it is here: what the file says, what its image sets, where programs are."""
        image = PROXY_ENVIRONMENT if name == "proxy" else IMAGE_ENVIRONMENT
        wanted = {**image, **self._services[name].get("environment", {})}
        # One thread: a machine that tests has other things to do.
        own = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1"}
        return own | {key: self._here(name, value) for key, value in wanted.items()}

    def start(self, name: str) -> None:
        """Start a service; its log goes to a file beside its folders."""
        with self.log_path(name).open("wb") as log:
            self._running[name] = subprocess.Popen(
                self._argv(name, self._services[name]["command"]),
                cwd=ROOT,
                env=self.environment(name),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def stop(self, name: str) -> float:
        """Ask a service to end, as `docker compose stop` does; return how long it took. One that does not is killed."""
        process, asked_at = self._running.pop(name), time.monotonic()
        process.terminate()
        try:
            process.wait(seconds(self._services[name].get("stop_grace_period", "10s")))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"{name} did not end in time; its log ends:\n{self.log(name)}") from None
        return time.monotonic() - asked_at

    def stop_all(self) -> None:
        for process in self._running.values():
            process.kill()
            process.wait()
        self._running.clear()

    def run(self, name: str, command: Sequence[str] | None = None, **more: str) -> str:
        """Run a command in a service's place, its own unless another is given; return what it printed.

        Raises AssertionError when it fails.
        """
        argv = self._argv(name, command or self._services[name]["command"])
        done = subprocess.run(
            argv, cwd=ROOT, env=self.environment(name) | more, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{' '.join(argv)}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        return done.stdout

    def is_healthy(self, name: str) -> bool:
        """Return what the service's own health check says now."""
        kind, *test = self._services[name]["healthcheck"]["test"]
        argv = self._argv(name, ["sh", "-c", *test] if kind == "CMD-SHELL" else test)
        return subprocess.run(argv, env=self.environment(name), capture_output=True, check=False).returncode == 0

    def wait(self, name: str, happens: Callable[[], bool], *, timeout_s: float) -> None:
        """Wait until something happens to a running service. Raises AssertionError with the end of its log."""
        deadline = time.monotonic() + timeout_s
        while not happens():
            ended = self._running[name].poll()
            assert ended is None, f"{name} ended with {ended}; its log ends:\n{self.log(name)}"
            assert time.monotonic() < deadline, f"{name}: nothing within {timeout_s:.0f} s:\n{self.log(name)}"
            time.sleep(0.25)

    def log_path(self, name: str) -> Path:
        return self._folder / f"{name}.log"

    def log(self, name: str) -> str:
        return "\n".join(self.log_path(name).read_text(errors="replace").splitlines()[-40:])

    def folder_of(self, name: str, target: str) -> Path:
        """Return where a volume or tmpfs of a service lies here, made when it is not there."""
        found = self._mounts(name)[target]
        if not found.exists():
            found.mkdir(parents=True)
            if self.confinement:
                os.chown(found, USER, USER)
        return found

    def _mounts(self, name: str) -> dict[str, Path]:
        service, mounts = self._services[name], {}
        for each in service.get("volumes", ()):
            source, target, *_ = each.split(":")
            if target not in self._places:
                mounts[target] = self._folder / "volumes" / source
        for each in service.get("tmpfs", ()):
            target = each.split(":")[0]
            mounts[target] = self._folder / "tmpfs" / name / target.strip("/").replace("/", "-")
        return mounts

    def _argv(self, name: str, command: Sequence[str]) -> list[str]:
        return [*self.confinement, *(self._here(name, part) for part in command)]

    def _here(self, name: str, text: str) -> str:
        """Return the text with what is called otherwise here replaced, in one go: no replacement is replaced again."""
        folders = {target: str(self.folder_of(name, target)) for target in self._mounts(name)}
        if str(self._folder) in text:
            return text  # a path of this machine's already
        names = self._places | folders
        longest_first = "|".join(re.escape(each) for each in sorted(names, key=len, reverse=True))
        return re.sub(rf"(?<![\w-])({longest_first})(?![\w-])", lambda found: names[found[0]], text)
