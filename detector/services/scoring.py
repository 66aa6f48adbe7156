"""Let a trained detector score the clips of a set, and record what it says as a machine's scores."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from detector.fold_tables import read_table
from detector.ml.checkpoint import digest, parse
from detector.ml.splits import EVALUATION, TRAIN, UNUSED, VALIDATION, split_word
from detector.models import DetectorRun, Training
from detector.selectors.encoders import known_encoder
from detector.selectors.runs import BEST, chosen_runs, needs_done, needs_true_labels
from detector.services.corpus import Corpus, read_corpus
from detector.services.vectors import load_means
from studyapp.errors import InvalidAction
from studyapp.models import Machine, StimulusSet
from studyapp.services import media
from studyapp.services.machines import ScoreRow, ensure_machine, record_scores
from studyapp.vocab import Label

MAX_SLUG = 100
WEIGHT = {UNUSED: 0, VALIDATION: 1, TRAIN: 2, EVALUATION: 3}  # what of several folds decides a clip's score and split


@dataclass(frozen=True, kw_only=True)
class Scored:
    """What was recorded. `n_by_split` counts clips; "" are clips that the detector never met."""

    machine: Machine
    runs: list[DetectorRun]
    n_by_split: dict[str, int]


def score_stimuli(
    *,
    training: Training,
    run_choice: str,
    stimulus_set: StimulusSet,
    on_part: Callable[[float], None] = lambda share: None,
) -> Scored:
    """Score every clip of a set and store the scores, each with what the clip was for in the training.

    run_choice: "best" (highest validation accuracy; the lowest number on a tie) or a run's number. With several folds
    a clip is scored by the fold that held it out. on_part: called after each file of vectors and each fold, with the
    share of the scores that is there; it stops the work by raising, before anything is stored. Raises NotFound,
    InvalidAction, or MissingVectors.
    """
    needs_done(training)
    needs_true_labels(training)
    runs = chosen_runs(training, run_choice)
    corpus = read_corpus(stimulus_set)
    if not corpus.facts:
        raise InvalidAction(f"The set {stimulus_set.slug} has no clips to score.")
    scores, splits = _scores(runs, corpus, training.encoder, on_part)
    machine = ensure_machine(
        slug=_slug(training, runs, run_choice),
        title=_title(training, runs, run_choice),
        description=(
            f"The paper's head on {known_encoder(training.encoder).title}, trained on {training.stimulus_set}. "
            "Scores of clips that it was trained on, or chosen by, are marked by their split and are not held out."
        ),
        threshold=float(training.config["threshold"]),
        provenance=_provenance(training, runs, run_choice),
    )
    record_scores(machine=machine, rows=_rows(stimulus_set, corpus, scores, splits))
    return Scored(machine=machine, runs=runs, n_by_split=dict(Counter(splits)))


def _scores(
    runs: list[DetectorRun], corpus: Corpus, encoder: str, on_part: Callable[[float], None]
) -> tuple[list[float], list[str]]:
    """Return each clip's score and split, by the fold that held it out where there are several.

    A clip that no fold held out is scored by the first that trained on it, else validated with it, and marked so.
    """
    from detector.ml.predict import fake_scores  # torch: on workers and in commands only

    features = load_means(corpus.shas, spec=known_encoder(encoder), on_file=lambda: on_part(0.0))
    scores = [0.0] * len(corpus.shas)
    codes = [UNUSED] * len(corpus.shas)
    for n_done, run in enumerate(runs, start=1):
        table = read_table(run.fold)
        here = dict(zip(table.shas, table.assignment.tolist(), strict=True))
        weights, _ = parse(media.read(run.checkpoint_name), sha256=run.checkpoint_sha256)
        said = fake_scores(weights, features).tolist()
        for place, sha in enumerate(corpus.shas):
            code = here.get(sha, UNUSED)
            if run is runs[0] or WEIGHT[code] > WEIGHT[codes[place]]:
                scores[place], codes[place] = said[place], code
        on_part(n_done / len(runs))
    return scores, [split_word(code) for code in codes]


def _rows(stimulus_set: StimulusSet, corpus: Corpus, scores: list[float], splits: list[str]) -> list[ScoreRow]:
    by_sha = {sha: (score, split) for sha, score, split in zip(corpus.shas, scores, splits, strict=True)}
    members = stimulus_set.members.values_list("stimulus_id", "stimulus__sha256")
    return [ScoreRow(stimulus_id=pk, fake_score=by_sha[sha][0], split=by_sha[sha][1]) for pk, sha in members]


def _slug(training: Training, runs: list[DetectorRun], run_choice: str) -> str:
    which = f"run-{runs[0].number}" if len(runs) == 1 or run_choice != BEST else f"best-of-each-of-{len(runs)}-folds"
    encoder = training.encoder.replace("/", "-")  # variants have one in their names, slugs must not
    slug = f"{encoder}-training-{training.pk}-{which}"
    return slug if len(slug) <= MAX_SLUG else f"{slug[:87]}-{digest(slug.encode())[:12]}"


def _title(training: Training, runs: list[DetectorRun], run_choice: str) -> str:
    which = f"run {runs[0].number}" if len(runs) == 1 or run_choice != BEST else "the best run"
    which += f" of each of {len(runs)} folds" if len(runs) > 1 else ""
    chosen = " (best by validation accuracy)" if run_choice == BEST else ""
    return f"{known_encoder(training.encoder).title}, training {training.pk}, {which}{chosen}"


def _provenance(training: Training, runs: list[DetectorRun], run_choice: str) -> dict[str, Any]:
    checkpoints = ".".join(run.checkpoint_sha256[:12] for run in runs)
    return {
        "version": f"{training.code_version}+{checkpoints}",
        "training": training.pk,
        "set": training.stimulus_set.slug,
        "encoder": training.encoder,
        "fingerprint": training.fingerprint,
        "protocol": training.protocol,
        "seed": training.seed,
        "run_choice": run_choice,
        "chosen_by": "validation accuracy" if run_choice == BEST else "number",
        "runs": [{"fold": run.fold.number, "run": run.number, "checkpoint": run.checkpoint_sha256} for run in runs],
        "code_version": training.code_version,
        "positive_class": Label.FAKE.value,
    }
