"""Taking in a published checkpoint: known by hash, converted once, kept whole, and found by who loads the encoder."""

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from detector.ml import checkpoint_reading
from detector.ml.checkpoint_reading import header_facts
from detector.ml.embeddings.registry import SPECS, WEIGHTS
from detector.ml.embeddings.spec import BadWeights, EncoderNotReady
from detector.models import Weights
from detector.selectors.encoders import known_encoder
from detector.selectors.weights import encoder_rows, problem_with_encoder
from detector.services import weights
from detector.services.embedding import plan_embedding
from detector.services.embedding_work import loaded_encoder, run_embedding
from detector.services.vectors import load_means
from detector.services.weights import add_weights, verify_weights, weights_file
from studyapp.errors import NotFound
from studyapp.services import media
from tests.detector.material import give_audio, make_set
from tests.detector.services.published import publish_file, write_good
from tests.detector.tiny_encoder import good_state, tiny_spec

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.usefixtures("data_dir")]


@pytest.fixture(autouse=True)
def no_encoder_of_another_test() -> None:
    loaded_encoder.cache_clear()


def test_a_published_file_is_converted_once_and_kept_under_its_content(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = write_good(tmp_path / "any name.bin")
    spec = publish_file(monkeypatch, path)
    added = add_weights(name="tiny", path=path)
    row = added.weights
    assert added.is_new and row == Weights.objects.get()
    assert (row.source_sha256, row.source_n_bytes) == (spec.weights.sha256, path.stat().st_size)
    assert (row.checked_by, row.origin) == ("SHA-256", "any name.bin")
    assert row.file_sha256 in row.file_name
    with media.local_path(row.file_name) as kept:
        state = load_file(kept)
        facts = header_facts(kept)
    assert {name: value.tolist() for name, value in state.items()} == {
        name: good_state()[name].tolist() for name in ("layer.weight", "layer.bias")
    }
    assert facts == {
        "weights": "tiny",
        "conversion": 1,
        "source_file": "tiny.pth",
        "source_sha256": spec.weights.sha256,
        "source_n_bytes": path.stat().st_size,
        "licence": "CC0",
        "url": "https://example.org/tiny.pth",
    }
    assert path.exists()


@pytest.mark.parametrize("old_form", [False, True])
def test_a_checkpoint_of_a_training_program_is_unwrapped_in_either_form_of_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, old_form: bool
) -> None:
    path = tmp_path / "wrapped.pth"
    shared = torch.arange(4.0)
    state = {**good_state(), "layer.bias": shared, "again": shared}  # two names of one memory
    torch.save({"iteration": 7, "model": state}, path, _use_new_zipfile_serialization=not old_form)
    publish_file(monkeypatch, path)
    with media.local_path(add_weights(name="tiny", path=path).weights.file_name) as kept:
        assert load_file(kept)["layer.bias"].tolist() == [0, 1, 2, 3]


def test_adding_the_same_again_does_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = write_good(tmp_path / "good.pth")
    publish_file(monkeypatch, path)
    first = add_weights(name="tiny", path=path).weights
    monkeypatch.setattr(weights, "convert_checkpoint", None)
    again = add_weights(name="tiny", path=path)
    assert not again.is_new and again.weights == first


def test_a_damaged_kept_file_is_reported_refused_and_mended_by_adding_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, data_dir: Path
) -> None:
    path = write_good(tmp_path / "good.pth")
    spec = publish_file(monkeypatch, path)
    row = add_weights(name="tiny", path=path).weights
    kept = data_dir / "media" / row.file_name
    content = kept.read_bytes()
    kept.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    (verdict,) = (each for each in verify_weights() if each.name == "tiny")
    assert "has changed. Run `manage.py weights fetch tiny`" in verdict.problem
    with pytest.raises(EncoderNotReady, match="has changed"), weights_file(spec):
        pass
    assert add_weights(name="tiny", path=path).is_new
    assert kept.read_bytes() == content
    kept.unlink()
    assert "is missing" in next(each.problem for each in verify_weights() if each.name == "tiny")
    add_weights(name="tiny", path=path)
    assert all(each.problem == "" for each in verify_weights())


def test_what_a_killed_conversion_left_is_removed_by_the_next(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, data_dir: Path
) -> None:
    path = write_good(tmp_path / "good.pth")
    publish_file(monkeypatch, path)
    left = data_dir / "weights" / "converting-gone" / "converted.safetensors"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half of it")
    add_weights(name="tiny", path=path)
    assert not left.parent.exists()


def test_a_kept_file_that_is_gone_is_not_ready_and_neither_is_an_encoder_without_its_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, data_dir: Path
) -> None:
    path = write_good(tmp_path / "good.pth")
    spec = publish_file(monkeypatch, path)
    row = add_weights(name="tiny", path=path).weights

    def found() -> tuple[bool, str]:
        (each,) = (each for each in encoder_rows() if each.spec.name == "tiny")
        return each.is_ready, each.command

    assert found() == (True, "")
    monkeypatch.setitem(SPECS, "tiny", replace(spec, packages=("no_such_package",)))
    assert found()[0] is False and "requirements-nodeps.txt" in found()[1]
    assert "needs the packages no_such_package" in problem_with_encoder(SPECS["tiny"])
    monkeypatch.setitem(SPECS, "tiny", spec)
    (data_dir / "media" / row.file_name).unlink()
    assert found() == (False, "manage.py weights fetch tiny")
    assert "is missing. Run `manage.py weights fetch tiny`" in problem_with_encoder(spec)


