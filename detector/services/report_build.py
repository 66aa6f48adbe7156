"""Compute a training's report, part by part, from its stored tables, the clips' facts and the store of vectors."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from detector.fold_tables import FoldTable, read_table
from detector.ml.report import curves, groups, overall, quality
from detector.ml.report.held_out import Clusters, HeldOut, clusters_of, facts_of, pool
from detector.ml.report.shortcut_audit import audit
from detector.ml.shortcuts import FEATURES
from detector.models import Report, Training
from detector.selectors.report import summary, training_report
from detector.selectors.runs import has_dealt_labels
from detector.services.report_frechet import frechet_distances
from studyapp.models import Stimulus

SCHEMA = 1
BOOTSTRAP, AUDIT = range(2)  # each part draws from a stream of its own: [seed, part]
Content = dict[str, Any]
BATCH = 500
GONE = "Clips of the training are no longer in the store of stimuli."


@dataclass
class ReportBuild:
    """The parts of one report. `steps` names them in order; each adds keys to `content`.

    beat: called often within the long parts; it stops the work by raising.
    """

    report: Report
    beat: Callable[[], None]
    content: Content = field(default_factory=dict)

    @property
    def training(self) -> Training:
        return self.report.training

    @property
    def steps(self) -> tuple[tuple[str, Callable[[], None]], ...]:
        return (
            ("held-out clips", self.read),
            ("each run and fold", self.measures),
            ("intervals", self.intervals),
            ("categories and systems", self.by_group),
            ("shortcut audit", self.shortcuts),
            ("Fréchet distances", self.frechet),
            ("quality", self.quality),
        )

    def read(self) -> None:
        """Begin with what the quick report says, and pool the folds' tables."""
        folds = list(self.training.folds.all())
        self.tables: list[FoldTable] = [read_table(fold) for fold in folds]
        self.fold_names = [fold.name for fold in folds]
        self.held: HeldOut = pool(self.tables)
        self.clusters: Clusters = clusters_of(self.held)
        self.threshold = float(self.training.config["threshold"])
        self.content |= {"schema": SCHEMA, **training_report(self.training), "options": self.report.options}
        self.content["held_out"] = facts_of(self.held, self.clusters)

    def measures(self) -> None:
        """Add every run, every fold, and the curves of the runs that are best by validation.

        The quick report's ROC-AUC, a mean over folds, gives way to that over all entries, as the other measures are.
        """
        rows = overall.by_run(self.held, threshold=self.threshold)
        self.content["by_run"] = [{**quick, **row} for quick, row in zip(self.content["by_run"], rows, strict=True)]
        self.content["evaluation"] = summary(rows)
        self.beat()
        self.content["by_fold"] = overall.by_fold(self.held, self.fold_names, threshold=self.threshold)
        best = self.content["best_by_validation"]
        scores = curves.scores_of(self.held, [each["run"] - 1 for each in best])
        drawn = curves.roc(self.held.is_fake, scores)
        self.content["roc"] = drawn and {"runs": best, **drawn}
        self.content["calibration"] = {"runs": best, **curves.calibration(self.held.is_fake, scores)}

    def intervals(self) -> None:
        self.content["overall"] = overall.overall(
            self.held, self.clusters, threshold=self.threshold, rng=self._rng(BOOTSTRAP), **self._resampling()
        )

    def by_group(self) -> None:
        """Add Table III, the systems, and systems by category."""
        best = self.content["confusion"]["best_on_evaluation"]["run"] - 1
        self.content["by_category"] = groups.by_category(self.held, threshold=self.threshold, best=best)
        self.beat()
        if has_dealt_labels(self.training.config):  # its "fakes" are clips of either label: no system made them
            self.content |= {"by_system": [], "systems": None, "by_system_category": []}
            return
        self.content["by_system"] = groups.by_system(self.held, threshold=self.threshold)
        self.content["systems"] = groups.systems_in_short(self.content["by_system"])
        self.content["by_system_category"] = groups.by_system_category(self.held, threshold=self.threshold)

    def shortcuts(self) -> None:
        facts = clip_facts(self.tables[0].stimulus_ids)
        self.original_splits = [split for split, _ in facts]
        if not facts:
            self.content["shortcut_audit"] = {"left_out": GONE}
            return
        self.content["shortcut_audit"] = audit(
            np.array([values for _, values in facts]),
            self.tables,
            self.held,
            rng=self._rng(AUDIT),
            **self._resampling(),
        )

    def frechet(self) -> None:
        self.content["frechet"] = (
            frechet_distances(self.training, self.tables[0], self.original_splits, on_part=self.beat)
            if self.original_splits
            else {"left_out": GONE}
        )

    def quality(self) -> None:
        """Add how the systems' cross-entropy goes with their distances, and with official scores where given."""
        official = self.report.options["official"]
        against = {
            "frechet": quality.comparable(self.content["frechet"].get("systems", [])),
            "official": official["scores"] if official else {},
        }
        self.content["quality"] = [
            row
            for name, values in against.items()
            if values and self.content["by_system"]
            for row in quality.correlations(self.content["by_system"], values, against=name)
        ]

    def _rng(self, part: int) -> np.random.Generator:
        return np.random.default_rng([self.training.seed, part])

    def _resampling(self) -> dict[str, Any]:
        options = self.report.options
        return {"n_resamples": options["n_resamples"], "level": options["level"], "on_part": self.beat}


def clip_facts(stimulus_ids: Sequence[int]) -> list[tuple[str, list[float]]]:
    """Return the original split and the audit's facts of each clip, in the order given; empty where one is gone."""
    rows: dict[int, tuple[str, list[float]]] = {}
    for start in range(0, len(stimulus_ids), BATCH):
        found = Stimulus.objects.filter(pk__in=stimulus_ids[start : start + BATCH])
        for pk, split, *values in found.values_list("pk", "original_split", *FEATURES):
            rows[pk] = (split, values)
    return [rows[pk] for pk in stimulus_ids] if len(rows) == len(stimulus_ids) else []
