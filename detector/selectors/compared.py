"""Finished trainings side by side, from what is stored. Differences on shared clips take minutes: a worker has them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, groupby
from typing import Any, Protocol

from detector.ml.bootstrap import holm
from detector.ml.checkpoint import BadFile
from detector.ml.comparison import mann_whitney
from detector.ml.metrics import mean_and_sd
from detector.models import DetectorRun, Report, Training
from detector.selectors.report import pool_folds
from detector.selectors.reports import read_content
from detector.selectors.runs import dealt_by
from studyapp.errors import NotFound

MAX_COMPARED = 8
OTHER_CLIPS = "They were evaluated on different clips, so that the accuracies differ by these too."
OTHER_LABELS = "They were evaluated under different labels: a negative control's labels were dealt anew by chance."
Row = dict[str, Any]


class Evaluated(Protocol):
    """A finished training as far as its runs can be compared with those of another."""

    @property
    def training(self) -> Training: ...
    @property
    def accuracies(self) -> Sequence[float]: ...
    @property
    def evaluated_on(self) -> object: ...


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A training with its runs' accuracies over all held-out clips, and its report where one is computed.

    accuracies: of run 1, 2, ... n. mean, sd: over runs; sd is None for one run.
    """

    training: Training
    accuracies: Sequence[float]
    n_held_out: int
    report: dict[str, Any] | None

    @property
    def evaluated_on(self) -> tuple[object, ...]:
        """What decides which clips were held out, and under which labels; equal for trainings that can be compared."""
        return *self.division, dealt_by(self.training)

    @property
    def division(self) -> tuple[object, ...]:
        """What decides which clips were held out."""
        training = self.training
        clips = (training.stimulus_set_id, training.clips_sha256)
        return *clips, training.protocol, training.config["split_seed"], self.n_held_out

    @property
    def mean(self) -> float:
        return mean_and_sd(self.accuracies)[0]

    @property
    def sd(self) -> float | None:
        return mean_and_sd(self.accuracies)[1]


def compared(trainings: Sequence[Training]) -> list[Compared]:
    """Return the finished trainings in the order given, in two queries whatever their number."""
    keys = [training.pk for training in trainings]
    runs = DetectorRun.objects.filter(training__in=keys).select_related("fold").defer("curves").order_by("training_id")
    by_training = {pk: list(group) for pk, group in groupby(runs, key=lambda run: run.training_id)}
    reports = {report.training_id: report for report in Report.objects.filter(training__in=keys)}
    return [_compared(training, by_training[training.pk], reports.get(training.pk)) for training in trainings]


def _compared(training: Training, runs: Sequence[DetectorRun], report: Report | None) -> Compared:
    pooled = pool_folds(runs, "evaluation")
    return Compared(
        training=training,
        accuracies=[pooled[number]["accuracy"] for number in sorted(pooled)],
        n_held_out=next(iter(pooled.values()))["n"],
        report=_content(report),
    )


def _content(report: Report | None) -> dict[str, Any] | None:
    """Return a report's JSON; None where there is none, or its file is bad: the report's own page says so."""
    if report is None or not report.content_name:
        return None
    try:
        return read_content(report)
    except (NotFound, BadFile):
        return None


def seed_variability(trainings: Sequence[Evaluated]) -> tuple[list[Row], list[Row]]:
    """Return the Mann-Whitney test of each pair's runs, and the pairs that were evaluated on something else.

    The rows are those of `seed_variability` and `left_out` in docs/report_json.md; Holm's correction is over all pairs.
    """
    tests: list[Row] = []
    left_out: list[Row] = []
    for a, b in combinations(trainings, 2):
        pair = {"a": a.training.pk, "b": b.training.pk}
        if a.evaluated_on == b.evaluated_on:
            tests.append(pair | _test(a.accuracies, b.accuracies))
        else:
            is_of_labels = dealt_by(a.training) != dealt_by(b.training)
            reason = OTHER_LABELS if is_of_labels else OTHER_CLIPS
            left_out.append({**pair, "kind": "seed_variability", "reason": reason})
    add_holm(tests)
    return tests, left_out


def _test(a: Sequence[float], b: Sequence[float]) -> Row:
    found = mann_whitney(a, b)
    return {
        "n_a": found.n_a,
        "n_b": found.n_b,
        "mean_a": mean_and_sd(a)[0],
        "mean_b": mean_and_sd(b)[0],
        "u": found.u,
        "effect": found.rank_biserial,
        "p": found.p,
        "p_least": found.p_least,
    }


def add_holm(rows: Sequence[Row]) -> None:
    """Add `p_holm`, corrected over the rows that have a p; None for the others."""
    known = [row for row in rows if row["p"] is not None]
    for row in rows:
        row["p_holm"] = None
    for row, p in zip(known, holm([row["p"] for row in known]), strict=True):
        row["p_holm"] = p
