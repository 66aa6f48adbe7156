"""What a worker does with a shard of an embedding run; the command does the same in the foreground."""

import time
from collections.abc import Callable, Iterator
from functools import lru_cache

from detector.ml.embeddings.registry import load_encoder
from detector.ml.embeddings.spec import Encoder, EncoderSpec, Frames, Sound
from detector.models import EmbeddingFailure, EmbeddingRun, EmbeddingShard
from detector.selectors.encoders import known_encoder
from detector.services.device import device_of
from detector.services.embedding import SHARD_CLIPS, settle_embedding
from detector.services.vectors import fault, present, publish
from detector.services.weights import weights_file
from studyapp.errors import AudioError, EarwitnessError, NotFound
from studyapp.models import Stimulus
from studyapp.services.jobs import Claim, do_claimed, reclaim_dead
from studyapp.services.stimulus_audio import load_samples
from studyapp.sound.decode import Decoder
from studyapp.vocab import JobState

Report = Callable[[str], None]
# Read and embedded together, with a look in between for a cancel and for the wish to stop: a GPU wants many, a CPU
# gains nothing from them. So many clips, or so many seconds of sound (and one clip at least).
CLIPS_AT_ONCE = {"cpu": 8, "cuda": 64}
SECONDS_AT_ONCE = {"cpu": 40.0, "cuda": 640.0}
WAIT_S = 1.0


def embed_shard(*, shard_id: int, on_clips: Callable[[int], None] = lambda n_done: None) -> bool:
    """Embed one queued shard and publish its vectors; False when another worker has it or it was cancelled.

    Bad clips become failures with their reason. Any other fault marks the shard (again queued while it has attempts
    left) and goes on to the caller.
    """
    shard = EmbeddingShard.objects.select_related("run").filter(pk=shard_id).first()
    if shard is None:
        return False
    try:
        return do_claimed(job=EmbeddingShard, pk=shard_id, do=lambda held: _embed(shard, held, on_clips))
    finally:
        settle_embedding(run_id=shard.run_id)


def run_embedding(*, run: EmbeddingRun, report: Report = lambda line: None) -> EmbeddingRun:
    """Do a run in the foreground, beside any worker that does the same; return it ended.

    Raises EarwitnessError when it failed or was cancelled.
    """
    report(f"{run.encoder}: {run.n_clips} clips, {run.n_reused} already embedded")
    while True:
        for shard in run.shards.filter(state=JobState.QUEUED.value):
            embed_shard(shard_id=shard.pk, on_clips=_counting(run, shard, report))
        run.refresh_from_db()
        if run.state not in (JobState.QUEUED.value, JobState.RUNNING.value):
            break
        if not run.shards.filter(state=JobState.QUEUED.value).exists():
            time.sleep(WAIT_S)  # a worker holds the rest, and may die at it
            reclaim_dead(job=EmbeddingShard)
            settle_embedding(run_id=run.pk)
    if run.state != JobState.DONE.value:
        raise EarwitnessError(f"Embedding {run.pk} is {run.state}. {run.error}".strip())
    n_failed = run.failures.count()
    report(f"{run.encoder}: done{f', {n_failed} clips failed' if n_failed else ''}")
    return run


def _counting(run: EmbeddingRun, shard: EmbeddingShard, report: Report) -> Callable[[int], None]:
    before = run.n_reused + shard.number * SHARD_CLIPS
    return lambda n_done: report(f"{run.encoder}: {before + n_done} of {run.n_clips} clips")


def _embed(shard: EmbeddingShard, held: Claim, on_clips: Callable[[int], None]) -> None:
    settle_embedding(run_id=shard.run_id)  # it runs now
    spec = known_encoder(shard.run.encoder)
    if spec.fingerprint != shard.run.fingerprint:
        raise EarwitnessError(
            f"The recipe of {spec.name} has changed since this run was planned. Start the embedding again."
        )
    device = device_of(shard.run.device)
    encoder = loaded_encoder(spec.name, device)
    held.beat(now=True)
    stimuli = list(Stimulus.objects.filter(pk__in=shard.stimulus_ids).order_by("sha256", "pk"))
    there = present([stimulus.sha256 for stimulus in stimuli], fingerprint=spec.fingerprint)
    stimuli = [stimulus for stimulus in stimuli if stimulus.sha256 not in there]
    shas: list[str] = []
    frames: list[Frames] = []
    n_done = 0
    with Decoder() as decoder:
        for chosen in _parts(stimuli, device):
            part = _decoded(shard.run, chosen, decoder)
            for stimulus, rows in _encoded(shard.run, part, encoder, spec) if part else []:
                frames.append(rows)
                shas.append(stimulus.sha256)
            n_done += len(chosen)
            held.beat(n_done=n_done)
            on_clips(n_done)
    if shas:
        publish(shas=shas, frames=frames, spec=spec, claim=held)
    else:
        held.finish()


def _parts(stimuli: list[Stimulus], device: str) -> Iterator[list[Stimulus]]:
    """Give the clips in order, in parts that are short enough to wait for."""
    part: list[Stimulus] = []
    for stimulus in stimuli:
        seconds = sum(each.duration_s for each in part) + stimulus.duration_s
        if part and (len(part) == CLIPS_AT_ONCE[device] or seconds > SECONDS_AT_ONCE[device]):
            yield part
            part = []
        part.append(stimulus)
    if part:
        yield part


def _decoded(run: EmbeddingRun, stimuli: list[Stimulus], decoder: Decoder) -> list[tuple[Stimulus, Sound]]:
    good = []
    for stimulus in stimuli:
        try:
            audio = load_samples(stimulus, decoder)
        except (AudioError, NotFound) as error:
            _failed(run, stimulus, str(error))
        else:
            EmbeddingFailure.objects.filter(run=run, stimulus=stimulus).delete()  # of an earlier attempt
            good.append((stimulus, Sound(audio.samples, audio.sample_rate_hz)))
    return good


def _encoded(
    run: EmbeddingRun, part: list[tuple[Stimulus, Sound]], encoder: Encoder, spec: EncoderSpec
) -> Iterator[tuple[Stimulus, Frames]]:
    """Give the clips whose frames can be stored, with them; the others become failures."""
    given = encoder.frames([sound for _, sound in part])
    if len(given) != len(part):
        raise EarwitnessError(f"{spec.name} gave {len(given)} arrays for {len(part)} clips.")
    for (stimulus, _), rows in zip(part, given, strict=True):
        if words := fault(rows, spec):
            _failed(run, stimulus, words)
        else:
            yield stimulus, rows


def _failed(run: EmbeddingRun, stimulus: Stimulus, reason: str) -> None:
    EmbeddingFailure.objects.update_or_create(run=run, stimulus=stimulus, defaults={"detail": reason})


@lru_cache(maxsize=2)
def loaded_encoder(name: str, device: str) -> Encoder:
    """Return the encoder, kept in this process for the next shard. Raises EncoderNotReady without its weights.

    device: cpu or cuda, as `device_of` gives it.
    """
    spec = known_encoder(name)
    with weights_file(spec) as weights:
        return load_encoder(spec, device=device, weights=weights)
