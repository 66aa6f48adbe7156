"""A file in each published form and of the published size goes through `weights add`, and comes out as the encoder's
own conversion makes it: what the equality tests compare is what an installation loads."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from detector.ml.embeddings.registry import SPECS, WEIGHTS, load_encoder
from detector.selectors.encoders import known_encoder
from detector.services.weights import add_weights, weights_file
from tests.detector.ml import official

pytestmark = [pytest.mark.once, pytest.mark.django_db]
TEXT_TOWER = 550_000_000  # bytes of CLAP's file that no vector needs


def write(source: str, path: Path) -> Path:
    file = official.write(source, official.draw(source, seed=5), path)
    if source == "clap-2023":
        content = torch.load(file, weights_only=True)
        content["model"]["caption_encoder.base.wpe.weight"] = torch.zeros(TEXT_TOWER // 4)
        torch.save(content, file)
    return file


@pytest.mark.parametrize("source", [name for name, each in WEIGHTS.items() if each.kind == "download"])
def test_added_weights_are_those_of_the_equality_tests(
    source: str, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(source, tmp_path / "published.pth")
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    facts = {"sha256": digest, "sha256_prefix": "", "md5": "", "n_bytes": file.stat().st_size}
    weights = replace(WEIGHTS[source], **facts)
    monkeypatch.setitem(WEIGHTS, source, weights)
    for name, each in list(SPECS.items()):  # variants share the file
        if each.weights.name == source:
            monkeypatch.setitem(SPECS, name, replace(each, weights=weights))
    add_weights(name=source, path=file)
    wanted = load_file(official.converted(source, file, tmp_path / "wanted.safetensors"))
    spec = known_encoder(source)
    with weights_file(spec) as path:
        assert path is not None and path.stat().st_size < 340_000_000
        found = load_file(path)
        assert found.keys() == wanted.keys()
        assert all(torch.equal(found[name], wanted[name]) for name in wanted)
        load_encoder(spec, device="cpu", weights=path)
    for each in tmp_path.rglob("*.pth"):
        each.unlink()
