"""manage.py demo: the whole chain, then a running site. `make demo` calls it after setting up."""

import argparse
import fcntl
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from detector.demo.chain import Demo
from detector.demo.terminal import Terminal
from studyapp.errors import EarwitnessError
from studyapp.models import User
from studyapp.services.local_server import LocalProcess, WebServer, worker

USERNAME = "experimenter"
LOGIN_FILE = "demo_login"
LOCK_FILE = "demo.lock"


class Command(BaseCommand):
    help = "Run the whole chain on the demonstration's clips, then serve the site until Ctrl-C."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="run the chain in a scratch folder, keep nothing, exit 0 or 1"
        )
        parser.add_argument("--port", type=int, default=8000, help="port of the site (default: 8000, else a free one)")
        parser.add_argument("--no-serve", action="store_true", help="stop after the chain; what it made stays")

    def handle(self, *args: Any, **options: Any) -> None:
        for stop in (signal.SIGINT, signal.SIGTERM):
            # Set by hand: a background job of a script starts with SIGINT ignored, and SIGTERM would leave orphans.
            signal.signal(stop, _interrupt)
        if options["check"]:
            self._check()
            return
        with _only_one(settings.DATA_DIR / LOCK_FILE) as lock:
            self._run(lock, options)

    def _run(self, lock: TextIO, options: dict[str, Any]) -> None:
        terminal = Terminal()
        with terminal.step("Prepare the database, the static files and a login"):
            settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
            call_command("migrate", verbosity=0, interactive=False)
            call_command("collectstatic", verbosity=0, interactive=False)
            owner, password = _experimenter()
        logs = settings.DATA_DIR / "logs"
        logs.mkdir(exist_ok=True)
        try:
            site = WebServer(port=options["port"], log_path=logs / "web.log")
            with site as web, worker(log_path=logs / "worker.log") as background:
                lock.write(web.url)
                lock.flush()
                if options["port"] and not web.url.endswith(f":{options['port']}"):
                    terminal.say(f"Port {options['port']} is taken; the site is at {web.url}")
                demo = Demo(owner=owner, web=web, worker=background, terminal=terminal)
                demo.run()
                if not options["no_serve"]:
                    self._serve(web, background, demo, password)
        except EarwitnessError as error:
            raise CommandError(str(error)) from None
        except Interrupted:
            if options["no_serve"]:
                raise CommandError("stopped before the end") from None
            self.stdout.write("Stopped. `make demo` goes on from here.")

    def _serve(self, web: WebServer, background: LocalProcess, demo: Demo, password: str) -> None:
        if demo.notice:
            self.stdout.write(f"\n{demo.notice}")
        self.stdout.write(
            f"\nEarwitness runs at {web.url}\n"
            f"  sign in      {USERNAME} / {password}\n"
            f"  results      {web.url}/studies/{demo.study_slug}/analysis/\n"
            f"  take part    {web.url}/s/{demo.study_slug}/   (with headphones)\n"
            f"  logs         {settings.DATA_DIR / 'logs'}\n"
            "Ctrl-C stops it."
        )
        self.stdout.flush()
        while True:
            web.check()
            background.check()
            time.sleep(1.0)

    def _check(self) -> None:
        """Run the chain as a child with a scratch folder and the embedded defaults, whatever is configured here."""
        with tempfile.TemporaryDirectory(prefix="earwitness-check-") as folder:
            environment = {
                key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL")
            } | {"EARWITNESS_DATA_DIR": folder}
            started = time.monotonic()
            child = subprocess.Popen(
                [sys.executable, "manage.py", "demo", "--no-serve", "--port", "0"],
                cwd=Path(__file__).resolve().parents[3],
                env=environment,
            )
            try:
                code = child.wait()
            except Interrupted:
                child.terminate()
                child.wait()
                raise CommandError("stopped") from None
            if code:
                raise CommandError("the chain failed: see above")
            self.stdout.write(f"The chain works: {time.monotonic() - started:.0f} s. Nothing was kept.")


class Interrupted(BaseException):
    """Somebody asked the demonstration to stop."""


def _interrupt(number: int, frame: object) -> None:
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.SIG_IGN)  # a second one must not keep the children from being ended
    sys.stdout.write("\nStopping ...\n")
    sys.stdout.flush()
    raise Interrupted


@contextmanager
def _only_one(path: Path) -> Iterator[TextIO]:
    """Hold the data folder's lock, in which the running demonstration writes its address; refuse to be a second one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            where = file.read().strip()
            raise CommandError(
                f"The demonstration is running already{f' at {where}' if where else ''}. Stop it first (Ctrl-C there)."
            ) from None
        file.truncate(0)
        yield file


def _experimenter() -> tuple[User, str]:
    """Return the demonstration's experimenter and the password, which is drawn once and kept in the data folder."""
    path = settings.DATA_DIR / LOGIN_FILE
    if not path.exists():
        if User.objects.filter(username=USERNAME).exists():
            raise CommandError(
                f"This installation has an account named {USERNAME} that the demonstration did not make. "
                "Give the demonstration a data folder and a database of its own (EARWITNESS_DATA_DIR, DATABASE_URL)."
            )
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(9))
    password = path.read_text()
    user, _ = User.objects.get_or_create(username=USERNAME, defaults={"is_staff": True, "is_superuser": True})
    if not user.check_password(password):
        user.set_password(password)
        user.save()
    return user, password
