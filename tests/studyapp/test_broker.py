"""The broker of files drops what is no message, and gives on what is one. For Redis: tests/faults."""

import logging
from pathlib import Path

import pytest
from kombu import Connection, Consumer, Queue
from kombu.transport import filesystem, virtual

pytestmark = pytest.mark.once
# Their names begin with a zero, as those of messages never do: files are taken in the order of their names.
FOREIGN = {"00": b"garbage{{{", "01": b"\xff\xfe", "02": b"[1]", "03": b'{"body": "aGVsbG8="}'}


def test_a_file_that_is_no_message_is_dropped_in_words_and_the_next_one_arrives(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    # kombu keeps what a process has bound, whatever the folder: a queue bound before is not written to this one.
    monkeypatch.setattr(filesystem.Transport, "global_state", virtual.BrokerState())
    folder = tmp_path / "queue"
    folder.mkdir()
    options = {
        "data_folder_in": str(folder),
        "data_folder_out": str(folder),
        "control_folder": str(tmp_path / "control"),
    }
    arrived: list[object] = []
    with Connection("filesystem://", transport_options=options) as broker:
        for name, content in FOREIGN.items():
            (folder / f"{name}.gpu.msg").write_bytes(content)
        broker.SimpleQueue("gpu").put({"job": 7})

        def take(body: object, message: object) -> None:
            arrived.append(body)
            message.ack()  # type: ignore[attr-defined]

        with caplog.at_level(logging.ERROR), Consumer(broker, Queue("gpu"), callbacks=[take]):
            for _ in range(50):
                if arrived:
                    break
                try:
                    broker.drain_events(timeout=0.2)
                except TimeoutError:
                    continue
    assert arrived == [{"job": 7}]
    said = [record.getMessage() for record in caplog.records if record.name == "studyapp.broker"]
    assert [("no JSON" in each, "lacks" in each) for each in said] == [(True, False)] * 2 + [(False, True)] * 2
