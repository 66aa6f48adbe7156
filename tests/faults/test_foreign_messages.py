"""What others write into the queues of a broker ends no worker: it is logged in words and dropped, and work goes on."""

import base64
import json
import pickle
from typing import Any

import pytest
import redis

from tests.faults.installation import Installation, until
from tests.faults.services import Servers

pytestmark = [pytest.mark.once, pytest.mark.timeout(400)]


def message(task: str, args: list[object], *, body: bytes | None = None, content_type: str = "application/json") -> str:
    """Return a message as Celery writes it."""
    content = (
        body or json.dumps([args, {}, {"callbacks": None, "errbacks": None, "chain": None, "chord": None}]).encode()
    )
    whole: dict[str, Any] = {
        "body": base64.b64encode(content).decode(),
        "content-encoding": "utf-8",
        "content-type": content_type,
        "headers": {
            "lang": "py", "task": task, "id": "x", "root_id": "x", "parent_id": None, "group": None, "argsrepr": "",
            "kwargsrepr": "", "origin": "t", "retries": 0, "timelimit": [None, None], "eta": None, "expires": None,
        },
        "properties": {
            "correlation_id": "x", "reply_to": "", "delivery_mode": 2, "delivery_tag": f"{task} {content_type} {args}",
            "delivery_info": {"exchange": "", "routing_key": "gpu"}, "priority": 0, "body_encoding": "base64",
        },
    }  # fmt: skip
    return json.dumps(whole)


def without(name: str) -> str:
    whole = json.loads(message(TASK, [1]))
    del whole["properties"][name]
    return json.dumps(whole)


TASK = "detector.tasks.embed_shard_task"
FOREIGN = {
    "garbage": ("garbage{{{", "it is no JSON"),
    "bytes": (b"\xff\xfe\x00", "it is no JSON"),
    "no message": ("[1, 2]", "it lacks what a message has"),
    "no properties": ('{"body": "aGVsbG8="}', "it lacks what a message has"),
    "no place": (without("delivery_info"), "it lacks what a message has"),
    "no number": (without("delivery_tag"), "it lacks what a message has"),
    "unknown task": (message("detector.tasks.no_such_task", [1]), "unregistered task"),
    "pickle": (message(TASK, [1], body=pickle.dumps([1]), content_type="application/x-python-serialize"), "untrusted"),
    "too many arguments": (message(TASK, [1, 2, 3]), "one row; a message with (1, 2, 3)"),
    "a path": (message(TASK, ["../../etc/passwd"]), "a message with ('../../etc/passwd')"),
    "beyond any key": (message(TASK, [2**70]), f"a message with ({2**70})"),
}  # fmt: skip


def test_foreign_messages_are_dropped_in_words_and_the_work_goes_on(place: Installation, own_servers: Servers) -> None:
    worker = place.worker("only")
    queue = place.environment["REDIS_KEY_PREFIX"] + "gpu"
    with redis.Redis.from_url(own_servers.redis.url) as broker:
        for content, _ in FOREIGN.values():
            broker.lpush(queue, content)
        until("all are taken", lambda: broker.llen(queue) == 0)
    (run,) = place.work("begin", embeddings=[{"slug": "good", "clips": 2, "shard": 2}])["runs"]
    place.await_done(run)
    assert worker.process.poll() is None
    log = worker.log()
    for name, (_, words) in FOREIGN.items():
        assert words in log, name
    assert "Unrecoverable error" not in log and "broker lost" not in log
    assert "unexpected" not in log  # no task raised
    place.check()
