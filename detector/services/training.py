"""Plan and cancel trainings. What a worker does with one is in `training_work`."""

from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage

from detector.ml.config import BadTraining, HeadConfig, Protocol, config_from_json
from detector.ml.embeddings.spec import EncoderSpec
from detector.models import Training
from detector.selectors.encoders import known_encoder
from detector.services.corpus import Corpus, read_corpus
from detector.services.divisions import divided
from detector.services.vectors import MissingVectors, present
from studyapp.models import StimulusSet, User
from studyapp.models.job import OPEN
from studyapp.reports.numbers import counted
from studyapp.services.jobs import cancel

MAX_RUNS = 100


def plan_training(
    *,
    stimulus_set: StimulusSet,
    encoder: str,
    protocol: str = Protocol.PAPER.value,
    n_runs: int = 10,
    seed: int = 42,
    config: dict[str, Any] | None = None,
    device: str = "auto",
    owner: User | None = None,
) -> Training:
    """Make a queued training, after checking that it can be done.

    Raises NotFound for an unknown encoder, MissingVectors when clips are not embedded, and BadTraining for a protocol
    that is not there, wrong numbers, or clips that cannot be trained on.
    """
    spec = known_encoder(encoder)
    if not 1 <= n_runs <= MAX_RUNS:
        raise BadTraining(f"{n_runs} runs: ask for 1 to {MAX_RUNS}")
    if seed < 0:
        raise BadTraining(f"seed {seed}: use 0 or a positive whole number")
    head = config_from_json(config or {})
    corpus = read_corpus(stimulus_set)
    n_folds = _refuse_untrainable(stimulus_set, corpus, _protocol(protocol), spec, seed=seed, config=head)
    return Training.objects.create(
        stimulus_set=stimulus_set,
        encoder=spec.name,
        fingerprint=spec.fingerprint,
        protocol=protocol,
        seed=seed,
        n_runs=n_runs,
        config=head.as_json(),
        device=device,
        code_version=settings.VERSION,
        n_clips=len(corpus.shas),
        n_total=n_folds * head.n_epochs_done,
        owner=owner,
    )


def _refuse_untrainable(
    stimulus_set: StimulusSet, corpus: Corpus, protocol: Protocol, spec: EncoderSpec, *, seed: int, config: HeadConfig
) -> int:
    """Return the number of folds.

    Raises BadTraining or MissingVectors with all that stands in the way, so that nobody mends one thing at a time.
    """
    n_missing = len(corpus.shas) - len(present(corpus.shas, fingerprint=spec.fingerprint))
    missing = (
        f"{n_missing} of {counted(len(corpus.shas), 'clip')} have no {spec.name} vectors. "
        f"Run `manage.py embed_stimuli --set {stimulus_set.slug} --embedding {spec.name}` first."
    )
    try:
        folds, _ = divided(corpus, protocol=protocol, seed=seed, config=config)
    except BadTraining as error:
        if not n_missing:
            raise
        raise BadTraining(f"{error} Also, {missing}") from None
    if n_missing:
        raise MissingVectors(missing)
    return len(folds)


def interrupted_training(
    *,
    stimulus_set: StimulusSet,
    encoder: str,
    protocol: str,
    n_runs: int,
    seed: int,
    config: dict[str, Any],
    device: str,
) -> Training | None:
    """Return a training that was asked for in just these words and has not ended, for whoever asks again; else None.

    Only one that a command planned, by this version of the program, on the clips as they are now. A training that ended
    or was cancelled is not found: asking again makes a new one.
    """
    wanted = config_from_json(config)
    open_ones = Training.objects.filter(
        stimulus_set=stimulus_set,
        fingerprint=known_encoder(encoder).fingerprint,
        protocol=protocol,
        n_runs=n_runs,
        seed=seed,
        device=device,
        code_version=settings.VERSION,
        owner=None,
        state__in=OPEN,
    )
    same = [each for each in open_ones.order_by("pk") if config_from_json(each.config) == wanted]
    clips = ("", read_corpus(stimulus_set).sha256) if same else ()
    return next((each for each in same if each.clips_sha256 in clips), None)


def cancel_training(*, training: Training) -> bool:
    """Cancel a training that has not ended; False when it had. Its worker stops at its next heartbeat."""
    is_cancelled = cancel(Training.objects.filter(pk=training.pk))
    forget_unfinished()
    return is_cancelled


def forget_unfinished() -> None:
    """Delete the saved states of trainings that have ended: nothing goes on from them. The one file that does not stay.

    Whoever ends a training calls it; a state left by a process that died in between goes at the next call.
    """
    for pk, name in (
        Training.objects.exclude(unfinished_name="").exclude(state__in=OPEN).values_list("pk", "unfinished_name")
    ):
        Training.objects.filter(pk=pk, unfinished_name=name).update(unfinished_name="")
        delete_unless_held(name)


def delete_unless_held(name: str) -> None:
    """Delete a saved state, unless a training goes on from it: two workers of one training may write the same bytes."""
    if name and not Training.objects.filter(unfinished_name=name).exists():
        default_storage.delete(name)


def _protocol(name: str) -> Protocol:
    try:
        return Protocol(name)
    except ValueError:
        known = ", ".join(word.value for word in Protocol)
        raise BadTraining(f"There is no protocol {name!r}. Known names: {known}.") from None
