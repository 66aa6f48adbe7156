"""Whoever writes on SQLite keeps every participant waiting: no transaction of a worker takes long.

Measured in processor time of the thread, which a busy machine does not stretch; what waits within one is not seen.
Without Python's garbage collection, which looks through the objects of all tests before: half a second in a whole run.
"""

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.db.transaction import Atomic

from detector.services.embedding import SHARD_CLIPS
from studyapp.services.stimulus_import import import_stimuli
from tests.detector.material import give_vectors, make_set, make_training
from tests.installation import write_clips
from tests.studyapp.launched import BARE, launch

pytestmark = pytest.mark.django_db(transaction=True)
LONGEST_S = 0.25


@contextmanager
def timed_transactions() -> Iterator[list[float]]:
    """Give the list of how long each outermost transaction of this thread took, seconds."""
    took: list[float] = []
    began: list[float] = []
    enter, leave = Atomic.__enter__, Atomic.__exit__

    def timed_enter(block: Atomic) -> None:
        if not connection.in_atomic_block:
            began[:] = [time.thread_time()]
        enter(block)

    def timed_exit(block: Atomic, *error: Any) -> None:
        leave(block, *error)
        if not connection.in_atomic_block:
            took.append(time.thread_time() - began[0])

    with patch.object(Atomic, "__enter__", timed_enter), patch.object(Atomic, "__exit__", timed_exit):
        gc.disable()
        try:
            yield took
        finally:
            gc.enable()


def test_embedding_training_import_and_launch_hold_the_database_for_moments_only(tmp_path: Path) -> None:
    corpus = make_set("corpus", n=SHARD_CLIPS)
    write_clips(tmp_path / "clips", n=25)
    with timed_transactions() as took:
        give_vectors(corpus)  # one shard of the full size
        make_training(corpus, n_runs=10)
        import_stimuli(path=tmp_path / "clips", set_slug="sounds", layout="folders")
        launch(config=BARE, n_fake=20, n_real=20)
    assert len(took) > 4
    assert max(took) < LONGEST_S, [round(each, 3) for each in took if each > LONGEST_S / 5]
