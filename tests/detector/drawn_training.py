"""A finished training whose scores are drawn, not learned: folds, tables and runs are stored without torch."""

import numpy as np

from detector.fold_tables import FoldTable, table_bytes
from detector.ml.checkpoint import digest
from detector.ml.config import config_from_json
from detector.ml.embeddings.registry import AISFX
from detector.ml.labels import permuted
from detector.ml.metrics import evaluate
from detector.ml.splits import EVALUATION, TRAIN, VALIDATION
from detector.models import DetectorRun, Fold, Training
from studyapp.models import Stimulus, StimulusSet
from studyapp.services import media
from studyapp.vocab import JobState, Label

N_EPOCHS = 20


def draw_training(
    stimulus_set: StimulusSet,
    *,
    n_runs: int = 3,
    n_folds: int = 1,
    protocol: str = "paper",
    seed: int = 0,
    encoder: str = "aisfx",
    strength: float = 1.2,
    by_cluster: float = 0.0,
    permute_labels: bool = False,
) -> Training:
    """Return a done training: every clip is held out once with several folds, a fifth of them with one.

    strength: how far the fakes' logits lie above the recordings'; 0 knows nothing. by_cluster: SD of what all clips of
    a generator or recording have in common. permute_labels: a negative control; its labels are dealt anew by the seed.
    """
    rng = np.random.default_rng(seed)
    clips = list(Stimulus.objects.filter(memberships__stimulus_set=stimulus_set).order_by("sha256"))
    training = Training.objects.create(
        stimulus_set=stimulus_set,
        encoder=encoder,
        fingerprint=AISFX.fingerprint,
        protocol=protocol,
        seed=seed,
        n_runs=n_runs,
        config=config_from_json({"n_epochs": N_EPOCHS, "permute_labels": permute_labels}).as_json(),
        code_version="0.1.0",
        n_clips=len(clips),
        state=JobState.DONE.value,
        n_done=N_EPOCHS * n_folds,
        n_total=N_EPOCHS * n_folds,
    )
    parts = rng.permutation(len(clips)) % (n_folds if n_folds > 1 else 5)
    for number in range(n_folds):
        assignment = np.where(parts == number, EVALUATION, np.where(rng.random(len(clips)) < 0.15, VALIDATION, TRAIN))
        _fold(training, number, clips, assignment.astype(np.int8), rng, strength, by_cluster)
    return training


def _fold(
    training: Training,
    number: int,
    clips: list[Stimulus],
    assignment: np.ndarray,
    rng: np.random.Generator,
    strength: float,
    by_cluster: float,
) -> None:
    is_fake = np.array([clip.label == Label.FAKE.value for clip in clips], dtype=bool)
    if training.config["permute_labels"]:
        is_fake = permuted(is_fake, seed=training.seed)
    logits = rng.normal(strength * (2 * is_fake - 1), 1.5) + rng.normal(0, 0.3, (training.n_runs, len(clips)))
    logits += by_cluster * _shared_effects(clips, seed=training.seed)
    scores = (1 / (1 + np.exp(-logits))).astype(np.float32)
    table = FoldTable(
        shas=[clip.sha256 for clip in clips],
        stimulus_ids=[clip.pk for clip in clips],
        is_fake=is_fake,
        categories=[clip.category for clip in clips],
        assignment=assignment,
        fake_scores=scores,
        generators=[clip.generator for clip in clips],
        teams=[clip.team for clip in clips],
        tracks=[clip.track for clip in clips],
        source_groups=[clip.source_group for clip in clips],
    )
    content = table_bytes(table)
    counts = {code: int((assignment == code).sum()) for code in (TRAIN, VALIDATION, EVALUATION)}
    fold = Fold.objects.create(
        training=training,
        number=number,
        name="" if training.protocol == "paper" else f"part {number + 1}",
        n_train=counts[TRAIN],
        n_validation=counts[VALIDATION],
        n_evaluation=counts[EVALUATION],
        table_name=media.store(media.name_for("detector/folds", content, ".safetensors"), content),
        table_sha256=digest(content),
    )
    DetectorRun.objects.bulk_create(
        DetectorRun(
            training=training,
            fold=fold,
            number=run,
            seed=training.seed,
            chosen_epoch=N_EPOCHS,
            validation=_metrics(is_fake, scores[run - 1], assignment == VALIDATION),
            evaluation=_metrics(is_fake, scores[run - 1], assignment == EVALUATION),
            curves=_curves(rng),
            seconds_per_epoch=0.1,
            checkpoint_name="",
            checkpoint_sha256=digest(f"{training.pk} {number} {run}".encode()),
        )
        for run in range(1, training.n_runs + 1)
    )


def _shared_effects(clips: list[Stimulus], *, seed: int) -> np.ndarray:
    """Return a normal value for each clip (n_clips,), the same for all clips of a generator or recording."""
    _, clusters = np.unique(
        [f"{clip.label} {clip.generator or clip.source_group}" for clip in clips], return_inverse=True
    )
    values: np.ndarray = np.random.default_rng([seed, 1]).normal(size=clusters.max() + 1)[clusters]
    return values


def _metrics(is_fake: np.ndarray, scores: np.ndarray, chosen: np.ndarray) -> dict[str, object]:
    return evaluate(is_fake[chosen], scores[chosen], threshold=0.5).as_json()


def _curves(rng: np.random.Generator) -> dict[str, list[float]]:
    rising = 0.95 - 0.4 * np.exp(-np.arange(N_EPOCHS) / 5)
    return {
        name: (rising - drop + rng.normal(0, 0.01, N_EPOCHS)).tolist()
        for name, drop in (("train_accuracy", 0.05), ("validation_accuracy", 0.02))
    }
