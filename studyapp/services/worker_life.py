"""A worker says every few seconds that it is there, from a thread of its own: its work may take long."""

import logging
import os
import secrets
import socket
import tempfile
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import Error, connection
from django.utils import timezone

from studyapp.models import Worker

BEAT_S = 10.0
FORGOTTEN_AFTER = timedelta(days=1)
logger = logging.getLogger(__name__)


def alive_file() -> Path:
    """Return the file whose age says how long this worker has been silent: what a container's health check looks at."""
    return Path(os.environ.get("EARWITNESS_ALIVE_FILE") or Path(tempfile.gettempdir()) / f"earwitness-{os.getpid()}")


class Presence:
    """Keeps the row of this worker fresh until it is stopped, and does what is to be done as regularly.

    A database or broker that is away is waited for. also: called after every beat, in the same thread.
    """

    def __init__(
        self, queues: Sequence[str], *, also: Callable[[], object] | None = None, beat_s: float = BEAT_S
    ) -> None:
        self.name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self._queues = sorted(queues)
        self._started_at = timezone.now()
        self._beat_s = beat_s
        self._also = also
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="presence", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Take the row away: a worker that was told to end is not one that fell silent."""
        self._stopped.set()
        self._thread.join(timeout=self._beat_s)

    def _run(self) -> None:
        try:
            while True:
                self._say()
                if self._stopped.wait(self._beat_s):
                    break
            Worker.objects.filter(name=self.name).delete()
        except Error:
            logger.warning("the row of this worker could not be taken away")
        finally:
            connection.close()
            alive_file().unlink(missing_ok=True)

    def _say(self) -> None:
        now = timezone.now()
        try:
            Worker.objects.update_or_create(
                name=self.name,
                defaults={
                    "queues": self._queues,
                    "version": settings.VERSION,
                    "started_at": self._started_at,
                    "seen_at": now,
                },
            )
            Worker.objects.filter(seen_at__lt=now - FORGOTTEN_AFTER).delete()
            alive_file().touch()
            if self._also:
                self._also()
        except Exception as error:  # noqa: BLE001 (whatever is away, this thread must be there when it is back)
            logger.warning("this worker could not say that it is there: %s", str(error).partition("\n")[0])
            connection.close()  # the next time with a new connection
