"""Where encoders and heads compute, and that a GPU gives the same vectors."""

import pytest
import torch

from detector.ml.device import NoDevice, prepare_device
from detector.ml.embeddings.registry import SPECS, load_encoder

from .equality import GATE, difference, read_clips

pytestmark = pytest.mark.once
HAS_GPU = torch.cuda.is_available()


def test_auto_takes_what_is_there_and_no_other_word_is_known() -> None:
    assert prepare_device("cpu") == "cpu"
    assert prepare_device("auto") == ("cuda" if HAS_GPU else "cpu")
    with pytest.raises(NoDevice, match="use auto, cpu, cuda"):
        prepare_device("gpu")


@pytest.mark.skipif(HAS_GPU, reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_said() -> None:
    with pytest.raises(NoDevice, match="no CUDA device"):
        prepare_device("cuda")


def test_on_a_gpu_nothing_is_computed_in_tf32(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = True
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert prepare_device("auto") == "cuda"
    assert not torch.backends.cudnn.allow_tf32 and not torch.backends.cuda.matmul.allow_tf32


@pytest.mark.skipif(not HAS_GPU, reason="there is no GPU")
@pytest.mark.clips
@pytest.mark.parametrize("name", [name for name in SPECS if name.endswith("/random-weights")])
def test_a_gpu_gives_the_vectors_of_the_cpu(name: str) -> None:
    sounds = read_clips(6)
    prepare_device("cuda")
    cpu, gpu = (load_encoder(SPECS[name], device=device).frames(sounds) for device in ("cpu", "cuda"))
    assert difference(gpu, cpu) <= GATE
