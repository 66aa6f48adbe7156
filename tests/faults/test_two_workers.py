"""Two workers on one run, and every message delivered twice: each shard is done once, and nobody waits for all."""

import json
from typing import Any

import pytest

from tests.faults.installation import Installation, until
from tests.faults.services import Servers

pytestmark = [pytest.mark.once, pytest.mark.timeout(300)]


def test_two_workers_share_a_run_whose_messages_come_twice(place: Installation, own_servers: Servers) -> None:
    wanted = [{"slug": "slow", "clips": 48, "shard": 8}, {"slug": "real", "clips": 24, "shard": 8, "encoder": "aisfx"}]
    begun = place.work("begin", embeddings=wanted, export="asked-for-last")
    queue = f"{place.environment['REDIS_KEY_PREFIX']}gpu"
    redis = own_servers.redis.client()
    messages: list[Any] = redis.lrange(queue, 0, -1)
    assert len(messages) == 9
    for number, message in enumerate(messages):  # again, as a broker does that did not hear the acknowledgement
        again = json.loads(message)
        again["properties"]["delivery_tag"] = f"again-{number}"
        redis.rpush(queue, json.dumps(again))
    workers = [place.worker("first")]
    until("the first shard is begun", lambda: ("running", 1) in place.shards(begun["runs"][0]))
    assert redis.llen(queue) == 17  # it takes one message at a time, and leaves the others to others
    workers.append(place.worker("second"))
    place.await_done(*begun["runs"])
    assert [place.shards(run) for run in begun["runs"]] == [[("done", 1)] * 6, [("done", 1)] * 3]
    place.check()
    assert all(worker.process.poll() is None for worker in workers)
    n_at_once = place.query(
        "SELECT count(*) FROM detector_embeddingshard one JOIN detector_embeddingshard other "
        "ON one.id < other.id AND one.started_at < other.finished_at AND other.started_at < one.finished_at"
    )
    assert n_at_once[0][0] > 0  # both were at it
    # The export was asked for after all shards, in the other queue, which a worker takes from in turn.
    ((state, n_begun),) = place.query(
        "SELECT state, (SELECT count(*) FROM detector_embeddingshard WHERE started_at < export.finished_at) "
        "FROM studyapp_studyexport export"
    )
    assert state == "done" and n_begun <= 4
