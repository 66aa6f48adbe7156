"""Numbers that are none: an encoder's become failures of their clips, a training's end it in words, at once."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from detector.ml.embeddings import entry_points
from detector.ml.embeddings.specs_aisfx import AISFX
from detector.models import ClipEmbedding, EmbeddingShard, Training
from detector.services import vectors
from detector.services.embedding import plan_embedding
from detector.services.embedding_work import run_embedding
from detector.services.training import plan_training
from detector.services.training_work import train_detectors
from detector.services.vectors import BadVectors, publish
from studyapp.errors import EarwitnessError
from studyapp.models import StimulusSet
from studyapp.services.jobs import claim
from studyapp.vocab import JobState
from tests.detector.material import TINY, give_audio, give_vectors, make_set

pytestmark = pytest.mark.django_db
ODD = """
from dataclasses import replace
import numpy as np
from tests.faults.slow_encoder import SLOW
SPEC = replace(SLOW, name="odd", module="odd_encoder", frames_dtype="float16",
               weights=replace(SLOW.weights, name="odd"))

class Odd:
    def frames(self, sounds):
        given = [np.full((3, 4), 0.5, dtype=np.float32) for _ in sounds]
        given[0][1, 2] = np.nan
        given[1][:] = 1e6  # finite, and infinite in float16
        given[2] = given[2][:, :3]
        return given[:len(sounds) - MISSING]

MISSING = 0
def load(spec, *, device, weights=None):
    return Odd()
"""


@pytest.fixture
def odd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StimulusSet]:
    """Install a package with an encoder of its own, and return a set of five clips."""
    (tmp_path / "odd_encoder.py").write_text(ODD)
    info = tmp_path / "odd_encoder-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: odd-encoder\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[earwitness.encoders]\nodd = odd_encoder:SPEC\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    entry_points._loaded.cache_clear()
    monkeypatch.setattr("detector.services.embedding_work.loaded_encoder", _loaded_anew)
    made = make_set("odd", n=5)
    give_audio(made)
    yield made
    entry_points._loaded.cache_clear()


def _loaded_anew(name: str, device: str) -> object:
    from detector.ml.embeddings.registry import load_encoder
    from detector.selectors.encoders import known_encoder

    return load_encoder(known_encoder(name), device=device)


def test_clips_whose_vectors_cannot_be_stored_are_failures_that_name_clip_and_encoder(odd: StimulusSet) -> None:
    run = run_embedding(run=plan_embedding(stimulus_set=odd, encoder="odd", device="cpu"))
    assert run.state == JobState.DONE.value
    in_order = list(odd.own_stimuli.order_by("sha256", "pk"))
    failures = {failure.stimulus: failure.detail for failure in run.failures.all()}
    assert failures == {
        in_order[0]: "odd gave numbers that are NaN or too large to store, in 1 of 3 frames.",
        in_order[1]: "odd gave numbers that are NaN or too large to store, in 3 of 3 frames.",
        in_order[2]: "odd gave an array of shape (3, 3), and (frames, 4) is wanted, with a frame at least.",
    }
    stored = set(ClipEmbedding.objects.filter(fingerprint=run.fingerprint).values_list("audio_sha256", flat=True))
    assert stored == {each.sha256 for each in in_order[3:]}


def test_an_encoder_that_gives_too_few_arrays_fails_in_words(odd: StimulusSet, monkeypatch: pytest.MonkeyPatch) -> None:
    import odd_encoder  # type: ignore[import-not-found]

    monkeypatch.setattr(odd_encoder, "MISSING", 1)
    with pytest.raises(EarwitnessError, match="odd gave 4 arrays for 5 clips"):
        run_embedding(run=plan_embedding(stimulus_set=odd, encoder="odd", device="cpu"))
    assert not ClipEmbedding.objects.exists()


def test_vectors_that_are_not_finite_are_not_published() -> None:
    made = make_set("direct", n=2)
    held = claim(job=EmbeddingShard, pk=plan_embedding(stimulus_set=made, encoder="aisfx").shards.get().pk)
    assert held is not None
    frames = [np.full((1, AISFX.dim), value, dtype=np.float32) for value in (0.0, np.nan)]
    with pytest.raises(BadVectors, match="aisfx gave numbers that are NaN"):
        publish(shas=["a" * 64, "b" * 64], frames=frames, spec=AISFX, claim=held)
    assert not ClipEmbedding.objects.exists()


def failed_at_once(training: Training) -> str:
    """Do a training as a worker does; it must have failed at its first attempt. Return its words."""
    assert train_detectors(training_id=training.pk)
    training.refresh_from_db()
    assert (training.state, training.attempts, training.runs.count()) == (JobState.FAILED.value, 1, 0)
    return training.error


def test_a_training_on_vectors_that_were_stored_with_nan_fails_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    made = make_set("stored", n=60)
    with monkeypatch.context() as before:
        spoiled = vectors._arrays

        def with_nan(frames: object, spec: object) -> dict[str, np.ndarray]:
            arrays = spoiled(frames, spec)  # type: ignore[arg-type]
            arrays["means"][4] = np.nan
            return arrays

        before.setattr(vectors, "_arrays", with_nan)
        give_vectors(made)
    training = plan_training(stimulus_set=made, encoder="aisfx", n_runs=2, config=TINY, device="cpu")
    assert "1 of 60 clips have aisfx vectors with numbers that are NaN or infinite" in failed_at_once(training)


def test_a_training_whose_loss_is_no_number_fails_in_words() -> None:
    made = make_set("wild", n=60)
    give_vectors(made)
    config = {**TINY, "learning_rate": 1e30}
    training = plan_training(stimulus_set=made, encoder="aisfx", n_runs=2, config=config, device="cpu")
    assert "of run 1, 2 is no finite number after epoch 1. Take a smaller learning rate" in failed_at_once(training)
