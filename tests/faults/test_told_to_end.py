"""Workers that are told to end (SIGTERM) in the middle of a shard and of a training give it back at once."""

import signal

import pytest

from tests.faults.installation import Installation, until

pytestmark = [pytest.mark.once, pytest.mark.timeout(300)]
ENDED_WITHIN_S = 20.0


def test_workers_told_to_end_give_their_work_back_as_if_they_had_never_had_it(place: Installation) -> None:
    begun = place.work("begin", embeddings=[{"slug": "sounds", "clips": 64, "shard": 64}], training=20)
    (run,), training = begun["runs"], begun["training"]
    workers = [place.worker("one"), place.worker("other")]
    until("the shard is begun", lambda: place.shards(run) == [("running", 1)])
    until("the training has a checkpoint", lambda: place.training(training) == ("running", 1, True))
    assert place.shards(run) == [("running", 1)]
    for each in workers:
        each.send(signal.SIGTERM)
    for each in workers:
        assert each.wait(ENDED_WITHIN_S) < ENDED_WITHIN_S
        assert each.process.returncode == 0
    assert place.shards(run) == [("queued", 0)]
    assert place.training(training) == ("queued", 0, True)
    assert place.query("SELECT count(*) FROM studyapp_worker") == [(0,)]  # they took their leave

    place.worker("third")
    place.worker("fourth")
    place.await_done(run)
    until("the training is done", lambda: place.training(training)[0] == "done")
    assert place.shards(run) == [("done", 1)] and place.training(training)[1] == 1
    place.check()
