"""Finished trainings side by side, from what is stored. Differences on shared clips take minutes: report_detectors."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, groupby
from typing import Any

from detector.ml.bootstrap import holm
from detector.ml.checkpoint import BadFile
from detector.ml.comparison import MannWhitney, mann_whitney
from detector.ml.metrics import mean_and_sd
from detector.models import DetectorRun, Report, Training
from detector.selectors.report import pool_folds
from detector.selectors.reports import read_content
from studyapp.errors import NotFound

MAX_COMPARED = 8


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


@dataclass(frozen=True, kw_only=True)
class SeedTest:
    """A Mann-Whitney test of the runs of two trainings; p_holm is corrected over all pairs."""

    a: Compared
    b: Compared
    found: MannWhitney
    p_holm: float


def seed_variability(trainings: Sequence[Compared]) -> list[SeedTest]:
    """Return the test of each pair over the accuracies of their runs. It says nothing about other clips."""
    pairs = list(combinations(trainings, 2))
    tests = [mann_whitney(a.accuracies, b.accuracies) for a, b in pairs]
    adjusted = holm([test.p for test in tests])
    return [SeedTest(a=a, b=b, found=test, p_holm=p) for (a, b), test, p in zip(pairs, tests, adjusted, strict=True)]
