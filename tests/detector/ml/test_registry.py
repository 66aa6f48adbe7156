"""Every encoder of the registry: complete as data, working on any sound, and listed without loading anything.

Encoders whose weights are downloaded are loaded from a drawn file in the published form.
"""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from detector.ml.embeddings.registry import SPECS, WEIGHTS, encoder_spec, load_encoder
from detector.ml.embeddings.spec import EncoderNotReady, EncoderSpec, Sound, packaged_weights, verified_weights
from studyapp.errors import NotFound

from . import official

pytestmark = pytest.mark.once
EACH = pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS.keys())
SOURCES = pytest.mark.parametrize("name", WEIGHTS.keys())
CONTROLS = [spec for spec in SPECS.values() if spec.weights.kind == "random"]
HASH = "a" * 64


class Drawn:
    """Converted files of drawn weights, one for each source, made when first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, spec: EncoderSpec) -> Path | None:
        if spec.weights.kind != "download":
            return None
        source = spec.weights.name
        path = self._folder / f"{source}.safetensors"
        if not path.exists():
            file = official.write(source, official.draw(source, seed=3), self._folder / "published.pth")
            official.converted(source, file, path)
            file.unlink()
        return path


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drawn]:
    folder = tmp_path_factory.mktemp("drawn")
    yield Drawn(folder)
    for path in folder.iterdir():
        path.unlink()  # 1.1 GB


def known(spec: EncoderSpec) -> EncoderSpec:
    """Return the spec as it is once its weights have been used here: with their hash."""
    return spec if spec.weights.sha256 else replace(spec, weights=replace(spec.weights, sha256=HASH))


def test_listing_encoders_loads_no_network_library() -> None:
    code = (
        "import sys; from detector.ml.embeddings.registry import SPECS; [each.title for each in SPECS.values()];"
        "print([n for n in ('torch', 'librosa', 'aisfx', 'msclap', 'torchvggish', 'django') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@EACH
def test_a_spec_names_its_licence_citation_and_what_it_varies(spec: EncoderSpec) -> None:
    assert spec.licence and spec.citation and spec.title and spec.description and spec.url.startswith("https://")
    assert spec.name == next(name for name, each in SPECS.items() if each is spec)
    assert ("/" in spec.name) == bool(spec.variant_of)
    assert not spec.variant_of or spec.name.startswith(f"{spec.variant_of}/")
    assert not spec.variant_of or SPECS[spec.variant_of].dim == spec.dim


def test_only_aisfx_keeps_single_precision_frames() -> None:
    kept = {spec.name for spec in SPECS.values() if spec.frames_dtype == "float32"}
    assert kept == {"aisfx", "aisfx/random-weights"}


@SOURCES
def test_a_source_names_its_file_size_licence_and_something_to_check_it_by(name: str) -> None:
    source = WEIGHTS[name]
    assert source.name == name and source.licence and source.file and source.n_bytes > 1e7
    assert source.url.startswith("https://") and source.page.startswith("https://")
    assert len(source.sha256) == 64 or source.sha256_prefix or len(source.md5) == 32


def test_the_five_sources_are_those_of_the_recipes() -> None:
    assert list(WEIGHTS) == ["aisfx", "vggish", "clap-2023", "panns-wavegram-logmel", "panns-cnn14-32k"]
    assert {WEIGHTS[name].licence for name in WEIGHTS} == {"CC BY 4.0", "Apache-2.0", "MS-PL"}


def test_the_installed_weights_are_those_of_the_recipe() -> None:
    source = SPECS["aisfx"].weights
    assert verified_weights(source).stat().st_size == source.n_bytes


@EACH
def test_an_encoder_gives_float32_frames_of_its_width_for_any_sound(spec: EncoderSpec, drawn: Drawn) -> None:
    encoder = load_encoder(spec, device="cpu", weights=drawn.of(spec))
    rng = np.random.default_rng(1)
    nothing = Sound(np.zeros((0, 1), dtype=np.float32), 44100)
    short = Sound(rng.normal(0, 0.1, (800, 1)).astype(np.float32), 16000)  # 50 ms
    stereo = Sound(rng.normal(0, 0.1, (72000, 2)).astype(np.float32), 48000)
    silent = Sound(np.zeros((44100, 1), dtype=np.float32), 44100)
    sounds = [short, stereo, silent] if spec.module.endswith("aisfx") else [nothing, short, stereo, silent]
    for frames in encoder.frames(sounds):
        assert frames.dtype == np.float32
        assert len(frames) >= 1 and frames.shape[1] == spec.dim
        assert np.isfinite(frames.astype(spec.frames_dtype)).all()


@pytest.mark.parametrize("spec", CONTROLS, ids=[spec.name for spec in CONTROLS])
def test_a_negative_control_tells_clips_apart(spec: EncoderSpec) -> None:
    noise = np.random.default_rng(2).normal(0, 0.1, (22050, 1)).astype(np.float32)
    tone = np.sin(np.arange(22050) * 0.1, dtype=np.float32)[:, None]
    one, other = load_encoder(spec, device="cpu").frames([Sound(noise, 22050), Sound(tone, 22050)])
    means = np.stack([frames.astype(spec.frames_dtype).astype(np.float32).mean(axis=0) for frames in (one, other)])
    assert np.abs(means[0] - means[1]).max() > 0.1 * np.abs(means).max()


def test_a_negative_control_is_the_same_every_time() -> None:
    from detector.ml.embeddings import aisfx

    spec = SPECS["aisfx/random-weights"]
    one, again, other = (aisfx.random_state(spec, seed) for seed in (0, 0, 1))
    assert all(torch.equal(one[name], again[name]) for name in one)
    assert not any(torch.equal(one[name], other[name]) for name in one)


def test_fingerprints_differ_between_recipes_and_change_with_a_parameter() -> None:
    spec = SPECS["aisfx"]
    changed = replace(spec, preprocessing={**spec.preprocessing, "n_mels": 95})
    recipes = [known(each) for each in SPECS.values()]
    assert len({each.fingerprint for each in [*recipes, changed]}) == len(SPECS) + 1
    assert replace(spec, recipe_version=99).fingerprint != spec.fingerprint


def test_an_encoder_whose_weights_have_no_published_hash_has_no_fingerprint_yet() -> None:
    for name in ("vggish", "panns-wavegram-logmel", "panns-wavegram-logmel/1s"):
        with pytest.raises(EncoderNotReady, match="weights fetch"):
            _ = SPECS[name].fingerprint


def test_an_encoder_without_its_weights_says_what_to_do() -> None:
    with pytest.raises(EncoderNotReady, match="weights fetch panns-cnn14-32k"):
        load_encoder(SPECS["panns-cnn14-32k/1s"], device="cpu")


def test_an_unknown_name_is_answered_with_those_that_exist() -> None:
    with pytest.raises(NotFound, match=r"aisfx.*clap-2023/one-pass"):
        encoder_spec("vggish-typo")


def test_other_weights_than_the_recipes_are_refused() -> None:
    source = SPECS["aisfx"].weights
    with pytest.raises(EncoderNotReady, match="SHA-256"):
        verified_weights(replace(source, sha256="0" * 64))
    missing = replace(source, package="aisfx_that_is_not_there")
    assert packaged_weights(missing) is None
    assert packaged_weights(SPECS["vggish"].weights) is None
    with pytest.raises(EncoderNotReady, match="pip install"):
        verified_weights(missing)
