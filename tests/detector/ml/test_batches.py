"""The size of a batch is found by trying: halved where the memory does not suffice, and kept where it does."""

import logging

import pytest
import torch

from detector.ml.embeddings.batches import BatchSize

pytestmark = pytest.mark.once


class Memory:
    """Takes so many pieces at once, and remembers which it was given."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.sizes: list[int] = []
        self.seen: list[int] = []

    def take(self, part: slice) -> None:
        size = part.stop - part.start
        self.sizes.append(size)
        if size > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory")
        self.seen += range(part.start, part.stop)


@pytest.mark.parametrize("n", [0, 1, 7, 16, 37])
@pytest.mark.parametrize("room", [1, 3, 5, 100])
def test_every_piece_is_done_once_and_in_order(n: int, room: int) -> None:
    memory = Memory(room)
    BatchSize(16, what="test").each(n, memory.take)
    assert memory.seen == list(range(n))


def test_it_halves_where_the_memory_does_not_suffice_says_so_and_keeps_what_did(
    caplog: pytest.LogCaptureFixture,
) -> None:
    memory, size = Memory(5), BatchSize(16, what="aisfx")
    with caplog.at_level(logging.WARNING):
        size.each(20, memory.take)
    assert memory.sizes == [16, 8, 4, 4, 4, 4, 4] and size.value == 4
    assert [record.getMessage() for record in caplog.records] == [
        "aisfx: out of memory with 16 pieces at once, 8 now",
        "aisfx: out of memory with 8 pieces at once, 4 now",
    ]
    memory.sizes.clear()
    size.each(8, memory.take)
    assert memory.sizes == [4, 4]


def test_a_last_part_that_is_too_much_is_halved_by_its_own_size() -> None:
    memory, size = Memory(16), BatchSize(16, what="test")
    memory.room = 2
    size.each(6, memory.take)
    assert memory.sizes == [6, 3, 1, 1, 1, 1, 1, 1] and memory.seen == list(range(6))


def test_one_piece_that_is_too_much_is_an_error() -> None:
    with pytest.raises(torch.OutOfMemoryError):
        BatchSize(4, what="test").each(4, Memory(0).take)


def test_any_other_fault_is_not_tried_again() -> None:
    sizes = []

    def fail(part: slice) -> None:
        sizes.append(part.stop - part.start)
        raise RuntimeError("wrong shape")

    with pytest.raises(RuntimeError, match="wrong shape"):
        BatchSize(4, what="test").each(4, fail)
    assert sizes == [4]
