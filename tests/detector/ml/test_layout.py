"""A file that is not the published checkpoint is refused with what is wrong with it."""

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file
from torch import nn

from detector.ml.embeddings.layout import Layout, put_into, read_converted
from detector.ml.embeddings.spec import BadWeights

pytestmark = pytest.mark.once


class Small(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(3, 4)
        self.bn = nn.BatchNorm1d(4)
        self.register_buffer("index", torch.arange(4))


@pytest.fixture(scope="module")
def layout() -> Layout:
    return Layout.of("small", Small(), fixed={"bank": torch.eye(2)}, buffers=("index",), spread={"bn": (-40.0, 30.0)})


def published(layout: Layout) -> dict[str, torch.Tensor]:
    state = layout.drawn(1)
    return {**state, "index": state["index"].float(), "bn.num_batches_tracked": torch.tensor(3)}


def test_a_published_state_is_taken_bare_and_below_its_key_model(layout: Layout) -> None:
    state = published(layout)
    for source in (state, {"model": state, "iteration": 5}):
        taken = layout.checked(source)
        assert sorted(taken) == [
            "bank",
            "bn.bias",
            "bn.running_mean",
            "bn.running_var",
            "bn.weight",
            "fc.bias",
            "fc.weight",
            "index",
        ]
        assert taken["index"].dtype == torch.int64
        assert torch.equal(taken["fc.weight"], state["fc.weight"])
    network = Small()
    put_into(network, taken)
    assert torch.equal(network.fc.weight, state["fc.weight"])


def test_other_names_than_those_below_the_prefix_are_dropped(layout: Layout) -> None:
    state = {f"tower.{name}": tensor for name, tensor in published(layout).items()}
    taken = layout.checked({**state, "text.weight": torch.ones(3)}, prefix="tower.")
    assert "fc.weight" in taken and len(taken) == 8


def test_what_is_wrong_with_a_file_is_said(layout: Layout) -> None:
    state = published(layout)
    missing = {name: tensor for name, tensor in state.items() if name != "fc.bias"}
    cases = {
        "lacks fc.bias": missing,
        "wrong shape: fc.weight 3x4 instead of 4x3": {**state, "fc.weight": state["fc.weight"].T},
        "another front-end.*index": {**state, "index": state["index"].flip(0)},
        "another front-end.*bank": {**state, "bank": torch.eye(2) * 1.01},
        "lacks fc.weight, fc.bias, bn.weight and 3 more": {},
    }
    for words, wrong in cases.items():
        with pytest.raises(BadWeights, match=words):
            layout.checked(wrong)
        with pytest.raises(BadWeights, match="please report this"):
            layout.checked({"model": wrong})


def test_names_more_are_dropped_and_fixed_tensors_that_are_absent_are_put_in(layout: Layout) -> None:
    state = {name: tensor for name, tensor in published(layout).items() if name not in ("bank", "index")}
    taken = layout.checked({**state, "sampler.indices": torch.ones(2)})
    assert torch.equal(taken["bank"], torch.eye(2)) and torch.equal(taken["index"], torch.arange(4))
    assert "sampler.indices" not in taken


@given(st.sampled_from(["fc.weight", "index", "bank"]), st.sampled_from([None, 3, "text", {"a": 1}, [1.0]]))
def test_what_is_no_tensor_is_refused(name: str, thing: object) -> None:
    layout = Layout.of("small", Small(), fixed={"bank": torch.eye(2)}, buffers=("index",))
    with pytest.raises(BadWeights):
        layout.checked({**layout.drawn(1), name: thing})  # type: ignore[dict-item]


def test_a_not_a_number_in_a_frozen_tensor_is_refused(layout: Layout) -> None:
    with pytest.raises(BadWeights):
        layout.checked({**published(layout), "bank": torch.full((2, 2), torch.nan)})


def test_drawn_tensors_follow_the_seed_and_fit_what_enters(layout: Layout) -> None:
    one, again, other = layout.drawn(1), layout.drawn(1), layout.drawn(2)
    assert all(torch.equal(one[name], again[name]) for name in one)
    assert all(not torch.equal(one[name], other[name]) for name in layout.learned)
    assert (one["bn.running_mean"] + 40).abs().max() < 15
    assert ((one["bn.running_var"] > 400) & (one["bn.running_var"] < 1400)).all()
    assert all(tensor.dtype == torch.float32 for name, tensor in one.items() if name != "index")


def test_a_converted_file_that_is_damaged_or_another_is_refused(layout: Layout, tmp_path: Path) -> None:
    good, other, bad = (tmp_path / name for name in ("good", "other", "bad"))
    save_file(layout.drawn(1), good)
    save_file({"x": torch.ones(1)}, other)
    bad.write_bytes(good.read_bytes()[:-10])
    assert torch.equal(read_converted(good, layout)["fc.bias"], layout.drawn(1)["fc.bias"])
    with pytest.raises(BadWeights, match="lacks"):
        read_converted(other, layout)
    for path in (bad, tmp_path / "absent"):
        with pytest.raises(BadWeights, match="cannot be read"):
            read_converted(path, layout)
