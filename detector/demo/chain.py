"""The whole chain of design.md on the demonstration's clips. Each step does only what is not done yet."""

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from detector.demo.terminal import Terminal
from detector.ml.config import HeadConfig, Protocol
from detector.models import EmbeddingRun, EmbeddingShard, Selection, Training
from detector.services.embedding import enqueue_shards, plan_embedding
from detector.services.scoring import score_stimuli
from detector.services.selection import select_misclassified
from detector.services.training import plan_training
from studyapp.errors import EarwitnessError
from studyapp.exports.bundle import export_study
from studyapp.models import Session, StimulusSet, Study, User
from studyapp.services.analysis import analyze
from studyapp.services.demo_clips import find_or_make_clips
from studyapp.services.jobs import enqueue
from studyapp.services.launch import launch_study
from studyapp.services.local_server import LocalProcess, WebServer
from studyapp.services.simulation import PAPER_REASON_WEIGHTS, simulate_participants
from studyapp.services.stimulus_import import import_stimuli
from studyapp.services.study_create import create_study
from studyapp.stats.observer_model import ObserverModel
from studyapp.vocab import JobState, Origin, Outcome

SET_SLUG = "demo"
STAND_IN_SLUG = "demo-stand-in"
ENCODER = "aisfx"
N_RUNS, SEED = 10, 42
STUDY_FILE = Path(__file__).resolve().parents[2] / "docs/examples/paper_study.yaml"
N_BOTS = 20
# What pooling the paper's two percentages gives (49 % of fakes and 29 % of recordings were called fake).
LISTENERS = ObserverModel(
    d_prime=0.53, criterion_c=0.29, listener_sd=0.35, clip_sd=0.4, reason_weights=PAPER_REASON_WEIGHTS
)
POLL_S = 0.3
JOB_TIMEOUT_S = 900.0

REAL_DESCRIPTION = (
    "44 generated sounds of the challenge's systems and 38 recordings, over all seven classes (Zenodo record 8091972, "
    "by way of the paper's companion repository). The paper counts 43 generated sounds; the repository holds 44."
)
REAL_CAUTION = (
    "All 82 clips are errors of one detector, the paper's MS-CLAP: recordings it called fake, and generated sounds "
    "it called real. They are far too few to train on, and no detector's accuracy can be read from them."
)
STAND_IN_CAUTION = (
    "These are synthetic stand-ins, made because the real clips could not be had. They show how the program works."
)


class DemoFailed(EarwitnessError):
    """A step of the demonstration did not do what it must."""


