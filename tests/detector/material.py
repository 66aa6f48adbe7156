"""Sets of clips with vectors, without decoding or an encoder: the vectors are drawn, the store is the real one."""

import io

import numpy as np
import soundfile

from detector.ml.embeddings.specs_aisfx import AISFX
from detector.models import EmbeddingShard, Training
from detector.services.embedding import plan_embedding, settle_embedding
from detector.services.training import plan_training
from detector.services.training_work import run_training
from detector.services.vectors import publish
from studyapp.models import Stimulus, StimulusSet
from studyapp.services import media
from studyapp.services.jobs import claim
from studyapp.vocab import Label
from tests.factories import make_stimulus

TINY = {"hidden": [16, 16, 16], "n_epochs": 20}


def make_set(slug: str, *, n: int = 40, n_fake: int | None = None) -> StimulusSet:
    """Return a set of n clips in two categories, half of them (or n_fake) fake."""
    made = StimulusSet.objects.create(slug=slug, title=f"Set {slug}", caution="Too few to say anything.")
    n_fake = n // 2 if n_fake is None else n_fake
    for place in range(n):
        label = Label.FAKE if place < n_fake else Label.REAL
        make_stimulus(made, label=label, category=("rain", "dog_bark")[place % 2])
    return made


def give_vectors(stimulus_set: StimulusSet, *, shift: float = 0.3) -> None:
    """Publish drawn vectors for the clips that have none; fakes are shifted a little."""
    run = plan_embedding(stimulus_set=stimulus_set, encoder="aisfx")
    for shard in run.shards.all():
        held = claim(job=EmbeddingShard, pk=shard.pk)
        assert held is not None
        stimuli = list(Stimulus.objects.filter(pk__in=shard.stimulus_ids).order_by("sha256"))
        rng = np.random.default_rng(11)
        frames = [
            rng.normal(shift * (stimulus.label == Label.FAKE.value), 1.0, (2, AISFX.dim)).astype(np.float32)
            for stimulus in stimuli
        ]
        publish(shas=[stimulus.sha256 for stimulus in stimuli], frames=frames, spec=AISFX, claim=held)
    settle_embedding(run_id=run.pk)


def make_training(stimulus_set: StimulusSet, *, n_runs: int = 3) -> Training:
    """Return a finished training of small networks."""
    planned = plan_training(stimulus_set=stimulus_set, encoder="aisfx", n_runs=n_runs, config=TINY, device="cpu")
    return run_training(training=planned)


def give_audio(stimulus_set: StimulusSet, *, seconds: float = 0.3) -> None:
    """Store a real WAV file for each clip; the content hash stays that of the factory."""
    rng = np.random.default_rng(2)
    for stimulus in Stimulus.objects.filter(memberships__stimulus_set=stimulus_set):
        buffer = io.BytesIO()
        soundfile.write(buffer, rng.normal(0, 0.1, int(22050 * seconds)), 22050, format="WAV", subtype="PCM_16")
        content = buffer.getvalue()
        stimulus.audio_path = media.store(media.name_for("stimuli", content, ".wav"), content)
        stimulus.save(update_fields=["audio_path"])
