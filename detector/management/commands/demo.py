"""manage.py demo: the whole chain, then a running site. `make demo` calls it after setting up."""

import argparse
import os
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

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


class Command(BaseCommand):
    help = "Run the whole chain on the demonstration's clips, then serve the site until Ctrl-C."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="run the chain in a scratch folder, keep nothing, exit 0 or 1"
        )
        parser.add_argument("--port", type=int, default=8000, help="port of the site (default: 8000, else a free one)")
        parser.add_argument("--no-serve", action="store_true", help="stop after the chain; what it made stays")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check"]:
            self._check()
            return
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
                demo = Demo(owner=owner, web=web, worker=background, terminal=terminal)
                demo.run()
                if not options["no_serve"]:
                    self._serve(web, background, demo, password)
        except EarwitnessError as error:
            raise CommandError(str(error)) from None
        except KeyboardInterrupt:
            self.stdout.write("\nStopped. `make demo` goes on from here.")

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
            done = subprocess.run(
                [sys.executable, "manage.py", "demo", "--no-serve", "--port", "0"],
                cwd=Path(__file__).resolve().parents[3],
                env=environment,
                check=False,
            )
            if done.returncode:
                raise CommandError("the chain failed: see above")
            self.stdout.write(f"The chain works: {time.monotonic() - started:.0f} s. Nothing was kept.")


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
