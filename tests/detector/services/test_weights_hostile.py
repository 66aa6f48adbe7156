"""Broken and hostile files of weights: each is refused with words that help, runs nothing, and leaves nothing."""

import io
import os
import pickle
import subprocess
import time
import warnings
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save
from torch import Tensor

from detector.ml import checkpoint_reading
from detector.ml.embeddings.registry import WEIGHTS
from detector.ml.embeddings.spec import BadWeights
from detector.models import Weights
from detector.services import weights
from detector.services.weights import add_weights
from tests.detector.services.published import publish_file, write_good
from tests.detector.tiny_encoder import good_state

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture(autouse=True)
def nothing_is_left(data_dir: Path) -> Any:
    yield
    assert not Weights.objects.exists()
    assert [path for path in data_dir.rglob("*") if path.is_file()] == []


class Runs:
    """Pickles as a call of the function."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return self.call


def in_zip(data: bytes, compression: int = zipfile.ZIP_STORED) -> bytes:
    """Return a checkpoint in PyTorch's zip form that has this pickle."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        archive.writestr("archive/data.pkl", data)
        archive.writestr("archive/byteorder", "little")
        archive.writestr("archive/version", "3\n")
    return buffer.getvalue()


def deflated(state: dict[str, Tensor]) -> bytes:
    """Return the checkpoint with every entry compressed, which PyTorch reads too."""
    whole, small = io.BytesIO(), io.BytesIO()
    torch.save(state, whole)
    with zipfile.ZipFile(whole) as read, zipfile.ZipFile(small, "w", zipfile.ZIP_DEFLATED) as write:
        for entry in read.namelist():
            write.writestr(entry, read.read(entry))
    return small.getvalue()


def unfolding() -> bytes:
    """A pickle of 200 bytes whose key is a tuple doubled 60 times: to hash it takes 2**60 steps."""
    doubled = b"".join(b"q" + bytes([n]) + b"h" + bytes([n]) + b"\x86" for n in range(60))
    return b"\x80\x02})" + doubled + b"K\x01s."


def deep() -> bytes:
    return b"\x80\x02" + b"]" * 500_000 + b"a" * 499_999 + b"."


def tensors(**changes: Tensor) -> bytes:
    return saved({**good_state(), **{name.replace("__", "."): value for name, value in changes.items()}})


def saved(value: Any, **how: Any) -> bytes:
    buffer = io.BytesIO()
    torch.save(value, buffer, **how)
    return buffer.getvalue()


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "wrong key names": (lambda: saved({"other.weight": torch.ones(4, 3)}), "no tensor layer.weight"),
    "a wrong shape": (lambda: tensors(layer__bias=torch.ones(5)), r"shape \(5,\), not \(4,\)"),
    "NaN": (lambda: tensors(layer__bias=torch.full((4,), torch.nan)), "layer.bias holds values that are not finite"),
    "infinity": (lambda: tensors(layer__bias=torch.full((4,), -torch.inf)), "not finite"),
    "a bare tensor": (lambda: saved(torch.ones(4)), "holds a Tensor"),
    "no tensors": (lambda: saved({"epoch": 3}), "no tensors"),
    "a whole module": (lambda: saved(torch.nn.Linear(3, 4)), "torch.nn.modules.linear.Linear"),
    "a meta tensor": (lambda: tensors(layer__bias=torch.empty(4, device="meta")), "unusual kind"),
    "a sparse tensor": (lambda: tensors(layer__bias=torch.ones(4).to_sparse()), "unusual kind"),
    "32 GB by strides of nought": (lambda: tensors(layer__weight=torch.ones(1).expand(10**10)), "larger than the file"),
    "200 MB in a deflated file": (lambda: deflated({"layer.weight": torch.zeros(50_000_000)}), "larger than the file"),
    "4 GB in a deflated pickle": (lambda: in_zip(b"\x80\x02\x8e" + bytes(10**8), zipfile.ZIP_DEFLATED), "cannot read"),
    "a deep pickle": (lambda: in_zip(deep()), "holds a list|cannot read|ended by signal"),
    "random bytes": (lambda: os.urandom(5000), "cannot read"),
    "an empty zip": (lambda: b"PK\5\6" + bytes(18), "cannot read"),
    "a web page": (lambda: b"<!DOCTYPE html><html>404</html>" * 20, "cannot read"),
    "a safetensors file": (lambda: save(good_state()), "it is a safetensors file"),
    "a TorchScript archive": (lambda: scripted(), "cannot read"),
}


