"""Registers a file that a test wrote as an encoder's published checkpoint, with the file's own size and hash."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
import torch

from detector.ml.embeddings.registry import SPECS, WEIGHTS
from detector.ml.embeddings.spec import EncoderSpec
from tests.detector.tiny_encoder import good_state, tiny_spec


def publish_file(monkeypatch: pytest.MonkeyPatch, path: Path, *, name: str = "tiny", **source: Any) -> EncoderSpec:
    """Return the spec whose weights are this file, known by its SHA-256 unless `source` says otherwise."""
    content = path.read_bytes()
    facts = {"n_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest(), **source}
    spec = tiny_spec(name, **facts)
    monkeypatch.setitem(SPECS, name, spec)
    monkeypatch.setitem(WEIGHTS, name, spec.weights)
    return spec


def write_good(path: Path) -> Path:
    torch.save(good_state(), path)
    return path
