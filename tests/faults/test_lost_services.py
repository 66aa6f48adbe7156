"""Redis loses its messages, PostgreSQL drops every connection, the disk is full: in the middle of a shard."""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.installation import Installation, until
from tests.faults.services import Servers

pytestmark = [pytest.mark.once, pytest.mark.timeout(400)]
DISK_BYTES = 1_000_000


def test_a_redis_that_lost_its_messages_loses_no_work(place: Installation, own_servers: Servers) -> None:
    wanted = [{"slug": "lost", "clips": 48, "shard": 16}, {"slug": "asked", "clips": 4, "shard": 4}]
    lost, first_asked = place.work("begin", embeddings=wanted)["runs"]
    worker = place.worker("only")
    with place.site() as site:
        until("a shard is begun", lambda: place.shards(lost)[0] == ("running", 1))
        own_servers.redis.kill()
        # Who asks for work meanwhile is not told of any fault: it waits as a row.
        answer = site.post("/detector/embeddings/", **{"embed-stimulus_set": "asked", "embed-encoder": "aisfx"})
        assert answer.status_code == 302
        (asked,) = place.query("SELECT max(id) FROM detector_embeddingrun")[0]
        assert asked > first_asked and place.shards(asked) == [("queued", 0)]
        until("the first shard is done without it", lambda: place.shards(lost)[0] == ("done", 1))
        time.sleep(3.0)
        own_servers.redis.start()
        place.await_done(lost, first_asked, asked)
    assert place.shards(lost) == [("done", 1)] * 3 and place.shards(asked) == [("done", 1)]
    assert worker.process.poll() is None
    place.check()


def test_a_postgresql_that_dropped_every_connection_loses_no_work(place: Installation, own_servers: Servers) -> None:
    (run,) = place.work("begin", embeddings=[{"slug": "dropped", "clips": 40, "shard": 20}])["runs"]
    with place.site() as site:
        workers = [place.worker("one"), place.worker("other")]
        until("both shards are begun", lambda: place.shards(run) == [("running", 1)] * 2)
        time.sleep(1.0)
        waiting = place.worker("waiting")
        until("a worker waits", lambda: place.query("SELECT count(*) FROM studyapp_worker") == [(3,)])
        own_servers.postgres.restart_at_once()
        assert site.state("embeddings", run) in ("queued", "running")  # the site has a new connection
        place.await_done(run)
        assert all(each.process.poll() is None for each in (*workers, waiting))
        fresh = "SELECT count(*) FROM studyapp_worker WHERE seen_at > now() - interval '15 seconds'"
        until("every worker says again that it is there", lambda: place.query(fresh) == [(3,)], within_s=20.0)
    assert all(attempts <= 2 for _, attempts in place.shards(run))
    place.check()
    (later,) = place.work("begin", embeddings=[{"slug": "later", "clips": 12, "shard": 4}])["runs"]
    place.await_done(later, within_s=30.0)
    place.check()


@pytest.fixture
def small_disk(place: Installation) -> Iterator[Path]:
    """A file system of a megabyte, where vectors are stored."""
    folder = place.data_dir / "media/detector"
    folder.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("a small file system cannot be mounted here: that needs root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> Path:
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            pass
    return ballast


def test_a_full_disk_fails_a_shard_in_words_and_leaves_nothing_half_written(
    place: Installation, small_disk: Path
) -> None:
    (run,) = place.work("begin", embeddings=[{"slug": "full", "clips": 16, "shard": 8}])["runs"]
    with place.site() as site:
        place.worker("only")
        until("the first shard is done", lambda: place.shards(run)[0] == ("done", 1))
        ballast = fill(small_disk)
        until("the run has failed", lambda: site.state("embeddings", run) == "failed")
        assert place.shards(run) == [("done", 1), ("failed", 3)]
        ((error,),) = place.query("SELECT error FROM detector_embeddingrun WHERE id = %s", run)
        assert "No space left on device" in error
        assert [path for path in small_disk.rglob("*") if path.name.startswith(".partial-")] == []
        assert "Do it again" in site.get("/detector/").text
        ballast.unlink()
        assert site.post(f"/detector/embeddings/{run}/retry").status_code == 302
        place.await_done(run)
    place.check()
