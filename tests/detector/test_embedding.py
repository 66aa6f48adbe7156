"""Embedding a set: bad clips are named, nothing is embedded twice, any set with the same sound finds its vectors."""

import numpy as np
import pytest
from django.core.files.storage import default_storage

from detector.ml.checkpoint import BadFile
from detector.ml.embeddings.registry import AISFX
from detector.models import ClipEmbedding, EmbeddingRun, EmbeddingShard, VectorFile
from detector.services import embedding
from detector.services.corpus import clips_by_content
from detector.services.embedding import cancel_embedding, plan_embedding
from detector.services.embedding_work import embed_shard, run_embedding
from detector.services.vectors import MissingVectors, load_frames, load_means, publish
from studyapp.errors import InvalidAction, NotFound
from studyapp.models import SetMember, Stimulus, StimulusSet
from studyapp.services.jobs import LostClaim, claim
from studyapp.vocab import JobState
from tests.detector.material import give_audio, give_vectors, make_set

pytestmark = pytest.mark.django_db


@pytest.mark.once
def test_a_set_is_embedded_and_a_bad_clip_becomes_a_failure_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "SHARD_CLIPS", 4)
    made = make_set("sounds", n=6)
    give_audio(made)
    broken = made.own_stimuli.first()
    assert broken is not None
    broken.audio_path = "stimuli/nowhere.wav"
    broken.save()
    lines: list[str] = []
    run = run_embedding(run=plan_embedding(stimulus_set=made, encoder="aisfx", device="cpu"), report=lines.append)
    assert run.state == JobState.DONE.value
    assert [failure.stimulus for failure in run.failures.all()] == [broken]
    assert ClipEmbedding.objects.count() == 5
    assert "1 clips failed" in lines[-1]
    good = sorted(set(clips_by_content(made)) - {broken.sha256})
    means = load_means(good, spec=AISFX)
    assert means.shape == (5, 512) and means.dtype == np.float32
    assert np.allclose(load_frames(good[0], spec=AISFX).mean(axis=0), means[0])
    with pytest.raises(MissingVectors, match="1 of 6"):
        load_means(list(clips_by_content(made)), spec=AISFX)


def test_a_second_run_has_nothing_to_do() -> None:
    made = make_set("twice", n=5)
    give_vectors(made)
    run = plan_embedding(stimulus_set=made, encoder="aisfx")
    assert (run.state, run.n_reused, run.shards.count()) == (JobState.DONE.value, 5, 0)
    assert plan_embedding(stimulus_set=made, encoder="aisfx") == run  # asking again adds no row
    assert EmbeddingRun.objects.count() == 2


def test_a_set_that_shares_sounds_embeds_only_the_others() -> None:
    first, second = make_set("first", n=5), make_set("second", n=3)
    give_vectors(first)
    for place, stimulus in enumerate(first.own_stimuli.all()):
        SetMember.objects.create(stimulus_set=second, stimulus=stimulus, position=100 + place)
    run = plan_embedding(stimulus_set=second, encoder="aisfx")
    assert (run.n_clips, run.n_reused) == (8, 5)
    assert len(run.shards.get().stimulus_ids) == 3


def test_the_same_clips_done_twice_are_one_file_with_the_same_bytes() -> None:
    made = make_set("bytes", n=4)
    give_vectors(made)
    before = VectorFile.objects.get()
    ClipEmbedding.objects.all().delete()
    give_vectors(made)
    assert VectorFile.objects.get().sha256 == before.sha256
    assert ClipEmbedding.objects.count() == 4


def test_a_worker_that_lost_its_claim_publishes_nothing() -> None:
    made = make_set("lost", n=4)
    run = plan_embedding(stimulus_set=made, encoder="aisfx")
    held = claim(job=EmbeddingShard, pk=run.shards.get().pk)
    assert held is not None
    cancel_embedding(run=run)
    shas = list(clips_by_content(made))
    with pytest.raises(LostClaim):
        publish(shas=shas, frames=[np.zeros((1, 512), dtype=np.float32)] * 4, spec=AISFX, claim=held)
    assert not ClipEmbedding.objects.exists()
    assert not embed_shard(shard_id=run.shards.get().pk)


def test_means_come_in_the_order_asked_for() -> None:
    made = make_set("order", n=6)
    give_vectors(made)
    shas = list(clips_by_content(made))
    assert np.array_equal(load_means(shas[::-1], spec=AISFX), load_means(shas, spec=AISFX)[::-1])


def test_a_changed_vector_file_is_refused() -> None:
    made = make_set("changed", n=3)
    give_vectors(made)
    name = VectorFile.objects.get().name
    with default_storage.open(name, "rb") as file:
        content = file.read()
    default_storage.delete(name)
    try:
        from django.core.files.base import ContentFile

        default_storage.save(name, ContentFile(content[:-1] + b"\x01"))
        with pytest.raises(BadFile, match="has changed"):
            load_means(list(clips_by_content(made)), spec=AISFX)
    finally:
        default_storage.delete(name)


def test_an_unknown_encoder_and_an_empty_set_are_refused() -> None:
    empty = StimulusSet.objects.create(slug="empty")
    with pytest.raises(InvalidAction, match="no clips"):
        plan_embedding(stimulus_set=empty, encoder="aisfx")
    with pytest.raises(NotFound, match="aisfx"):
        plan_embedding(stimulus_set=empty, encoder="nope")


def test_the_same_sound_in_two_stimuli_is_embedded_once() -> None:
    made = make_set("doubles", n=3)
    twin = Stimulus.objects.get(pk=made.own_stimuli.all()[0].pk)
    other = make_set("doubles-2", n=1)
    Stimulus.objects.filter(home_set=other).update(sha256=twin.sha256)
    SetMember.objects.create(stimulus_set=made, stimulus=other.own_stimuli.get(), position=99)
    assert plan_embedding(stimulus_set=made, encoder="aisfx").n_clips == 3
