"""Our Wavegram-Logmel-Cnn14 is the published layer table, Cnn14 where its second branch is shut, and right in NumPy."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch.nn import functional

from detector.ml.embeddings import wavegram
from detector.ml.embeddings.logmel import LogMel
from detector.ml.embeddings.recording import recording
from detector.ml.embeddings.registry import SPECS, load_encoder

from . import official, published
from .equality import GATE, Case, Theirs, difference, read_clips

pytestmark = [pytest.mark.once, pytest.mark.clips]
SOURCE = "panns-wavegram-logmel"
Array = NDArray[np.float64]


def layer_table(state: official.State) -> Theirs:
    """The published layer table, written down as function calls on the file's tensors; front-end by torchlibrosa."""
    t = state["model"]
    front_end = published.cnn14()

    def norm(x: torch.Tensor, name: str) -> torch.Tensor:
        parts = [t[f"{name}.{part}"] for part in ("running_mean", "running_var", "weight", "bias")]
        return functional.batch_norm(x, *parts)

    def image(x: torch.Tensor, name: str, pool: tuple[int, int]) -> torch.Tensor:
        for n in "12":
            x = functional.conv2d(x, t[f"{name}.conv{n}.weight"], padding=1)
            x = functional.relu(norm(x, f"{name}.bn{n}"))
        return functional.avg_pool2d(x, pool)

    def vectors(samples: torch.Tensor) -> torch.Tensor:
        a = functional.conv1d(samples[None, None], t["pre_conv0.weight"], stride=5, padding=5)
        a = functional.relu(norm(a, "pre_bn0"))
        for block in ("pre_block1", "pre_block2", "pre_block3"):
            for n, dilation in (("1", 1), ("2", 2)):
                a = functional.conv1d(a, t[f"{block}.conv{n}.weight"], padding=dilation, dilation=dilation)
                a = functional.relu(norm(a, f"{block}.bn{n}"))
            a = functional.max_pool1d(a, 4)
        a = image(a.reshape(1, 4, 32, -1).transpose(2, 3), "pre_block4", (2, 1))
        x = front_end.logmel_extractor(front_end.spectrogram_extractor(samples[None]))
        x = norm(x.transpose(1, 3), "bn0").transpose(1, 3)
        x = torch.cat((image(x, "conv_block1", (2, 2)), a), dim=1)
        for n in "23456":
            x = image(x, f"conv_block{n}", (1, 1) if n == "6" else (2, 2))
        x = x.mean(dim=3)
        x = x.max(dim=2).values + x.mean(dim=2)
        return functional.relu(functional.linear(x, t["fc1.weight"], t["fc1.bias"]))

    return vectors


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    made = Case(SOURCE, tmp_path_factory.mktemp("wavegram"), read_clips(8), layer_table)
    yield made
    made.remove()


def test_vectors_equal_the_layer_table(case: Case) -> None:
    ours = case.ours(case.spec)
    assert [frames.shape for frames in ours] == [(1, 2048)] * 8
    assert difference(ours, case.theirs) <= GATE


def test_the_gate_fails_on_a_wrong_fmin(case: Case) -> None:
    assert case.wrong_fmin(60.0) > 3 * GATE


def test_the_gate_fails_on_swapped_keys(case: Case) -> None:
    assert case.swapped("pre_block1.conv1.weight", "pre_block1.conv2.weight") > 3 * GATE


def test_the_16k_bug_gives_the_network_half_as_many_samples(case: Case) -> None:
    spec = SPECS[f"{SOURCE}/16k-bug"]
    encoder = load_encoder(spec, device="cpu", weights=case.weights)
    ours, theirs = encoder.frames(case.sounds[:3]), case.reference(spec, case.sounds[:3])
    assert difference(ours, theirs) <= GATE
    assert difference(ours, case.theirs[:3]) > 0.1


def test_seconds_are_the_layer_tables_vectors_of_the_seconds(case: Case) -> None:
    encoder = load_encoder(SPECS[f"{SOURCE}/1s"], device="cpu", weights=case.weights)
    # At a whole rate the cut before resampling is not the cut after it, so the samples are taken as they are.
    at_rate = case.sounds[0]._replace(sample_rate_hz=32000)
    n = len(at_rate.samples) // 32000
    parts = [at_rate._replace(samples=at_rate.samples[i * 32000 : (i + 1) * 32000]) for i in range(n)]
    (frames,) = encoder.frames([at_rate])
    assert n > 1 and frames.shape == (n, 2048)
    assert difference([frames], [np.concatenate(case.reference(case.spec, parts))]) <= GATE


def test_with_its_second_branch_shut_it_equals_the_packages_cnn14(case: Case) -> None:
    theirs, ours = published.cnn14(), wavegram.build().eval()
    drawn = official.draw("panns-cnn14-32k", seed=6)
    theirs.load_state_dict(drawn, strict=False)
    second = "conv_block2.conv1.weight"
    state = {**official.draw(SOURCE, seed=7), **drawn}
    state[second] = torch.cat((drawn[second], torch.zeros_like(drawn[second])), dim=1)  # (128, 64 + 64, 3, 3)
    wavegram.put_into(ours, state)
    front_end = LogMel(case.spec.preprocessing, "cpu")
    clips = [recording(sound, case.spec, device="cpu")[None] for sound in case.sounds[:4]]
    with torch.inference_mode():
        one = [ours(clip, front_end(clip)).numpy() for clip in clips]
        other = [theirs(clip)["embedding"].numpy() for clip in clips]
    assert difference(one, other) <= GATE


