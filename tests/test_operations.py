"""/healthz, /readyz and /metrics: what they say when something is missing, and what they never say."""

import logging
import os
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from studyapp.models import Worker
from studyapp.selectors import readiness

from .factories import make_session, make_version

TOKEN = "a-token-of-this-test"
# The checks run in threads of their own, which see nothing of a transaction that a test holds open.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def in_its_time() -> Iterator[None]:
    """Fail a test whose answers take longer than a health check waits."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < readiness.ANSWER_WITHIN_S + 1.5


def add_worker(*, queues: tuple[str, ...] = ("default", "gpu"), silent_s: float = 0.0) -> Worker:
    now = timezone.now()
    return Worker.objects.create(
        name="host-1", queues=list(queues), version="1", started_at=now, seen_at=now - timedelta(seconds=silent_s)
    )


def readiness_now(client: Client) -> tuple[int, list[str]]:
    answer = client.get("/readyz")
    assert set(answer.json()) == {"status", "failed"}
    assert (answer.json()["status"] == "ready") == (answer.status_code == 200)
    return answer.status_code, answer.json()["failed"]


def test_ready_when_everything_is_there(client: Client) -> None:
    add_worker()
    assert readiness_now(client) == (200, [])


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="these are SQLite's")
def test_sqlite_is_durable_and_waits_for_its_lock_at_the_beginning_of_a_transaction() -> None:
    pragmas = {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 20_000, "foreign_keys": 1}
    with connection.cursor() as cursor:
        found = {name: cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas}
    assert found == pragmas
    with (
        closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=0)) as other,
        transaction.atomic(),
        pytest.raises(sqlite3.OperationalError, match="locked"),  # though nothing was written yet
    ):
        other.execute("BEGIN IMMEDIATE")


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL has no such journal")
def test_sqlite_without_wal_is_not_ready(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    add_worker()
    with connection.cursor() as cursor:
        try:
            assert cursor.execute("PRAGMA journal_mode = DELETE").fetchone() == ("delete",)
            with patch.dict(settings.DATABASES["default"]["OPTIONS"], {"init_command": "PRAGMA busy_timeout=20000;"}):
                assert readiness_now(client) == (503, ["database"])
        finally:
            cursor.execute("PRAGMA journal_mode = WAL")
    assert "SQLite's journal is delete" in caplog.text


@pytest.mark.usefixtures("in_its_time")
def test_a_worker_must_be_there_for_each_queue(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    assert readiness_now(client) == (503, ["worker"])
    worker = add_worker(queues=("default",))
    assert readiness_now(client) == (503, ["worker"])
    assert "no worker of the queue gpu was seen in the last 60 s" in caplog.text
    worker.delete()
    add_worker(silent_s=61)
    assert readiness_now(client) == (503, ["worker"])


def test_a_full_disk_is_named_in_the_log_only(
    client: Client, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    add_worker()
    settings.MIN_FREE_BYTES = 1e18
    answer = client.get("/readyz")
    assert answer.status_code == 503 and answer.json()["failed"] == ["disk"]
    assert str(settings.DATA_DIR) in caplog.text
    assert str(settings.DATA_DIR) not in answer.content.decode()
    settings.DATA_DIR = Path("/nowhere")
    assert readiness_now(client) == (503, ["disk"])


def test_missing_migrations_are_noticed_at_any_time(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    add_worker()
    assert readiness_now(client) == (200, [])
    with connection.cursor() as cursor:
        newest = "SELECT max(name) FROM django_migrations WHERE app = 'studyapp'"
        cursor.execute(f"DELETE FROM django_migrations WHERE app = 'studyapp' AND name = ({newest})")
    try:
        assert readiness_now(client) == (503, ["database"])
        assert "1 migrations are missing" in caplog.text
    finally:
        call_command("migrate", "studyapp", fake=True, verbosity=0)
    assert readiness_now(client) == (200, [])


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, object]], None]:
    """Let new connections, those of the checks among them, go to another database."""

    def point(changed: dict[str, object]) -> None:
        for name, value in changed.items():
            monkeypatch.setitem(connection.settings_dict, name, value)

    return point


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Give a port that takes connections and never says a word, as a server does that hangs."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held: list[socket.socket] = []

        def accept() -> None:
            try:
                while True:
                    held.append(server.accept()[0])
            except OSError:
                return

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        for each in held:
            each.close()


@pytest.mark.usefixtures("in_its_time")
def test_a_database_that_is_away(
    client: Client, elsewhere: Callable[[dict[str, object]], None], caplog: pytest.LogCaptureFixture
) -> None:
    port = free_port()
    elsewhere({"HOST": "127.0.0.1", "PORT": port, "NAME": "/nowhere/db.sqlite3"})
    answer = client.get("/readyz")
    assert answer.status_code == 503 and answer.json()["failed"] == ["database", "worker"]
    assert "127.0.0.1" not in answer.content.decode() and "nowhere" not in answer.content.decode()
    assert "the database does not answer" in caplog.text


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite is a file, which does not hang")
def test_a_database_that_hangs_is_waited_for_three_seconds_by_one_thread(
    client: Client, elsewhere: Callable[[dict[str, object]], None], silent_port: int
) -> None:
    elsewhere({"HOST": "127.0.0.1", "PORT": silent_port})
    before = threading.active_count()
    for _ in range(3):
        began = time.monotonic()
        assert readiness_now(client) == (503, ["database", "worker"])
        assert time.monotonic() - began < readiness.ANSWER_WITHIN_S + 0.5
    assert threading.active_count() <= before + 2


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only a server's sessions can be stopped")
def test_a_table_that_somebody_locks_does_not_keep_the_answer(client: Client) -> None:
    add_worker()
    with psycopg.connect(**{**connection.get_connection_params(), "cursor_factory": psycopg.Cursor}) as other:
        other.execute("LOCK TABLE studyapp_worker IN ACCESS EXCLUSIVE MODE")
        began = time.monotonic()
        assert readiness_now(client) == (503, ["worker"])
        assert time.monotonic() - began < readiness.ANSWER_WITHIN_S + 0.5
    time.sleep(0.3)
    assert readiness_now(client) == (200, [])


@pytest.mark.once
def test_a_check_that_fails_in_an_unforeseen_way_is_a_failed_check(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        raise ZeroDivisionError("a secret")

    add_worker()
    monkeypatch.setitem(readiness.CHECKS, "disk", broken)
    assert readiness_now(client) == (503, ["disk"])
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.usefixtures("in_its_time")
@pytest.mark.skipif("REDIS_URL" not in os.environ, reason="the filesystem broker is a folder")
def test_a_broker_that_is_away(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    from studyapp.celery import app

    add_worker()
    kept = app.conf.broker_url
    app.conf.broker_url = f"redis://127.0.0.1:{free_port()}/0"
    try:
        assert readiness_now(client) == (503, ["broker"])
    finally:
        app.conf.broker_url = kept
    assert "the broker does not answer" in caplog.text
    assert readiness_now(client) == (200, [])


@pytest.mark.skipif("REDIS_URL" in os.environ, reason="there is no folder of messages")
def test_a_folder_of_messages_that_is_gone(client: Client, settings: Settings) -> None:
    add_worker()
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_out": "/nowhere/queue"}
    assert readiness_now(client) == (503, ["broker"])


@pytest.mark.once
def test_health_looks_at_nothing_else(client: Client, elsewhere: Callable[[dict[str, object]], None]) -> None:
    elsewhere({"HOST": "127.0.0.1", "PORT": free_port(), "NAME": "/nowhere/db.sqlite3"})
    answer = client.get("/healthz")
    assert answer.status_code == 200 and answer.json() == {"status": "ok"}


@pytest.mark.once
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_machines_ask_by_any_name_and_without_tls(client: Client, settings: Settings, path: str) -> None:
    add_worker()
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["listen.example.org"], True
    for host in ("10.0.0.7:8000", "web"):
        answer = client.get(path, headers={"Host": host})
        assert answer.status_code == 200
        assert answer["Cache-Control"] == "no-store" and "Set-Cookie" not in answer
    assert client.get("/accounts/login/", headers={"Host": "10.0.0.7:8000"}).status_code in (301, 400)


@pytest.mark.once
@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_only_reading_is_allowed(client: Client, settings: Settings, path: str) -> None:
    settings.METRICS_TOKEN = TOKEN
    add_worker()
    for method in (client.post, client.put, client.delete, client.patch):
        answer = method(path)
        assert answer.status_code == 405 and answer["Allow"] == "GET, HEAD"
    head = client.head(path, headers={"Authorization": f"Bearer {TOKEN}"})
    assert head.status_code == 200 and head.content == b""
    assert client.get(path + "/").status_code == 404


@pytest.mark.once
def test_metrics_are_for_who_brings_the_token(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = ""
    for given in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer x"}, {"Authorization": ""}):
        assert client.get("/metrics", headers=given).status_code == 404
    settings.METRICS_TOKEN = TOKEN
    for wrong in ("", TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer ", "Bearer é"):
        assert client.get("/metrics", headers={"Authorization": wrong}).status_code == 404, wrong
    assert client.get(f"/metrics?token={TOKEN}").status_code == 404
    for right in (f"Bearer {TOKEN}", f"bearer {TOKEN}"):
        assert client.get("/metrics", headers={"Authorization": right}).status_code == 200


def metrics(client: Client) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer["Content-Type"].startswith("text/plain")
    families = text_string_to_metric_families(answer.content.decode())
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def test_metrics_tell_the_state_of_work(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN
    version = make_version()
    make_session(version)
    make_session(version, outcome=None, n_answers=3)
    add_worker(queues=("default",))
    found = metrics(client)
    assert found["earwitness_database_up", ()] == 1
    assert found["earwitness_responses", ()] == 11
    assert found["earwitness_open_sessions", ()] == 1
    assert found["earwitness_workers", (("queue", "default"),)] == 1
    assert found["earwitness_workers", (("queue", "gpu"),)] == 0
    assert found["earwitness_oldest_queued_seconds", (("kind", "training"),)] == 0
    assert found["earwitness_disk_free_bytes", ()] > 0


def test_metrics_cost_few_queries_however_many_rows(
    client: Client, settings: Settings, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    settings.METRICS_TOKEN = TOKEN
    make_session(make_version())
    with django_assert_max_num_queries(24):  # two for each of the kinds of jobs, three for the rest
        metrics(client)


@pytest.mark.once
def test_metrics_without_a_database_still_tell_the_rest(
    client: Client, settings: Settings, elsewhere: Callable[[dict[str, object]], None]
) -> None:
    settings.METRICS_TOKEN = TOKEN
    connection.close()
    elsewhere({"HOST": "127.0.0.1", "PORT": free_port(), "NAME": "/nowhere/db.sqlite3"})
    found = metrics(client)
    assert found["earwitness_database_up", ()] == 0
    assert found["earwitness_disk_free_bytes", ()] > 0
    assert ("earwitness_responses", ()) not in found


@pytest.mark.once
def test_metrics_name_no_session(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN
    session = make_session(make_version(), outcome=None)
    client.raise_request_exception = False  # a version without a title: what fails is counted too
    for path in (f"/p/{session.token}/", f"/p/{session.token}/state/", f"/p/{'x' * 43}/", "/no/such/page"):
        client.get(path)
    text = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).content.decode()
    assert "django_http_requests_total_by_view" in text
    assert session.token not in text and "x" * 43 not in text and "/no/such" not in text
    assert session.participant.pseudonym not in text


def test_the_settings_wait_no_longer_than_this_for_a_database() -> None:
    if settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
        assert settings.DATABASES["default"]["OPTIONS"]["connect_timeout"] == 5


@pytest.mark.once
def test_each_answer_names_its_request(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    given = client.get("/healthz", headers={"X-Request-ID": "proxy-0123456789"})
    assert given["X-Request-ID"] == "proxy-0123456789"
    forged = ("short", "x" * 65, "two words", 'a"},{"b":"12345', "line%0Abreak12")
    made = {client.get("/healthz", headers={"X-Request-ID": each})["X-Request-ID"] for each in ("", *forged)}
    assert len(made) == 6 and not made & set(forged)
    assert all(len(each) == 16 for each in made)
    with caplog.at_level(logging.WARNING):
        assert client.get("/no/such/page")["X-Request-ID"]
