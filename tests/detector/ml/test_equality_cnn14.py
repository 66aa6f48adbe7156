"""Our Cnn14 path equals panns_inference's class with its torchlibrosa front-end, on real clips with drawn weights."""

from collections.abc import Iterator

import pytest
import torch

from detector.ml.embeddings import panns
from detector.ml.embeddings.registry import SPECS, load_encoder

from . import official, published
from .equality import GATE, Case, Theirs, difference, read_clips

pytestmark = [pytest.mark.once, pytest.mark.clips]
SOURCE = "panns-cnn14-32k"


def package(state: official.State) -> Theirs:
    network = published.cnn14()
    network.load_state_dict(state["model"])
    return lambda samples: network(samples[None])["embedding"]


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    made = Case(SOURCE, tmp_path_factory.mktemp("cnn14"), read_clips(8), package)
    yield made
    made.remove()


def test_vectors_equal_the_packages(case: Case) -> None:
    ours = case.ours(case.spec)
    assert [frames.shape for frames in ours] == [(1, 2048)] * 8
    assert difference(ours, case.theirs) <= GATE


def test_the_gate_fails_on_a_wrong_fmin(case: Case) -> None:
    assert case.wrong_fmin(60.0) > 3 * GATE


def test_the_gate_fails_on_swapped_keys(case: Case) -> None:
    assert case.swapped("conv_block5.bn1.running_var", "conv_block5.bn2.running_var") > 3 * GATE


def test_the_16k_bug_gives_the_network_half_as_many_samples(case: Case) -> None:
    spec = SPECS[f"{SOURCE}/16k-bug"]
    encoder = load_encoder(spec, device="cpu", weights=case.weights)
    ours, theirs = encoder.frames(case.sounds[:3]), case.reference(spec, case.sounds[:3])
    assert difference(ours, theirs) <= GATE
    assert difference(ours, case.theirs[:3]) > 0.1


def test_seconds_are_the_vectors_of_the_seconds(case: Case) -> None:
    encoder = load_encoder(SPECS[f"{SOURCE}/1s"], device="cpu", weights=case.weights)
    whole = load_encoder(case.spec, device="cpu", weights=case.weights)
    sound = case.sounds[0]
    # At a whole rate the cut before resampling is not the cut after it, so the samples are taken as they are.
    at_rate = sound._replace(sample_rate_hz=32000)
    (frames,) = encoder.frames([at_rate])
    n = len(sound.samples) // 32000
    parts = [at_rate._replace(samples=sound.samples[i * 32000 : (i + 1) * 32000]) for i in range(n)]
    assert frames.shape == (n, 2048)
    assert difference([frames], [torch.cat([torch.from_numpy(each) for each in whole.frames(parts)]).numpy()]) <= GATE


def test_the_network_has_the_published_size_and_names() -> None:
    network = panns.build()
    assert sum(each.numel() for each in network.parameters()) == 80_753_615
    own = {
        name: tuple(each.shape) for name, each in published.cnn14().state_dict().items() if "num_batches" not in name
    }
    assert own == official.keys(SOURCE)


@pytest.mark.parametrize(("n_samples", "n_padded"), [(0, 9920), (100, 9920), (9920, 9920), (128001, 128001)])
def test_a_clip_too_short_for_the_network_is_padded(n_samples: int, n_padded: int) -> None:
    (piece,) = panns.cut(torch.ones(n_samples), SPECS[SOURCE].preprocessing)
    assert piece.shape == (n_padded,)
    assert piece.sum() == n_samples


@pytest.mark.parametrize(("n_samples", "n_pieces"), [(0, 1), (31999, 1), (32000, 1), (63999, 1), (128000, 4)])
def test_a_last_part_of_a_second_is_dropped(n_samples: int, n_pieces: int) -> None:
    pieces = panns.cut(torch.ones(n_samples), SPECS[f"{SOURCE}/1s"].preprocessing)
    assert [len(piece) for piece in pieces] == [32000] * n_pieces
