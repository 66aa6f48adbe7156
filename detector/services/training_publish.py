"""Store what a fold of a training gave: files first, then rows, if the worker still holds its claim."""

from typing import TYPE_CHECKING, Any

from django.db import transaction

from detector.fold_tables import FoldTable, table_bytes
from detector.ml.checkpoint import digest, dump
from detector.ml.config import config_from_json
from detector.ml.metrics import evaluate
from detector.ml.splits import EVALUATION, TRAIN, VALIDATION
from detector.ml.splits import Fold as Division
from detector.models import DetectorRun, Fold, Training
from detector.services.corpus import Corpus
from detector.services.training import delete_unless_held
from studyapp.services import media
from studyapp.services.jobs import Claim

if TYPE_CHECKING:
    from detector.ml.train import Trained


def publish_fold(
    training: Training,
    held: Claim,
    division: Division,
    corpus: Corpus,
    trained: "Trained",
    *,
    facts: dict[str, Any],
) -> None:
    """Store the table and the checkpoints, then the rows in one short transaction. Raises LostClaim, storing no row.

    The fold's saved state is of no use from then on, and deleted.

    facts: which training and fold it is; they go into every checkpoint.
    """
    table = _table(division, corpus, trained)
    table_name = media.store(media.name_for("detector/folds", table, ".safetensors"), table)
    runs = [_run(training, place, division, corpus, trained, facts) for place in range(training.n_runs)]
    with transaction.atomic():
        n_epochs = config_from_json(training.config).n_epochs_done
        held.update(n_done=(facts["fold"] + 1) * n_epochs, unfinished_name="")
        fold = Fold.objects.create(
            training=training,
            number=facts["fold"],
            name=division.name,
            n_train=len(division.of(TRAIN)),
            n_validation=len(division.of(VALIDATION)),
            n_evaluation=len(division.of(EVALUATION)),
            facts=dict(division.facts),
            table_name=table_name,
            table_sha256=digest(table),
        )
        for run in runs:
            run.fold = fold
        DetectorRun.objects.bulk_create(runs)
    before, training.unfinished_name = training.unfinished_name, ""
    delete_unless_held(before)


def _table(division: Division, corpus: Corpus, trained: "Trained") -> bytes:
    return table_bytes(
        FoldTable(
            shas=corpus.shas,
            stimulus_ids=corpus.stimulus_ids,
            is_fake=corpus.is_fake,
            categories=[fact.category for fact in corpus.facts],
            assignment=division.assignment,
            fake_scores=trained.fake_scores,
            generators=[fact.generator for fact in corpus.facts],
            teams=[fact.team for fact in corpus.facts],
            tracks=[fact.track for fact in corpus.facts],
            source_groups=[fact.source_group for fact in corpus.facts],
        )
    )


def _run(
    training: Training, place: int, division: Division, corpus: Corpus, trained: "Trained", facts: dict[str, Any]
) -> DetectorRun:
    """Store the checkpoint of one run and return its row, unsaved."""
    number = place + 1
    about = {**facts, "run": number, "chosen_epoch": trained.chosen_epochs[place], "encoder": training.encoder}
    content = dump(trained.weights[place], about)
    threshold = config_from_json(training.config).threshold
    scores = trained.fake_scores[place]
    metrics = {
        code: evaluate(corpus.is_fake[division.of(code)], scores[division.of(code)], threshold=threshold).as_json()
        for code in (VALIDATION, EVALUATION)
    }
    return DetectorRun(
        training=training,
        number=number,
        seed=training.seed,
        chosen_epoch=trained.chosen_epochs[place],
        validation=metrics[VALIDATION],
        evaluation=metrics[EVALUATION],
        curves={name: values[:, place].tolist() for name, values in trained.curves.items()},
        seconds_per_epoch=trained.seconds_per_epoch,
        checkpoint_name=media.store(media.name_for("detector/checkpoints", content, ".safetensors"), content),
        checkpoint_sha256=digest(content),
    )