@dataclass
class Demo:
    """The state that the steps share."""

    owner: User
    web: WebServer
    worker: LocalProcess
    terminal: Terminal
    study_slug: str = ""
    notice: str = ""

    def run(self) -> None:
        """Run the chain from sounds to export. Raises EarwitnessError with what went wrong."""
        stimulus_set = self._import()
        self._embed(stimulus_set)
        training = self._train(stimulus_set)
        self._score(training, stimulus_set)
        self._select(training)
        study = self._study(stimulus_set)
        self._participants(study)
        self._analyse(study)
        self._export(study)

    def _import(self) -> StimulusSet:
        with self.terminal.step("Import the clips and audit them"):
            show = lambda done, total: self.terminal.progress(done, total, "files")  # noqa: E731
            clips = find_or_make_clips(
                folders=settings.CLIPS_DIRS, cache_dir=settings.DATA_DIR / "clips", progress=show
            )
            for problem in clips.problems:
                self.terminal.say(problem)
            self.terminal.say(f"Source: {clips.origin}")
            if clips.is_stand_in:
                self.notice = STAND_IN_CAUTION
                self.terminal.say(self.notice)
            found = import_stimuli(
                path=clips.path,
                set_slug=STAND_IN_SLUG if clips.is_stand_in else SET_SLUG,
                owner=self.owner,
                title="Stand-in clips"
                if clips.is_stand_in
                else "DCASE 2023 Task 7: the clips of the paper's listening test",
                description=STAND_IN_CAUTION if clips.is_stand_in else REAL_DESCRIPTION,
                caution=STAND_IN_CAUTION if clips.is_stand_in else REAL_CAUTION,
                is_stand_in=clips.is_stand_in,
                progress=show,
            )
            self.terminal.say(
                f"{found.n_found} files: {found.n_imported} new, {found.n_already_there} there before, "
                f"{found.n_rejected} refused"
            )
            return found.stimulus_set

    def _embed(self, stimulus_set: StimulusSet) -> None:
        with self.terminal.step("Embed them with aiSFX, on the worker"):
            run = plan_embedding(stimulus_set=stimulus_set, encoder=ENCODER, owner=self.owner)
            enqueue_shards(run)
            self._follow(run, lambda: _shard_progress(run), "clips")
            self.terminal.say(f"{run.n_clips} clips, {run.n_reused} of them embedded before")

    def _train(self, stimulus_set: StimulusSet) -> Training:
        with self.terminal.step("Train the paper's detector, 10 runs, on the worker"):
            training = self._own_training(stimulus_set) or plan_training(
                stimulus_set=stimulus_set, encoder=ENCODER, n_runs=N_RUNS, seed=SEED, owner=self.owner
            )
            if training.state != JobState.DONE.value:
                enqueue(Training, [training.pk])
                self._follow(training, lambda: (training.n_done, training.n_total), "epochs")
            accuracies = [run.evaluation["accuracy"] for run in training.runs.all()]
            mean = sum(accuracies) / len(accuracies)
            self.terminal.say(
                f"Mean evaluation accuracy of {len(accuracies)} runs: {mean:.1%} (too few clips to mean much)"
            )
            return training

    def _own_training(self, stimulus_set: StimulusSet) -> Training | None:
        """Return the demonstration's training from before, finished or interrupted; others on the set are let alone."""
        asked = {"encoder": ENCODER, "protocol": Protocol.PAPER.value, "n_runs": N_RUNS, "seed": SEED}
        states = (JobState.DONE.value, JobState.RUNNING.value, JobState.QUEUED.value)
        mine = Training.objects.filter(stimulus_set=stimulus_set, owner=self.owner, state__in=states, **asked)
        same = [training for training in mine.order_by("pk") if training.config == HeadConfig().as_json()]
        return min(same, key=lambda training: states.index(training.state), default=None)

    def _score(self, training: Training, stimulus_set: StimulusSet) -> None:
        with self.terminal.step("Score every clip with the best run"):
            scored = score_stimuli(training=training, run_choice="best", stimulus_set=stimulus_set)
            counts = ", ".join(f"{n} {split or 'unseen'}" for split, n in sorted(scored.n_by_split.items()))
            self.terminal.say(f"{scored.machine.title}: {counts}")

    def _select(self, training: Training) -> None:
        with self.terminal.step("Select its errors, from held-out scores only, into a second set"):
            selection = Selection.objects.filter(training=training, owner=self.owner).order_by("pk").first()
            if selection is None:
                slug, choice = _free_slug(f"{training.stimulus_set.slug}-errors"), _run_with_errors(training)
                selection = select_misclassified(training=training, run_choice=choice, into=slug, owner=self.owner)
            self.terminal.say(
                f"{selection.stimulus_set.members.count()} clips in the set {selection.stimulus_set.slug}"
            )

    def _study(self, stimulus_set: StimulusSet) -> Study:
        with self.terminal.step(
            "Build and launch the paper's study, from all clips: they are the paper's own selection"
        ):
            stand_in = "-stand-in" if stimulus_set.is_stand_in else ""
            config: dict[str, Any] = yaml.safe_load(STUDY_FILE.read_text(encoding="utf-8"))
            config |= {"stimulus_set": stimulus_set.slug, "slug": f"{config['slug']}{stand_in}"}
            study = Study.objects.filter(slug=config["slug"]).first() or create_study(config=config, owner=self.owner)
            version = launch_study(
                study=study,
                user=self.owner,
                progress=lambda done, total: self.terminal.progress(done, total, "presentation copies"),
            )
            self.study_slug = study.slug
            self.terminal.say(f"{study.title}: version {version.number}, {version.frozen_stimuli.count()} clips")
            return study

    def _participants(self, study: Study) -> None:
        with self.terminal.step(f"Let {N_BOTS} simulated participants walk it over HTTP"):
            bots = Session.objects.filter(
                version__study=study, origin=Origin.BOT.value, outcome=Outcome.COMPLETED.value
            ).count()
            if bots >= N_BOTS:
                self.terminal.say(f"{bots} have done so before")
                return
            result = simulate_participants(
                study=study,
                url=self.web.url,
                n=N_BOTS - bots,
                seed=1 + bots,
                model=LISTENERS,
                progress=lambda walk, done: self.terminal.progress(done, N_BOTS - bots, "participants"),
            )
            if result.failed:
                raise DemoFailed(f"{len(result.failed)} simulated participants failed, first: {result.failed[0].error}")
            self.terminal.say(f"{result.n_answers} answers in {result.n_requests} requests")

    def _analyse(self, study: Study) -> None:
        with self.terminal.step("Analyse"):
            result = analyze(study=study, origin=Origin.BOT)
            for label, part in result["classes"].items():
                share = "none" if part["proportion_correct"] is None else f"{part['proportion_correct']:.1%}"
                self.terminal.say(f"{label} clips called {label}: {share} of {part['n_judgements']} judgements")
            self.terminal.say(
                "These listeners are simulated: the numbers test the program and say nothing about people."
            )

    def _export(self, study: Study) -> None:
        with self.terminal.step("Export"):
            folder = settings.DATA_DIR / "exports" / study.slug
            files = export_study(study=study, folder=folder, origin=Origin.BOT, actor=self.owner)
            self.terminal.say(f"{len(files)} files in {folder}")

    def _follow(self, job: EmbeddingRun | Training, progress: Callable[[], tuple[int, int]], what: str) -> None:
        """Wait for a job's row to end, showing its progress. Raises DemoFailed when it fails or stands still."""
        deadline = time.monotonic() + JOB_TIMEOUT_S
        while True:
            job.refresh_from_db()
            self.terminal.progress(*progress(), what)
            if job.state == JobState.DONE.value:
                return
            if job.state in (JobState.FAILED.value, JobState.CANCELLED.value):
                raise DemoFailed(f"the job {job.state}: {job.error or 'no reason given'}")
            self.worker.check()
            if time.monotonic() > deadline:
                raise DemoFailed(f"the job did not end within {JOB_TIMEOUT_S:.0f} s; it is still {job.state}")
            time.sleep(POLL_S)


def _shard_progress(run: EmbeddingRun) -> tuple[int, int]:
    counts = EmbeddingShard.objects.filter(run=run).values_list("n_done", "n_total")
    return sum(done for done, _ in counts), sum(total for _, total in counts)


def _free_slug(slug: str) -> str:
    """Return the slug, with a number behind it when a set has it already."""
    candidates = itertools.chain([slug], (f"{slug}-{number}" for number in itertools.count(2)))
    return next(name for name in candidates if not StimulusSet.objects.filter(slug=name).exists())


def _run_with_errors(training: Training) -> str:
    """Return "best", or the number of the first run that errs on a held-out clip when the best one does not."""
    from detector.selectors.runs import chosen_runs

    best = chosen_runs(training, "best")
    if any(run.evaluation["accuracy"] < 1.0 for run in best):
        return "best"
    runs = training.runs.order_by("number")
    return next((str(run.number) for run in runs if run.evaluation["accuracy"] < 1.0), "best")
