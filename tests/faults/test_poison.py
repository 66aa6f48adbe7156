"""Work that ends every process that takes it is given up after three, in words, and what waits behind it is done."""

import signal

import pytest

from tests.faults.installation import Installation, until

pytestmark = [pytest.mark.once, pytest.mark.timeout(400)]
# As if the time had passed after which a silent worker is given up.
LONG_SILENT = (
    "UPDATE detector_embeddingshard SET heartbeat_at = now() - interval '2 minutes' "
    "WHERE state = 'running' RETURNING id"
)


def test_a_shard_at_which_three_workers_die_has_failed_and_the_next_is_done(place: Installation) -> None:
    poison = {"slug": "poison", "clips": 2, "shard": 2, "encoder": "poison"}
    bad, good = place.work("begin", embeddings=[poison, {"slug": "good", "clips": 2, "shard": 2}])["runs"]
    for attempt in (1, 2, 3):
        worker = place.worker(f"victim-{attempt}")
        assert worker.process.wait(120) == -signal.SIGKILL
        assert place.shards(bad) == [("running", attempt)]
        place.query(LONG_SILENT)
    last = place.worker("last")
    until("the shard is given up", lambda: place.shards(bad) == [("failed", 3)])
    of_run = "SELECT state, error FROM detector_embeddingrun WHERE id = %s"
    until("its run has failed", lambda: place.query(of_run, bad)[0][0] == "failed")
    assert "The worker died 3 times at this" in place.query(of_run, bad)[0][1]
    place.await_done(good)
    assert last.process.poll() is None and place.shards(good) == [("done", 1)]