def scripted() -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.script(torch.nn.Linear(3, 4)), buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(("make", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_a_file_that_is_no_such_checkpoint_is_refused_even_with_the_right_hash(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, make: Callable[[], bytes], words: str
) -> None:
    path = tmp_path / "bad.pth"
    path.write_bytes(make())
    publish_file(monkeypatch, path)
    with pytest.raises(BadWeights, match=words) as caught:
        add_weights(name="tiny", path=path)
    assert "weights_only" not in str(caught.value)  # PyTorch's own words say how to switch the protection off


CONTAINERS: dict[str, Callable[[Any], bytes]] = {
    "a zip": saved,
    "the old form": lambda value: saved(value, _use_new_zipfile_serialization=False),
    "a plain pickle": pickle.dumps,
    "a state dict in a zip": lambda value: saved({**good_state(), "x": value}),
    "a model in the old form": lambda value: saved({"model": {"x": value}}, _use_new_zipfile_serialization=False),
    "protocol 0": lambda value: in_zip(pickle.dumps(value, protocol=0)),
    "protocol 5": lambda value: in_zip(pickle.dumps({"x": value}, protocol=5)),
}
CALLS: dict[str, Callable[[Path], Runs]] = {
    "os.system": lambda marker: Runs(os.system, f"touch {marker}"),
    "eval": lambda marker: Runs(eval, f"open({str(marker)!r}, 'w')"),
    "exec": lambda marker: Runs(exec, f"open({str(marker)!r}, 'w')"),
    "open": lambda marker: Runs(open, str(marker), "w"),
    "Path.touch": lambda marker: Runs(Path.touch, marker),
    "subprocess": lambda marker: Runs(subprocess.check_output, ["touch", str(marker)]),
    "torch.save": lambda marker: Runs(torch.save, {}, str(marker)),
}


EACH_CALL = [(f"{name} in a zip", saved, call) for name, call in CALLS.items()]
EACH_CONTAINER = [(f"os.system in {name}", pack, CALLS["os.system"]) for name, pack in CONTAINERS.items()]


@pytest.mark.parametrize(
    ("container", "call"),
    [pytest.param(pack, call, id=words) for words, pack, call in dict.fromkeys([*EACH_CALL, *EACH_CONTAINER])],
)
def test_a_file_that_would_run_a_program_runs_none(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    container: Callable[[Any], bytes],
    call: Callable[[Path], Runs],
) -> None:
    marker = tmp_path / "marker"
    path = tmp_path / "bad.pth"
    path.write_bytes(container(call(marker)))
    publish_file(monkeypatch, path)
    with pytest.raises(BadWeights, match="was not taken in"):
        add_weights(name="tiny", path=path)
    assert not marker.exists()


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_those_calls_do_run_in_a_reader_without_protection(tmp_path: Path, call: Callable[[Path], Runs]) -> None:
    marker = tmp_path / "marker"
    torch.load(io.BytesIO(saved(call(marker))), weights_only=False)
    assert marker.exists()


def test_a_pickle_that_would_compute_for_ever_meets_the_limit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "bad.pth"
    path.write_bytes(in_zip(unfolding()))
    publish_file(monkeypatch, path)
    monkeypatch.setattr(weights, "convert_checkpoint", partial(checkpoint_reading.convert_checkpoint, cpu_s=1))
    with pytest.raises(BadWeights, match="more than 1 s of computing"):
        add_weights(name="tiny", path=path)


def test_a_child_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "bad.pth"
    path.write_bytes(in_zip(unfolding()))
    publish_file(monkeypatch, path)
    monkeypatch.setattr(weights, "convert_checkpoint", partial(checkpoint_reading.convert_checkpoint, wall_s=6.0))
    began = time.monotonic()
    with pytest.raises(BadWeights, match="more than 6 s"):
        add_weights(name="tiny", path=path)
    assert time.monotonic() - began < 20


def test_a_file_that_needs_more_memory_than_allowed_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "bad.pth"
    path.write_bytes(deflated({"layer.weight": torch.zeros(50_000_000)}))
    publish_file(monkeypatch, path)
    limited = partial(checkpoint_reading.convert_checkpoint, memory_bytes=60_000_000)
    monkeypatch.setattr(weights, "convert_checkpoint", limited)
    with pytest.raises(BadWeights, match=r"memory|ended by signal"):
        add_weights(name="tiny", path=path)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda content: b"", "is empty"),
        (lambda content: content[:-1], "cut short"),
        (lambda content: content + b"x", "another file: it has"),
        (lambda content: content[:-1] + b"x", "its SHA-256 begins with"),
    ],
    ids=["empty", "truncated", "longer", "one byte changed"],
)
def test_another_file_than_the_published_one_is_refused_unread(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, spoil: Callable[[bytes], bytes], words: str
) -> None:
    path = write_good(tmp_path / "good.pth")
    publish_file(monkeypatch, path)
    path.write_bytes(spoil(path.read_bytes()))
    monkeypatch.setattr(weights, "convert_checkpoint", None)  # nothing may be read
    with pytest.raises(BadWeights, match=words) as caught:
        add_weights(name="tiny", path=path)
    assert "weights add tiny FILE" in str(caught.value)


def test_a_missing_file_a_folder_and_a_pipe_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    publish_file(monkeypatch, write_good(tmp_path / "good.pth"))
    os.mkfifo(tmp_path / "pipe")
    for name, words in (("nowhere.pth", "There is no file"), ("", "not a regular file"), ("pipe", "not a regular")):
        with pytest.raises(BadWeights, match=words):
            add_weights(name="tiny", path=tmp_path / name)


def test_a_file_that_changes_while_it_is_read_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = write_good(tmp_path / "good.pth")
    publish_file(monkeypatch, path)

    def convert(*args: Any, **kwargs: Any) -> Path:
        converted = checkpoint_reading.convert_checkpoint(*args, **kwargs)
        path.write_bytes(path.read_bytes())
        return converted

    monkeypatch.setattr(weights, "convert_checkpoint", convert)
    with pytest.raises(BadWeights, match="changed while it was read"):
        add_weights(name="tiny", path=path)


@pytest.mark.parametrize("name", [name for name, source in WEIGHTS.items() if source.kind == "download"])
def test_no_official_weights_take_a_file_of_another_size_or_hash(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    monkeypatch.setattr(weights, "convert_checkpoint", None)  # nothing may be read
    path = write_good(tmp_path / "good.pth")
    with pytest.raises(BadWeights, match="cut short"):
        add_weights(name=name, path=path)
    os.truncate(path, WEIGHTS[name].n_bytes)  # the right size, mostly a hole
    with pytest.raises(BadWeights, match="not the published"):
        add_weights(name=name, path=path)
