"""Our CLAP path equals msclap's audio encoder, front-end included, on real clips with drawn weights."""

from collections.abc import Iterator

import pytest
import torch
from torch.nn import functional

from detector.ml.embeddings import clap_2023
from detector.ml.embeddings.recording import recording
from detector.ml.embeddings.registry import SPECS, load_encoder

from . import official, published
from .equality import GATE, Case, Theirs, difference, read_clips

pytestmark = [pytest.mark.once, pytest.mark.clips]
RATE, WINDOW = 44100, 7 * 44100
BLOCK = "audio_encoder.base.htsat.layers.2.blocks"


def tower_of(state: official.State) -> torch.nn.Module:
    tower = published.clap()
    prefix = "audio_encoder."
    model = {name.removeprefix(prefix): each for name, each in state.items() if name.startswith(prefix)}
    done = tower.load_state_dict(model, strict=False)
    assert not done.unexpected_keys and all("num_batches" in name for name in done.missing_keys)
    return tower


def package(state: official.State) -> Theirs:
    """As the authors: a window of 7 s every second, zeros behind the end, one pass each."""
    tower = tower_of(state["model"])

    def vectors(samples: torch.Tensor) -> torch.Tensor:
        windows = [samples[start : start + WINDOW] for start in range(0, len(samples), RATE)]
        padded = [functional.pad(each, (0, WINDOW - len(each)))[None] for each in windows]
        return torch.cat([tower(each)[0] for each in padded])

    return vectors


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    made = Case("clap-2023", tmp_path_factory.mktemp("clap"), read_clips(8), package)
    yield made
    made.remove()


def test_vectors_equal_the_packages(case: Case) -> None:
    ours = case.ours(case.spec)
    assert [frames.shape for frames in ours] == [(4, 1024)] * 8
    assert difference(ours, case.theirs) <= GATE


def test_the_gate_fails_on_a_wrong_fmin(case: Case) -> None:
    assert case.wrong_fmin(60.0) > 3 * GATE


def test_the_gate_fails_on_swapped_keys(case: Case) -> None:
    assert case.swapped(f"{BLOCK}.0.attn.proj.weight", f"{BLOCK}.1.attn.proj.weight") > 3 * GATE


def test_one_pass_equals_the_packages_on_the_clip_repeated_to_seven_seconds(case: Case) -> None:
    spec = SPECS["clap-2023/one-pass"]
    ours = load_encoder(spec, device="cpu", weights=case.weights).frames(case.sounds[:3])
    tower = tower_of(case.state)
    assert [frames.shape for frames in ours] == [(1, 1024)] * 3
    with torch.inference_mode():
        clips = [recording(sound, spec, device="cpu").repeat(2)[None, :WINDOW] for sound in case.sounds[:3]]
        theirs = [tower(clip)[0].numpy() for clip in clips]
    assert difference(ours, theirs) <= GATE


def test_the_converted_file_holds_the_audio_tower_only(case: Case) -> None:
    assert 130e6 < case.weights.stat().st_size < 138e6


def test_windows_begin_every_second_and_end_in_zeros() -> None:
    samples = torch.arange(1, 2 * RATE + 2, dtype=torch.float32)
    pieces = clap_2023.cut(samples, SPECS["clap-2023"].preprocessing)
    assert [len(piece) for piece in pieces] == [WINDOW] * 3
    assert [piece[0].item() for piece in pieces] == [1, RATE + 1, 2 * RATE + 1]
    assert [int((piece > 0).sum()) for piece in pieces] == [2 * RATE + 1, RATE + 1, 1]


@pytest.mark.parametrize("n_samples", [0, 1, RATE * 4, WINDOW, WINDOW + 5])
def test_one_pass_makes_one_window_of_any_clip(n_samples: int) -> None:
    samples = torch.arange(n_samples, dtype=torch.float32)
    (piece,) = clap_2023.cut(samples, SPECS["clap-2023/one-pass"].preprocessing)
    assert len(piece) == WINDOW
    if n_samples:
        assert torch.equal(piece, (torch.arange(WINDOW) % n_samples).float())


def test_the_network_has_the_published_size_names_and_shapes() -> None:
    tower = clap_2023.build()
    assert sum(each.numel() for each in tower.base.parameters()) == 30_241_687
    assert sum(each.numel() for each in tower.projection.parameters()) == 1_837_056
    own = {
        f"audio_encoder.{name}": tuple(each.shape)
        for name, each in published.clap().state_dict().items()
        if "num_batches" not in name
    }
    assert own == official.keys("clap-2023")


def test_seven_seconds_become_965_frames_an_image_64_tokens_and_768_numbers() -> None:
    tower = clap_2023.build().eval()
    front_end = clap_2023.LogMel(SPECS["clap-2023"].preprocessing, "cpu")
    seen: dict[str, tuple[int, ...]] = {}
    htsat = tower.base.htsat
    htsat.patch_embed.register_forward_hook(lambda _m, given, _out: seen.update(image=tuple(given[0].shape)))
    htsat.norm.register_forward_hook(lambda _m, _given, out: seen.update(tokens=tuple(out.shape)))
    tower.projection.register_forward_hook(lambda _m, given, out: seen.update(latent=given[0].shape, out=out.shape))
    with torch.inference_mode():
        log_mel = front_end(torch.zeros(1, WINDOW))
        clap_2023.projected(tower, log_mel)
    assert log_mel.shape == (1, 1, 965, 64)
    assert seen == {"image": (1, 1, 256, 256), "tokens": (1, 64, 768), "latent": (1, 768), "out": (1, 1024)}