def conv(x: Array, weight: Array, *, stride: int = 1, padding: int, dilation: int = 1) -> Array:
    """(C, T) by (C', C, K): the definition of a convolution over time."""
    padded = np.pad(x, ((0, 0), (padding, padding)))
    n_out = (padded.shape[1] - dilation * (weight.shape[2] - 1) - 1) // stride + 1
    taps = [padded[:, k * dilation :][:, : (n_out - 1) * stride + 1 : stride] for k in range(weight.shape[2])]
    return sum(weight[:, :, k].astype(float) @ tap for k, tap in enumerate(taps))


def normed(x: Array, state: official.State, name: str) -> Array:
    mean, var, weight, bias = (
        state[f"{name}.{part}"].numpy().astype(float).reshape(-1, *[1] * (x.ndim - 1))
        for part in ("running_mean", "running_var", "weight", "bias")
    )
    return np.maximum(0.0, (x - mean) / np.sqrt(var + 1e-5) * weight + bias)


def conv_image(x: Array, weight: Array) -> Array:
    """(C, T, F) by (C', C, 3, 3), padded by one on each side."""
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1)))
    shifts = [(i, j, padded[:, i : i + x.shape[1], j : j + x.shape[2]]) for i in range(3) for j in range(3)]
    return sum(np.einsum("oc,ctf->otf", weight[:, :, i, j].astype(float), part) for i, j, part in shifts)


def test_the_waveform_branch_is_what_plain_numpy_gives(case: Case) -> None:
    state = official.draw(SOURCE, seed=8)
    samples = recording(case.sounds[0], case.spec, device="cpu")[:25600]
    network = wavegram.build().eval()
    wavegram.put_into(network, state)
    with torch.inference_mode():
        ours = network.wavegram(samples[None])[0].numpy()

    x = conv(samples.numpy()[None].astype(float), state["pre_conv0.weight"].numpy(), stride=5, padding=5)
    x = normed(x, state, "pre_bn0")
    for block in ("pre_block1", "pre_block2", "pre_block3"):
        x = normed(conv(x, state[f"{block}.conv1.weight"].numpy(), padding=1), state, f"{block}.bn1")
        x = normed(conv(x, state[f"{block}.conv2.weight"].numpy(), padding=2, dilation=2), state, f"{block}.bn2")
        x = x.reshape(len(x), -1, 4).max(axis=2)
    x = x.reshape(4, 32, -1).swapaxes(1, 2)  # (4, 80, 32)
    for n in "12":
        x = normed(conv_image(x, state[f"pre_block4.conv{n}.weight"].numpy()), state, f"pre_block4.bn{n}")
    x = x.reshape(64, -1, 2, 32).mean(axis=2)
    assert ours.shape == x.shape == (64, 40, 32)
    assert np.abs(ours - x).max() <= 1e-5 * np.abs(x).max()


SHAPES = {
    "pre_bn0": (1, 64, 25600),
    "pre_block1": (1, 64, 6400),
    "pre_block2": (1, 128, 1600),
    "pre_block3": (1, 128, 400),
    "pre_block4": (1, 64, 200, 32),
    "conv_block1": (1, 64, 200, 32),
    "conv_block2": (1, 128, 100, 16),
    "conv_block3": (1, 256, 50, 8),
    "conv_block4": (1, 512, 25, 4),
    "conv_block5": (1, 1024, 12, 2),
    "conv_block6": (1, 2048, 12, 2),
    "fc1": (1, 2048),
}


def test_shapes_for_four_seconds_are_those_of_the_table() -> None:
    network = wavegram.build().eval()
    seen: dict[str, tuple[int, ...]] = {}
    for name in SHAPES:
        network.get_submodule(name).register_forward_hook(
            lambda _module, _given, out, name=name: seen.update({name: tuple(out.shape)})
        )
    with torch.inference_mode():
        network(torch.zeros(1, 128000), torch.zeros(1, 1, 401, 64))
    assert seen == SHAPES


def test_the_network_has_the_published_size_and_names() -> None:
    network = wavegram.build()
    assert sum(each.numel() for each in network.parameters()) == 81_065_487
    own = {name: tuple(each.shape) for name, each in network.state_dict().items() if "num_batches" not in name}
    frozen = {name: shape for name, shape in official.keys("panns-cnn14-32k").items() if "extractor." in name}
    assert {**own, **frozen} == official.keys(SOURCE)


@pytest.mark.parametrize("n_samples", [0, 1, 10241, 31999, 32320, 128000])
def test_any_length_is_padded_so_that_the_branches_agree(n_samples: int, case: Case) -> None:
    (piece,) = wavegram.cut(torch.ones(n_samples), SPECS[SOURCE].preprocessing)
    assert len(piece) % 640 == 0 and n_samples <= len(piece) < max(n_samples + 640, 10241)


def test_an_odd_number_of_hops_still_gives_a_vector(case: Case) -> None:
    encoder = load_encoder(case.spec, device="cpu", weights=case.weights)
    sound = case.sounds[0]._replace(sample_rate_hz=32000, samples=case.sounds[0].samples[: 320 * 45])
    assert encoder.frames([sound])[0].shape == (1, 2048)
