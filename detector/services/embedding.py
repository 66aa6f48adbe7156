"""Plan, settle and cancel embedding runs. What a worker does with a shard is in `embedding_work`."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from detector.ml.embeddings.spec import EncoderNotReady
from detector.models import EmbeddingRun, EmbeddingShard
from detector.selectors.encoders import known_encoder
from detector.selectors.weights import problem_with_encoder
from detector.services.corpus import clips_by_content
from detector.services.vectors import present
from studyapp.errors import InvalidAction
from studyapp.models import StimulusSet, User
from studyapp.models.job import OPEN
from studyapp.services.jobs import bring_back_if_silent, cancel, enqueue, retry
from studyapp.vocab import JobState

SHARD_CLIPS = 256


def plan_embedding(
    *, stimulus_set: StimulusSet, encoder: str, device: str = "auto", owner: User | None = None
) -> EmbeddingRun:
    """Make a run with shards for the sounds that have no vectors yet; with none missing it is done at once.

    An earlier run of the same set and recipe that had nothing to do either is returned as it is: asking again adds
    no row. Raises NotFound for an unknown encoder, InvalidAction for an empty set, EncoderNotReady when
    there is work but no weights to do it with.
    """
    spec = known_encoder(encoder)
    clips = clips_by_content(stimulus_set)
    if not clips:
        raise InvalidAction(f"The set {stimulus_set.slug} has no clips. Import some with `manage.py import_stimuli`.")
    there = present(clips, fingerprint=spec.fingerprint)
    missing = [first.pk for sha, (first, *_) in clips.items() if sha not in there]
    if missing and (problem := problem_with_encoder(spec)):
        raise EncoderNotReady(problem)
    run_fields: dict[str, Any] = {"state": JobState.QUEUED.value}
    if not missing:
        idle = EmbeddingRun.objects.filter(
            stimulus_set=stimulus_set,
            fingerprint=spec.fingerprint,
            state=JobState.DONE.value,
            n_clips=len(clips),
            n_reused=len(clips),
        )
        if (earlier := idle.first()) is not None:
            return earlier
        run_fields = {"state": JobState.DONE.value, "finished_at": timezone.now()}
    with transaction.atomic():
        run = EmbeddingRun.objects.create(
            stimulus_set=stimulus_set,
            encoder=spec.name,
            fingerprint=spec.fingerprint,
            recipe=spec.recipe,
            device=device,
            code_version=settings.VERSION,
            n_clips=len(clips),
            n_reused=len(there),
            owner=owner,
            **run_fields,
        )
        parts = [missing[start : start + SHARD_CLIPS] for start in range(0, len(missing), SHARD_CLIPS)]
        EmbeddingShard.objects.bulk_create(
            EmbeddingShard(run=run, number=number, stimulus_ids=part, n_total=len(part))
            for number, part in enumerate(parts)
        )
    return run


def enqueue_shards(run: EmbeddingRun) -> None:
    """Let workers do what is left of an embedding run."""
    queued = run.shards.filter(state=JobState.QUEUED.value)
    enqueue(EmbeddingShard, queued.values_list("pk", flat=True))


def settle_embedding(*, run_id: int) -> None:
    """Bring the run's own state up to date with its shards."""
    shards = EmbeddingShard.objects.filter(run_id=run_id)
    states = set(shards.values_list("state", flat=True))
    live = EmbeddingRun.objects.filter(pk=run_id, state__in=OPEN)
    if states & set(OPEN):
        if states != {JobState.QUEUED.value}:
            live.exclude(state=JobState.RUNNING.value).update(state=JobState.RUNNING.value)  # no write for nothing
        return
    error = "\n".join(shards.exclude(error="").order_by("number").values_list("error", flat=True).distinct())
    failed = JobState.FAILED.value in states
    state = JobState.FAILED if failed else JobState.CANCELLED if JobState.CANCELLED.value in states else JobState.DONE
    live.update(state=state.value, error=error if failed else "", finished_at=timezone.now())


@transaction.atomic
def retry_embedding(*, run: EmbeddingRun) -> bool:
    """Queue the failed and cancelled shards of a run once more; False when it has none, or has not ended."""
    ended = EmbeddingRun.objects.filter(pk=run.pk).exclude(state__in=(*OPEN, JobState.DONE.value))
    if not ended.update(state=JobState.QUEUED.value, error="", finished_at=None):
        return False
    retry(run.shards.all())
    return True


def bring_back_shards(*, run: EmbeddingRun) -> None:
    """Put the shards of a worker that fell silent back into the queue. For pages that watch the run."""
    running = run.shards.filter(state=JobState.RUNNING.value).order_by("heartbeat_at").first()
    if running is not None:
        bring_back_if_silent(running)
        settle_embedding(run_id=run.pk)
        run.refresh_from_db()


@transaction.atomic
def cancel_embedding(*, run: EmbeddingRun) -> bool:
    """Cancel what is left of a run; vectors that are stored stay. False when it had ended already."""
    now = timezone.now()
    if not EmbeddingRun.objects.filter(pk=run.pk, state__in=OPEN).update(state=JobState.CANCELLED, finished_at=now):
        return False
    cancel(run.shards.all())
    return True
