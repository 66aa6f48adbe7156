"""What a worker does with a training; the command does the same in the foreground."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from detector.ml.checkpoint import BadFile
from detector.ml.config import BadTraining, HeadConfig, Protocol, config_from_json
from detector.ml.splits import Fold as Division
from detector.models import Training
from detector.selectors.encoders import known_encoder
from detector.services.corpus import Corpus, read_corpus
from detector.services.device import device_of
from detector.services.divisions import divided
from detector.services.training import delete_unless_held, forget_unfinished
from detector.services.training_publish import publish_fold
from detector.services.vectors import Vectors, load_means
from studyapp.errors import EarwitnessError, NotFound
from studyapp.services import media
from studyapp.services.jobs import DEAD_AFTER_S, MAX_ATTEMPTS, Claim, LostClaim, do_claimed, reclaim_dead
from studyapp.vocab import JobState

if TYPE_CHECKING:
    from detector.ml.train import State, Trained

Report = Callable[[str], None]
WAIT_S = 1.0


def train_detectors(*, training_id: int, report: Report = lambda line: None) -> bool:
    """Do one queued training and publish its networks; False when another worker has it or it was cancelled.

    Clips that cannot be trained on mark it failed with the reason. Any other fault puts it back into the queue while it
    has attempts left, and goes on to the caller.
    """
    try:
        return do_claimed(job=Training, pk=training_id, do=lambda held: _do(training_id, held, report))
    finally:
        forget_unfinished()


def _do(training_id: int, held: Claim, report: Report) -> None:
    _Work(Training.objects.select_related("stimulus_set").get(pk=training_id), held, report).run()


def run_training(*, training: Training, report: Report = lambda line: None) -> Training:
    """Do a training in the foreground, or wait for the worker that has it; return it ended.

    Raises EarwitnessError when it failed or was cancelled.
    """
    is_said = False
    while training.state in (JobState.QUEUED.value, JobState.RUNNING.value):
        if not train_detectors(training_id=training.pk, report=report):
            if not is_said:
                report(
                    f"training {training.pk}: another process has it, or died at it; waiting until it ends, or has "
                    f"been silent for {DEAD_AFTER_S:.0f} s"
                )
                is_said = True
            time.sleep(WAIT_S)  # a worker holds it, and may die at it
            reclaim_dead(job=Training)
        training.refresh_from_db()
    if training.state != JobState.DONE.value:
        raise EarwitnessError(f"Training {training.pk} is {training.state}. {training.error}".strip())
    return training


@dataclass
class _Work:
    training: Training
    held: Claim
    report: Report

    def run(self) -> None:
        """Train the folds that are not published yet, each to its end, then mark the training done."""
        training = self.training
        corpus = self._same_corpus()
        config = config_from_json(training.config)
        divisions, corpus = divided(corpus, protocol=Protocol(training.protocol), seed=training.seed, config=config)
        spec = known_encoder(training.encoder)
        if spec.fingerprint != training.fingerprint:
            raise BadTraining(f"The recipe of {spec.name} has changed since this training was planned. Start it again.")
        features = load_means(corpus.shas, spec=spec)
        if n_bad := int((~np.isfinite(features)).any(axis=1).sum()):
            raise BadTraining(
                f"{n_bad} of {len(features)} clips have {spec.name} vectors with numbers that are NaN or infinite. "
                "Take another encoder."
            )
        self.held.update(n_total=config.n_epochs_done * len(divisions), n_clips=len(corpus.shas))
        published = set(training.folds.values_list("number", flat=True))
        for number, division in enumerate(divisions):
            if number not in published:
                trained = self._train(number, division, corpus, features, config)
                publish_fold(training, self.held, division, corpus, trained, facts=self._facts(number))
        self.held.finish()

    def _same_corpus(self) -> Corpus:
        """Return the clips, refusing to go on with others than those that it began with."""
        corpus = read_corpus(self.training.stimulus_set)
        if self.training.clips_sha256 not in ("", corpus.sha256):
            raise BadTraining("The set's clips or labels have changed since this training began. Start a new one.")
        self.held.update(clips_sha256=corpus.sha256)
        self.training.clips_sha256 = corpus.sha256
        return corpus

    def _train(
        self, number: int, division: Division, corpus: Corpus, features: Vectors, config: HeadConfig
    ) -> "Trained":
        from detector.ml.train import new_state, train  # torch: on workers only

        device = device_of(self.training.device)
        runs = list(range(1, self.training.n_runs + 1))
        state = new_state(features.shape[1], runs, seed=self.training.seed, config=config, device=device)
        self._restore(state, number, device)
        before = number * config.n_epochs_done

        def beat(*, now: bool = False) -> None:
            self.held.beat(n_done=before + state.warmed + state.epoch, now=now)

        def on_epoch(state: "State") -> None:
            at_checkpoint = state.epoch > 0 and state.epoch % config.checkpoint_every == 0
            beat(now=at_checkpoint)
            if at_checkpoint:
                self._say(state, config, division.name)
            if (at_checkpoint and state.epoch < config.n_epochs) or (not state.epoch and _is_warm(state, config)):
                self._save(state, number)

        return train(
            state,
            features,
            corpus.is_fake,
            division,
            config=config,
            device=device,
            on_step=beat,
            on_epoch=on_epoch,
        )

    def _say(self, state: "State", config: HeadConfig, fold_name: str) -> None:
        accuracy = state.curves["validation_accuracy"][-1]
        where = f", fold {fold_name}" if fold_name else ""
        self.report(
            f"training {self.training.pk}{where}: epoch {state.epoch} of {config.n_epochs}, "
            f"validation accuracy {sum(accuracy) / len(accuracy):.3f} (mean of {len(accuracy)} runs)"
        )

    def _facts(self, number: int) -> dict[str, Any]:
        training = self.training
        return {
            "training": training.pk,
            "fold": number,
            "clips_sha256": training.clips_sha256,
            "fingerprint": training.fingerprint,
            "seed": training.seed,
            "n_runs": training.n_runs,
            "config": training.config,
        }

    def _save(self, state: "State", number: int) -> None:
        """Keep the state for a restart.

        A training that comes this far is not given up, however often its process is killed: it has an attempt left.
        """
        from detector.ml.snapshot import save_state

        name = media.store_parts("detector/unfinished", save_state(state, self._facts(number)), ".safetensors")
        before, self.training.unfinished_name = self.training.unfinished_name, name
        try:
            self.held.update(unfinished_name=name, attempts=min(self.training.attempts, MAX_ATTEMPTS - 1))
        except LostClaim:
            delete_unless_held(name)
            raise
        delete_unless_held(before)

    def _restore(self, state: "State", number: int, device: str) -> None:
        from detector.ml.snapshot import restore_state

        if not self.training.unfinished_name:
            return
        try:
            restore_state(state, media.read(self.training.unfinished_name), self._facts(number), device=device)
        except (BadFile, NotFound) as error:
            self.report(f"training {self.training.pk}: begins anew ({error})")
        else:
            self.report(f"training {self.training.pk}: goes on after epoch {state.epoch}")


def _is_warm(state: "State", config: HeadConfig) -> bool:
    """Whether the warm-up, where there is one, has just ended."""
    return 0 < config.warm_up_epochs == state.warmed
