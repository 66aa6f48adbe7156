"""What stands in the logs of real processes, as lines and as JSON objects: who asked, which job; never a token."""

import json
import logging
import sys
import time
from collections.abc import Iterator
from logging.config import BaseConfigurator
from pathlib import Path

import httpx
import pytest
from django.test import Client

from studyapp.log_context import AddContext, job, request_id
from studyapp.log_filters import HideTokens
from studyapp.log_format import LineFormatter, ObjectFormatter, gunicorn_logging
from studyapp.services.local_server import LocalProcess, WebServer

from .installation import Installation, new_installation

TOKEN = "vuEpCljiFiawD1ZkM5zQ_sWbQhTfYXCmwV5zlg5lUEk"


def record_of_failure() -> logging.LogRecord:
    """Return the record of an exception whose traceback and message hold a session's address."""
    try:
        raise RuntimeError(f"no such page: /p/{TOKEN}/act/play/")
    except RuntimeError:
        made = logging.LogRecord(
            "django.request", logging.ERROR, "", 0, "Failed: %s", (f"/p/{TOKEN}/",), sys.exc_info()
        )
    made.__dict__.update(status_code=500, request=f"<WSGIRequest: GET '/p/{TOKEN}/state/'>")
    assert HideTokens().filter(made) and AddContext().filter(made)
    return made


@pytest.mark.once
def test_an_object_holds_what_is_named_and_no_token() -> None:
    request_id.set("0123456789abcdef")
    token = job.set("embed_shard_task 12")
    try:
        line = ObjectFormatter().format(record_of_failure())
    finally:
        job.reset(token)
    assert TOKEN not in line and "\n" not in line
    said = json.loads(line)
    assert said["at"].endswith("+00:00")
    assert said["message"] == "Failed: /p/<session>/" and said["level"] == "ERROR"
    assert said["logger"] == "django.request" and said["status"] == 500
    assert said["request_id"] == "0123456789abcdef" and said["job"] == "embed_shard_task 12"
    assert "RuntimeError: no such page: /p/<session>/act/play/" in said["traceback"]
    assert "request" not in said


@pytest.mark.once
def test_a_line_of_text_holds_no_token_in_its_traceback_either() -> None:
    request_id.set("")  # what an earlier test asked for
    line = LineFormatter("{levelname} {where}{message}", style="{").format(record_of_failure())
    assert TOKEN not in line and line.startswith("ERROR Failed: /p/<session>/\nTraceback")


@pytest.mark.django_db
@pytest.mark.parametrize("formatter", [LineFormatter("{levelname} {message}", style="{"), ObjectFormatter()])
def test_a_request_writes_no_line_of_its_own(
    client: Client, caplog: pytest.LogCaptureFixture, formatter: logging.Formatter
) -> None:
    forged = "%0D%0AERROR forged%0A%E2%80%A8ERROR forged%1B[2J"
    named = {"User-Agent": "x\r\nERROR forged", "X-Request-ID": "12345678\r\nERROR forged", "Referer": "\nERROR forged"}
    with caplog.at_level(logging.INFO):
        for path in (f"/no/such{forged}", f"/s/{forged}/", f"/s/x/?participant={forged}", f"/p/{forged}/state/"):
            assert client.get(path, headers=named).status_code in (400, 404)
        client.post("/s/x/start/", {"participant": "x\r\nERROR forged", "bot": "\nERROR forged"})
    assert caplog.records
    for record in caplog.records:
        AddContext().filter(record)
        line = formatter.format(record)
        assert len(line.splitlines()) == 1 and "\x1b" not in line


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with new_installation(tmp_path_factory.mktemp("logs"), LOG_FORMAT="json", LOG_LEVEL="INFO") as made:
        yield made


def objects_in(log: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.read_text().splitlines()]


@pytest.mark.once
def test_the_web_server_writes_nothing_but_objects(installation: Installation, tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    with WebServer(environment=installation.environment, log_path=log, workers=1) as server:
        named = {"X-Request-ID": "proxy-0123456789"}
        assert httpx.get(f"{server.url}/p/{TOKEN}/", headers=named).headers["X-Request-ID"] == named["X-Request-ID"]
        own = httpx.get(f"{server.url}/no/such%0Apage").headers["X-Request-ID"]
        assert httpx.get(f"{server.url}/readyz", headers=named).status_code == 503
        with httpx.Client() as kept:  # an answer to HEAD leaves nothing in the connection for the next
            assert kept.head(f"{server.url}/healthz").content == b""
            assert kept.get(f"{server.url}/healthz").json() == {"status": "ok"}
    said = objects_in(log)
    of_proxy = [each for each in said if each["request_id"] == named["X-Request-ID"]]
    assert {each["message"] for each in of_proxy if each.get("status") == 404} == {"Not Found: /p/<session>/"}
    assert any("not ready, worker: no worker of the queue" in str(each["message"]) for each in of_proxy)
    assert [each["status"] for each in said if each["request_id"] == own] == [404]
    assert TOKEN not in log.read_text()


def test_each_line_of_a_task_names_it(installation: Installation, tmp_path: Path) -> None:
    """A task of a row that is not there ends with a traceback, or with a word, depending on the task."""
    log = tmp_path / "worker.log"
    command = ["celery", "-A", "studyapp.celery", "worker", "--queues", "default,gpu", "--pool", "solo"]
    command += ["--loglevel", "INFO", "--without-gossip", "--without-mingle"]
    send = "from studyapp.celery import app; app.send_task('detector.tasks.score_task', args=[4711], queue='gpu')"
    with LocalProcess("worker", command, environment=installation.environment, log_path=log) as worker:
        installation.run("shell", "-c", send)
        deadline = time.monotonic() + 60
        while not any("score_task 4711" in line for line in log.read_text().splitlines()):
            worker.check()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        time.sleep(0.5)
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    of_task = [each for each in lines if each["job"] == "score_task 4711"]
    assert of_task and all(each["logger"].startswith(("celery", "detector", "studyapp")) for each in of_task)
    assert any("detector.tasks.score_task" in str(each["message"]) for each in of_task)
    assert any(each["job"] == "" for each in lines), "before and after it the worker speaks for itself"


@pytest.mark.parametrize("log_format", ["line", "json"])
def test_gunicorns_own_lines_hide_tokens_in_either_format(log_format: str) -> None:
    token = "A" * 43
    configuration = gunicorn_logging(log_format)
    given = dict(configuration["formatters"][configuration["handlers"]["console"]["formatter"]])
    made = BaseConfigurator({}).resolve(given.pop("()"))
    formatter = made(given["format"], style=given["style"]) if given else made()
    said = formatter.format(
        logging.LogRecord("gunicorn.error", logging.ERROR, "", 0, "Error handling request /p/%s/", (token,), None)
    )
    assert token not in said and "/p/<session>/" in said
