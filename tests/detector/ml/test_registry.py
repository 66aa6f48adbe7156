"""Every encoder of the registry: complete as data, ready here, and listed without loading anything."""

import subprocess
import sys

import numpy as np
import pytest

from detector.ml.embeddings.registry import SPECS, encoder_spec, load_encoder
from detector.ml.embeddings.spec import EncoderNotReady, EncoderSpec, Sound, packaged_weights, verified_weights
from studyapp.errors import NotFound

pytestmark = pytest.mark.once
EACH = pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS.keys())


def test_listing_encoders_loads_no_network_library() -> None:
    code = (
        "import sys; from detector.ml.embeddings.registry import SPECS; [spec.fingerprint for spec in SPECS.values()];"
        "print([name for name in ('torch', 'librosa', 'aisfx', 'django') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@EACH
def test_a_spec_names_its_licence_citation_and_hash(spec: EncoderSpec) -> None:
    assert spec.licence and spec.citation and spec.url.startswith("https://")
    assert len(spec.weights.sha256) == 64
    assert spec.name == next(name for name, each in SPECS.items() if each is spec)


@EACH
def test_the_installed_weights_are_those_of_the_recipe(spec: EncoderSpec) -> None:
    path = verified_weights(spec.weights)
    assert path.stat().st_size == spec.weights.n_bytes


@EACH
def test_an_encoder_gives_float32_frames_of_its_width_for_any_sound(spec: EncoderSpec) -> None:
    encoder = load_encoder(spec, device="cpu")
    rng = np.random.default_rng(1)
    short = Sound(rng.normal(0, 0.1, (800, 1)).astype(np.float32), 16000)  # 50 ms
    stereo = Sound(rng.normal(0, 0.1, (96000, 2)).astype(np.float32), 48000)
    silent = Sound(np.zeros((44100, 1), dtype=np.float32), 44100)
    for frames in encoder.frames([short, stereo, silent]):
        assert frames.dtype == np.float32
        assert frames.shape[1] == spec.dim
        assert np.isfinite(frames).all()


def test_fingerprints_differ_between_recipes_and_change_with_a_parameter() -> None:
    from dataclasses import replace

    spec = SPECS["aisfx"]
    changed = replace(spec, preprocessing={**spec.preprocessing, "n_mels": 95})
    assert len({each.fingerprint for each in [*SPECS.values(), changed]}) == len(SPECS) + 1
    assert replace(spec, recipe_version=99).fingerprint != spec.fingerprint


def test_an_unknown_name_is_answered_with_those_that_exist() -> None:
    with pytest.raises(NotFound, match="aisfx"):
        encoder_spec("vggish-typo")


def test_other_weights_than_the_recipes_are_refused() -> None:
    from dataclasses import replace

    source = SPECS["aisfx"].weights
    with pytest.raises(EncoderNotReady, match="SHA-256"):
        verified_weights(replace(source, sha256="0" * 64))
    missing = replace(source, package="aisfx_that_is_not_there")
    assert packaged_weights(missing) is None
    with pytest.raises(EncoderNotReady, match="pip install"):
        verified_weights(missing)
