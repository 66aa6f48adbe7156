"""A worker's row appears, stays fresh, outlasts a database that is away, and goes when the worker ends in order."""

import os
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from studyapp.models import Worker
from studyapp.services.worker_life import Presence, alive_file
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)
BEAT_S = 0.1


@pytest.fixture
def presence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Presence]:
    monkeypatch.setenv("EARWITNESS_ALIVE_FILE", str(tmp_path / "alive"))
    made = Presence(["gpu", "default"], beat_s=BEAT_S)
    made.start()
    yield made
    made.stop()


def wait_for(condition: Callable[[], object], *, timeout_s: float = 20.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def seen_after(moment: object) -> Callable[[], bool]:
    return lambda: Worker.objects.filter(seen_at__gt=moment).exists()


def test_a_row_appears_is_kept_fresh_and_goes(presence: Presence) -> None:
    wait_for(Worker.objects.exists)
    row = Worker.objects.get()
    assert row.queues == ["default", "gpu"] and str(os.getpid()) in row.name
    wait_for(seen_after(row.seen_at))
    assert Worker.objects.get().started_at == row.started_at
    assert alive_file().exists()
    presence.stop()
    assert not Worker.objects.exists()
    assert not alive_file().exists()


def test_a_database_that_is_away_is_waited_for(presence: Presence, caplog: pytest.LogCaptureFixture) -> None:
    wait_for(alive_file().exists)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE studyapp_worker RENAME TO elsewhere")
    try:
        wait_for(lambda: "could not say that it is there" in caplog.text)
        silent_since = alive_file().stat().st_mtime
        time.sleep(3 * BEAT_S)
        assert alive_file().stat().st_mtime == silent_since  # a health check sees its age
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE elsewhere RENAME TO studyapp_worker")
    wait_for(seen_after(timezone.now()))


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no connections that a server could end")
def test_connections_that_the_server_ended_are_made_anew(presence: Presence) -> None:
    wait_for(Worker.objects.exists)
    for _ in range(3):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid != pg_backend_pid()"
            )
        wait_for(seen_after(timezone.now()))


def test_a_stop_while_the_database_is_away_ends_all_the_same(
    presence: Presence, caplog: pytest.LogCaptureFixture
) -> None:
    wait_for(Worker.objects.exists)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE studyapp_worker RENAME TO elsewhere")
    try:
        presence.stop()
        assert "could not be taken away" in caplog.text or "could not say" in caplog.text
        assert not alive_file().exists()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE elsewhere RENAME TO studyapp_worker")


def test_rows_of_workers_long_silent_are_forgotten(presence: Presence) -> None:
    long_ago = timezone.now() - timedelta(days=1, minutes=1)
    for name, at in (("old", long_ago), ("yesterday's", timezone.now() - timedelta(hours=23))):
        Worker.objects.create(name=name, queues=[], version="1", started_at=at, seen_at=at)
    wait_for(lambda: not Worker.objects.filter(name="old").exists())
    assert Worker.objects.filter(name="yesterday's").exists()


def test_staff_see_workers_and_change_none(client: Client) -> None:
    now = timezone.now()
    worker = Worker.objects.create(name="host-7", queues=["gpu"], version="1", started_at=now, seen_at=now)
    client.force_login(make_user(is_staff=True))
    page = client.get("/admin/studyapp/worker/").content.decode()
    assert "host-7" in page
    assert client.get(f"/admin/studyapp/worker/{worker.pk}/change/").status_code == 200
    for address in ("add/", f"{worker.pk}/delete/"):
        assert client.get(f"/admin/studyapp/worker/{address}").status_code == 403
    client.force_login(make_user())
    assert client.get("/admin/studyapp/worker/").status_code == 302
