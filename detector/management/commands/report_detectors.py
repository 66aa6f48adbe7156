"""manage.py report_detectors --training ID [...]: what trainings showed, and how they compare."""

import argparse
import csv
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from detector.ml.report.official import BadScores, read_official
from detector.models import Training
from detector.selectors.comparisons import stored_comparison
from detector.selectors.full_report_text import comparison_lines, full_report_lines
from detector.selectors.report_tables import comparison_rows, system_rows, table1_rows, table2_rows, table3_rows
from detector.selectors.report_text import RUN_COLUMNS, run_rows
from detector.selectors.reports import stored_report
from detector.selectors.runs import training_by_id
from detector.services.comparison_plan import plan_comparison
from detector.services.comparison_work import run_comparison
from detector.services.report_plan import plan_report
from detector.services.report_work import run_report
from detector.services.timing import N_RUNS, timing_of
from studyapp.errors import EarwitnessError

Row = dict[str, Any]
TABLES: dict[str, Callable[[Row], list[Row]]] = {
    "table1.csv": table1_rows,
    "table2.csv": table2_rows,
    "table3.csv": table3_rows,
    "systems.csv": system_rows,
}


class Command(BaseCommand):
    help = "Report finished trainings: Tables I to III, intervals, systems, negative controls; compare several."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--training", required=True, nargs="+", type=int, help="numbers of trainings")
        parser.add_argument("--out", type=Path, help="folder for report.json and the tables; made when it is not there")
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print reports and comparison as one JSON object"
        )
        parser.add_argument("--official", type=Path, help="CSV of official scores: system, score, perhaps category")
        parser.add_argument("--resamples", type=int, help="of the bootstrap (default: 2000)")
        parser.add_argument(
            "--timing-runs", type=int, default=N_RUNS, help=f"to time a clip (default: {N_RUNS}; 0 leaves it out)"
        )
        parser.add_argument("--anew", action="store_true", help="compute and time again what is there already")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            _make_folder(options["out"])
            official = _official(options["official"])
            trainings = [training_by_id(pk) for pk in dict.fromkeys(options["training"])]
            for training in trainings:
                self._compute(training, official, options)
            reports = [_stored(training) for training in trainings]  # after all: each names the others' controls
            comparison = self._compare(trainings, options)
        except EarwitnessError as error:
            raise CommandError(str(error)) from None
        if options["out"]:
            try:
                names = _write(options["out"], reports, comparison)
            except OSError as error:
                raise CommandError(f"cannot write to {options['out']}: {error.strerror}") from None
            self._say(f"wrote {', '.join(names)} to {options['out']}")
        if options["as_json"]:
            self.stdout.write(json.dumps({"reports": reports, "comparison": comparison}, indent=2))
            return
        lines = [line for report in reports for line in [*full_report_lines(report), ""]]
        self.stdout.write("\n".join([*lines, *comparison_lines(comparison)] if comparison else lines[:-1]))

    def _compute(self, training: Training, official: Row | None, options: dict[str, Any]) -> None:
        planned = plan_report(
            training=training, n_resamples=options["resamples"], official=official, anew=options["anew"]
        )
        run_report(report=planned, say=self._say)
        if options["timing_runs"]:
            self._time(training, options)

    def _time(self, training: Training, options: dict[str, Any]) -> None:
        """Time a clip, or say why it cannot be: the rest of the report does not need it."""
        try:
            timing_of(training=training, n_runs=options["timing_runs"], anew=options["anew"], say=self._say)
        except EarwitnessError as error:
            self._say(f"Inference time is left out: {error}")

    def _compare(self, trainings: Sequence[Training], options: dict[str, Any]) -> Row | None:
        if len(trainings) < 2:
            return None
        planned = plan_comparison(trainings=trainings, n_resamples=options["resamples"], anew=options["anew"])
        comparison = stored_comparison(run_comparison(comparison=planned, say=self._say))
        if comparison is None:
            raise EarwitnessError(f"The {planned} is gone. Ask for it again with --anew.")
        return comparison

    def _say(self, line: str) -> None:
        self.stderr.write(line, self.style.NOTICE)


def _stored(training: Training) -> Row:
    report = stored_report(training)
    if report is None:
        raise EarwitnessError(f"The report of training {training.pk} is gone. Ask for it again with --anew.")
    return report


def _official(path: Path | None) -> Row | None:
    if path is None:
        return None
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadScores(f"cannot read {path}: {error}") from None
    return {"name": path.name, "scores": read_official(text)}


def _make_folder(folder: Path | None) -> None:
    """Make the folder before the work begins, so that none is lost. Raises CommandError where it cannot be."""
    try:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"--out {folder} cannot be a folder: {error.strerror}. Name another.") from None


def _write(folder: Path, reports: Sequence[Row], comparison: Row | None) -> list[str]:
    """Write the reports and their tables; return the names of the files."""
    (folder / "report.json").write_text(json.dumps(reports, indent=2))
    runs = [(report, [dict(zip(RUN_COLUMNS, row, strict=True)) for row in run_rows(report)]) for report in reports]
    _write_table(folder / "runs.csv", runs)
    for name, rows in TABLES.items():
        _write_table(folder / name, [(report, rows(report)) for report in reports])
    names = ["report.json", "runs.csv", *TABLES]
    if comparison:
        (folder / "comparison.json").write_text(json.dumps(comparison, indent=2))
        with (folder / "comparison.csv").open("w", newline="") as file:
            _write_rows(file, comparison_rows(comparison))
        names += ["comparison.json", "comparison.csv"]
    return names


def _write_table(path: Path, tables: Sequence[tuple[Row, list[Row]]]) -> None:
    """Write the rows of all trainings, which training first in each."""
    names = ("training", "encoder", "protocol", "negative_control")
    with path.open("w", newline="") as file:
        _write_rows(
            file, [{**{name: report[name] for name in names}, **row} for report, rows in tables for row in rows]
        )


def _write_rows(file: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    writer = csv.DictWriter(file, fieldnames=list(rows[0]) if rows else ["training"])
    writer.writeheader()
    writer.writerows(rows)
