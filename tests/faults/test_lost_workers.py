"""Workers killed with SIGKILL, or stopped with SIGSTOP, in the middle of a shard and of a training; none is left.

The page alone brings their work back; workers that are started later do it; one that wakes up publishes nothing.
"""

import signal
import time

import pytest

from tests.faults.installation import Installation, until

pytestmark = [pytest.mark.once, pytest.mark.timeout(400)]
SHOWN_WITHIN_S = 60.0  # after a death the page shows the work queued again


def test_the_work_of_lost_workers_comes_back_and_is_done_once(place: Installation) -> None:
    (silent_run,) = place.work("begin", embeddings=[{"slug": "silent", "clips": 40, "shard": 40}])["runs"]
    begun = place.work("begin", embeddings=[{"slug": "killed", "clips": 48, "shard": 24}], training=10)
    (killed_run,), training = begun["runs"], begun["training"]
    silent = place.worker("silent")
    until("the first worker is at its shard", lambda: place.shards(silent_run) == [("running", 1)])
    workers = [place.worker("one"), place.worker("other")]
    time.sleep(3.0)  # torch is loaded, some clips are done
    silent.send(signal.SIGSTOP)
    died = {"silent": time.monotonic()}
    assert place.shards(silent_run) == [("running", 1)]

    until("a shard is begun", lambda: ("running", 1) in place.shards(killed_run))
    until("the training has a checkpoint", lambda: place.training(training) == ("running", 1, True))
    until("a shard is at work", lambda: ("running", 1) in place.shards(killed_run))
    for each in workers:
        each.send(signal.SIGKILL)
    died["killed"] = time.monotonic()
    assert ("running", 1) in place.shards(killed_run) and place.training(training)[0] == "running"

    with place.site() as site:
        jobs = {
            "silent": ("embeddings", silent_run),
            "killed": ("embeddings", killed_run),
            "training": ("trainings", training),
        }
        for name, (kind, pk) in jobs.items():
            since = died.get(name, died["killed"])
            until(f"{name} is shown queued", lambda kind=kind, pk=pk: site.state(kind, pk) == "queued")
            assert time.monotonic() - since < SHOWN_WITHIN_S, name
    assert place.shards(silent_run)[0][0] == "queued" and ("queued", 1) in place.shards(killed_run)

    place.worker("third")
    place.worker("fourth")
    place.await_done(silent_run, killed_run)
    ended = "SELECT finished_at, claim FROM detector_embeddingshard WHERE run_id = %s"
    before = place.query(ended, silent_run)
    silent.send(signal.SIGCONT)
    until("the training is done", lambda: place.training(training)[0] == "done")
    place.check()
    silent.send(signal.SIGTERM)
    assert silent.wait(20.0) < 20.0  # it gave up its shard, and could end
    assert place.query(ended, silent_run) == before
    place.check()
