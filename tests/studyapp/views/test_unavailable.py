"""A database that is locked or full, met by a participant's answer: said so, tried again, stored once."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection
from django.test import Client

from studyapp.models import Response
from studyapp.unavailable import NO_ROOM, reason
from tests.studyapp.launched import BARE, Walker, launch

pytestmark = pytest.mark.django_db(transaction=True)
ANSWER = {"position": 0, "choice": "real", "source": "button", "key": "one-key-of-this-answer"}


@pytest.fixture
def walker() -> Walker:
    """A participant who has heard the first sound."""
    walker = Walker(launch(n_fake=2, n_real=2, config=BARE).study)
    walker.hear(walker.to_trials())
    return walker


@contextmanager
def held_by_another() -> Iterator[None]:
    """Let another connection hold what an answer needs, and this one wait for 50 ms only."""
    if connection.vendor == "sqlite":
        impatient, patient = "PRAGMA busy_timeout = 50", "PRAGMA busy_timeout = 20000"
        other: Any = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
        hold = "BEGIN IMMEDIATE"
    else:
        impatient, patient = "SET lock_timeout = '50ms'", "SET lock_timeout = 0"
        other = psycopg.connect(**connection.get_connection_params() | {"context": None, "cursor_factory": None})
        hold = "LOCK TABLE studyapp_session IN ACCESS EXCLUSIVE MODE"
    with closing(other), connection.cursor() as cursor:
        cursor.execute(impatient)
        other.execute(hold)
        try:
            yield
        finally:
            other.rollback()
            cursor.execute(patient)


def test_an_answer_to_a_locked_database_is_refused_for_now_and_stored_once_when_sent_again(walker: Walker) -> None:
    with held_by_another():
        refused = walker.send("answer", **ANSWER)
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "unavailable")
    assert refused["Retry-After"] == "5" and refused["Cache-Control"] == "no-store"
    assert not Response.objects.exists()
    assert walker.send("answer", **ANSWER).status_code == walker.send("answer", **ANSWER).status_code == 200
    assert Response.objects.count() == 1


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="SQLite alone has a bound that a test can set")
def test_an_answer_to_a_full_disk_is_refused_for_now_and_stored_once_there_is_room(walker: Walker) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE ballast (bytes BLOB)")
        try:
            (pages,) = cursor.execute("PRAGMA page_count").fetchone()
            cursor.execute(f"PRAGMA max_page_count = {pages}")
            for size in (100_000, 1_000, 10):  # until not even free pages are left
                with pytest.raises(OperationalError, match="full"):
                    while True:
                        cursor.execute("INSERT INTO ballast VALUES (zeroblob(%s))", [size])
            statuses, filling = set(), {f"filling-{number}": "x" * 400 for number in range(10)}
            for number in range(40):  # half-filled pages take a few notes
                refused = walker.send("event", event="test", data=filling, key=f"filling-{number}")
                statuses.add(refused.status_code)
            assert statuses <= {200, 507} and 507 in statuses
            assert (refused.json()["error"]["code"], refused["Retry-After"]) == ("no_room", "5")
            n_before = Response.objects.count()
        finally:
            cursor.execute("PRAGMA max_page_count = 1073741823")
            cursor.execute("DROP TABLE ballast")
    assert n_before == 0
    assert walker.send("answer", **ANSWER).status_code == 200
    assert Response.objects.count() == 1


def test_who_asks_for_a_page_gets_one(walker: Walker, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise OperationalError("the connection is closed")

    monkeypatch.setattr("studyapp.views.participant.find_session", fails)
    shown = Client().get(walker.base, headers={"Accept": "text/html,*/*"})
    assert shown.status_code == 503 and shown["Retry-After"] == "5"
    assert "css/site.css" in shown.content.decode() and "does not answer" in shown.content.decode()


def test_postgresqls_full_disk_is_known_by_its_code() -> None:
    error = OperationalError("could not extend file")
    error.__cause__ = psycopg.errors.DiskFull()
    assert reason(error) == NO_ROOM
