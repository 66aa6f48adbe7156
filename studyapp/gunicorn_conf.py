"""How gunicorn runs the site: `gunicorn -c python:studyapp.gunicorn_conf`. Its command line overrides each line."""

import os
import shutil
import tempfile
from typing import Any

from studyapp.log_format import gunicorn_logging

wsgi_app = "studyapp.wsgi"
bind = os.environ.get("WEB_BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_WORKERS") or 2)
threads = int(os.environ.get("WEB_THREADS") or 8)
worker_class = "gthread"
keepalive = 30
timeout = 120
graceful_timeout = 30  # a request that has begun may end; long work is on workers
control_socket_disable = True  # it would stand in the home folder
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 (gunicorn's own heartbeat files)

# gunicorn's own lines too: its formatter would write the addresses of requests that fail, session tokens included.
logconfig_dict = gunicorn_logging(os.environ.get("LOG_FORMAT") or "line")


_metrics: list[str] = []  # the folder that this server made


def on_starting(server: Any) -> None:
    """Let each process count for itself, in files that /metrics adds up: before any of them imports prometheus_client.

    Here and not at import: whoever only reads this file must not count so.
    """
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        _metrics.append(tempfile.mkdtemp(prefix="earwitness-metrics-"))
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = _metrics[0]


def child_exit(server: Any, worker: Any) -> None:
    """Forget the gauges of a process that ended; its counters stay."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(server: Any) -> None:
    for folder in _metrics:  # one that somebody else named is theirs
        shutil.rmtree(folder, ignore_errors=True)
