"""What the store keeps of an encoder's frames: rounded as the recipe says, and the mean of what was rounded."""

from dataclasses import replace

import numpy as np
import pytest

from detector.ml.checkpoint import parse
from detector.ml.embeddings.spec import EncoderSpec, Frames
from detector.models import EmbeddingShard, VectorFile
from detector.services.embedding import plan_embedding
from detector.services.vectors import each_frames, load_frames, load_means, publish
from studyapp.services import media
from studyapp.services.jobs import claim
from tests.detector.material import make_set
from tests.detector.tiny_encoder import tiny_spec

pytestmark = pytest.mark.django_db
N_FRAMES = (3, 1, 5)
THIRDS = np.float32(1) / 3  # 0.333251953125 as float16


def tiny(frames_dtype: str) -> EncoderSpec:
    return replace(tiny_spec(sha256="5" * 64), frames_dtype=frames_dtype)


def drawn() -> list[Frames]:
    """Return frames that float16 changes: thirds, values from 1e-4 to 1e4, and what is too small for it."""
    rng = np.random.default_rng(9)
    frames = [(10.0 ** rng.uniform(-4, 4, (n, 4)) * rng.choice([-1, 1], (n, 4))).astype(np.float32) for n in N_FRAMES]
    frames[0][0], frames[0][1, 0] = THIRDS, 1e-9
    return frames


def stored(frames: list[Frames], spec: EncoderSpec) -> list[str]:
    """Publish the frames; return the clips' content hashes."""
    made = make_set("sounds", n=len(frames))
    run = plan_embedding(stimulus_set=made, encoder="aisfx")
    held = claim(job=EmbeddingShard, pk=run.shards.get().pk)
    assert held is not None
    shas = sorted(made.own_stimuli.values_list("sha256", flat=True))
    publish(shas=shas, frames=frames, spec=spec, claim=held)
    return shas


def test_frames_are_kept_as_float16_and_means_are_of_what_was_kept_in_float32() -> None:
    spec, frames = tiny("float16"), drawn()
    shas = stored(frames, spec)
    rounded = [rows.astype(np.float16) for rows in frames]
    assert all((kept != rows).any() for kept, rows in zip(rounded, frames, strict=True))
    file = VectorFile.objects.get()
    arrays, facts = parse(media.read(file.name), sha256=file.sha256)
    assert (arrays["frames"].dtype, arrays["means"].dtype) == (np.float16, np.float32)
    assert np.array_equal(arrays["frames"], np.concatenate(rounded))
    assert arrays["offsets"].tolist() == [0, 3, 4, 9]
    assert facts["recipe"]["frames_dtype"] == "float16"

    means = np.stack([np.mean(rows.astype(np.float32), axis=0, dtype=np.float32) for rows in rounded])
    assert np.array_equal(arrays["means"], means)
    # In float64 from the rounded frames, to the last bits of float32; not the mean of frames as they came, nor float16.
    assert means == pytest.approx(np.stack([rows.astype(np.float64).mean(axis=0) for rows in rounded]), rel=1e-5)
    for other in (frames, [rows.astype(np.float64) for rows in frames]):
        assert np.abs(means / np.stack([rows.mean(axis=0) for rows in other]) - 1).max() > 1e-5
    assert (means != np.stack([rows.mean(axis=0) for rows in rounded])).any()  # NumPy's mean of float16 is float16

    loaded = load_means(shas[::-1], spec=spec)
    assert loaded.dtype == np.float32 and np.array_equal(loaded, means[::-1])
    for sha, kept in zip(shas, rounded, strict=True):
        one = load_frames(sha, spec=spec)
        assert one.dtype == np.float32 and np.array_equal(one, kept.astype(np.float32))
    given = dict(each_frames(shas, encoder=spec.name, fingerprint=spec.fingerprint))
    assert {sha: rows.dtype for sha, rows in given.items()} == dict.fromkeys(shas, np.dtype(np.float16))


def test_a_recipe_of_float32_keeps_the_frames_as_they_are() -> None:
    spec, frames = tiny("float32"), drawn()
    shas = stored(frames, spec)
    for sha, rows in zip(shas, frames, strict=True):
        assert np.array_equal(load_frames(sha, spec=spec), rows)
    means = np.stack([rows.mean(axis=0) for rows in frames])
    assert np.array_equal(load_means(shas, spec=spec), means)
    file = VectorFile.objects.get()
    arrays, _ = parse(media.read(file.name), sha256=file.sha256)
    assert arrays["frames"].dtype == np.float32