def test_weights_of_an_encoder_that_was_uninstalled_get_a_verdict(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = write_good(tmp_path / "good.pth")
    publish_file(monkeypatch, path)
    add_weights(name="tiny", path=path)
    Weights.objects.update(file_sha256="0" * 64)
    monkeypatch.delitem(SPECS, "tiny")
    monkeypatch.delitem(WEIGHTS, "tiny")
    verdicts = {each.name: each.problem for each in verify_weights()}
    assert "has changed. No encoder that is installed uses them" in verdicts["tiny"] and verdicts["aisfx"] == ""


def test_verify_hashes_packaged_weights_too(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [(each.name, each.problem) for each in verify_weights()] == [("aisfx", "")]
    changed = replace(SPECS["aisfx"], weights=replace(SPECS["aisfx"].weights, sha256="0" * 64))
    monkeypatch.setitem(SPECS, "aisfx", changed)
    monkeypatch.setitem(WEIGHTS, "aisfx", changed.weights)
    assert "SHA-256" in verify_weights()[0].problem


@pytest.mark.parametrize("published", ["sha256_prefix", "md5"])
def test_where_no_full_hash_is_published_it_is_recorded_at_first_use(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, published: str
) -> None:
    path = write_good(tmp_path / "good.pth")
    full, md5 = (hashlib.new(name, path.read_bytes()).hexdigest() for name in ("sha256", "md5"))
    known = {"sha256": "", published: full[:8] if published == "sha256_prefix" else md5}
    publish_file(monkeypatch, path, **known)
    with pytest.raises(EncoderNotReady, match="full SHA-256 is not published"):
        _ = known_encoder("tiny").fingerprint
    words = {"sha256_prefix": "size and 8 digits of the SHA-256", "md5": "size and MD5"}[published]
    (before,) = (row for row in encoder_rows() if row.spec.name == "tiny")
    assert (before.weights.known_by, before.weights.sha256, before.is_ready) == (words, "", False)
    row = add_weights(name="tiny", path=path).weights
    assert (row.source_sha256, row.checked_by) == (full, words)
    assert known_encoder("tiny").recipe["weights_sha256"] == full
    (after,) = (row for row in encoder_rows() if row.spec.name == "tiny")
    assert after.is_ready and after.weights.sha256_words == f"SHA-256 {full}, recorded here at first use"


def test_a_second_file_with_the_same_short_hash_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = write_good(tmp_path / "good.pth")
    publish_file(monkeypatch, path, sha256="", sha256_prefix=hashlib.sha256(path.read_bytes()).hexdigest()[:8])
    add_weights(name="tiny", path=path)
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    publish_file(monkeypatch, path, sha256="", sha256_prefix=hashlib.sha256(path.read_bytes()).hexdigest()[:8])
    with pytest.raises(BadWeights, match="One of the two is forged"):
        add_weights(name="tiny", path=path)


def test_names_without_a_download_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"There are: .*aisfx"):
        add_weights(name="nowhere", path=tmp_path)
    with pytest.raises(BadWeights, match="inside the package aisfx"):
        add_weights(name="aisfx", path=tmp_path)


def test_a_set_is_embedded_by_added_weights_and_not_without_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = write_good(tmp_path / "good.pth")
    spec = publish_file(monkeypatch, path)
    made = make_set("tinies", n=3)
    give_audio(made)
    with pytest.raises(EncoderNotReady, match="fetch tiny"):
        plan_embedding(stimulus_set=made, encoder="tiny")
    add_weights(name="tiny", path=path)
    run_embedding(run=plan_embedding(stimulus_set=made, encoder="tiny", device="cpu"))
    shas = list(made.own_stimuli.values_list("sha256", flat=True))
    means = load_means(shas, spec=spec)
    assert means.shape == (3, 4) and np.isfinite(means).all() and means.std() > 0
    # Vectors that are there need no weights.
    Weights.objects.all().delete()
    assert plan_embedding(stimulus_set=made, encoder="tiny").state == "done"


def test_weights_of_an_older_conversion_or_another_file_are_not_ready(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, data_dir: Path
) -> None:
    path = write_good(tmp_path / "good.pth")
    spec = publish_file(monkeypatch, path)
    row = add_weights(name="tiny", path=path).weights
    with weights_file(spec) as kept:
        assert kept is not None and kept.stat().st_size == row.file_n_bytes
    for module in (weights, checkpoint_reading):
        monkeypatch.setattr(module, "CONVERSION", 2)
    with pytest.raises(EncoderNotReady, match="older version"), weights_file(spec):
        pass
    assert "older version" in next(each.problem for each in verify_weights() if each.name == "tiny")
    assert add_weights(name="tiny", path=path).is_new  # converted anew
    kept_files = [each for each in (data_dir / "media/detector/weights/tiny").rglob("*") if each.is_file()]
    assert len(kept_files) == 1  # the older one is deleted
    other = tiny_spec(sha256="0" * 64, n_bytes=5)
    monkeypatch.setitem(SPECS, "tiny", other)
    with pytest.raises(EncoderNotReady, match="of another file than the recipe's"), weights_file(other):
        pass


def test_an_encoder_without_a_download_needs_no_file() -> None:
    with weights_file(SPECS["aisfx"]) as path:
        assert path is None


def test_a_full_disk_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, data_dir: Path) -> None:
    path = write_good(tmp_path / "good.pth")
    publish_file(monkeypatch, path)

    def refuse(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="No space"):
        add_weights(name="tiny", path=path)
    assert not Weights.objects.exists()
    assert [each for each in data_dir.rglob("*") if each.is_file()] == []
