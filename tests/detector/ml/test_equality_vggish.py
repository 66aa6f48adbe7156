"""Our VGGish equals torchvggish's network behind torchvggish's front-end, on real clips with drawn weights."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from detector.ml.embeddings import vggish
from detector.ml.embeddings.registry import SPECS, load_encoder

from . import official, published
from .equality import GATE, Case, Theirs, difference, read_clips

pytestmark = [pytest.mark.once, pytest.mark.clips]


def package(state: official.State) -> Theirs:
    """As the authors: waveform_to_examples, the network without its last ReLU, no PCA."""
    network = published.vggish()
    network.load_state_dict(state)
    network.embeddings = network.embeddings[:-1]
    front_end = published.part("torchvggish.vggish_input").waveform_to_examples
    return lambda samples: network(front_end(samples.numpy().astype(np.float64), 16000))


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    made = Case("vggish", tmp_path_factory.mktemp("vggish"), read_clips(10), package)
    yield made
    made.remove()


def test_vectors_equal_the_packages(case: Case) -> None:
    ours = case.ours(case.spec)
    assert [frames.shape for frames in ours] == [(4, 128)] * 10
    assert difference(ours, case.theirs) <= GATE
    assert min(frames.min() for frames in ours) < 0  # no ReLU at the end


def test_the_gate_fails_on_a_wrong_fmin(case: Case) -> None:
    assert case.wrong_fmin(130.0) > 3 * GATE


def test_the_gate_fails_on_swapped_keys(case: Case) -> None:
    assert case.swapped("embeddings.0.bias", "embeddings.2.bias") > 3 * GATE


def test_a_clip_alone_gives_what_it_gives_in_a_batch(case: Case) -> None:
    encoder = load_encoder(case.spec, device="cpu", weights=case.weights)
    alone = [encoder.frames([sound])[0] for sound in case.sounds[:3]]
    assert difference(alone, encoder.frames(case.sounds)[:3]) <= GATE / 10


def test_the_network_has_the_published_size_and_names() -> None:
    network = vggish.build()
    assert sum(each.numel() for each in network.parameters()) == 72_141_184
    assert {name: tuple(each.shape) for name, each in network.state_dict().items()} == official.keys("vggish")


@pytest.mark.parametrize(("n_samples", "n_patches"), [(1, 1), (15600, 1), (30959, 1), (30960, 2), (64000, 4)])
def test_patches_are_those_of_the_package(n_samples: int, n_patches: int) -> None:
    samples = torch.randn(n_samples, generator=torch.Generator().manual_seed(1)) / 10
    pieces = torch.stack(list(vggish.whole_pieces(samples, 15600, 15360)))
    ours = vggish.LogMagnitude(SPECS["vggish"], "cpu")(pieces)
    assert ours.shape == (n_patches, 1, 96, 64)
    if n_samples >= 15600:
        front_end = published.part("torchvggish.vggish_input").waveform_to_examples
        theirs = front_end(samples.numpy().astype(np.float64), 16000).detach()
        assert theirs.shape == ours.shape
        assert (ours - theirs).abs().max() < 1e-4  # nepers
