"""manage.py report_detectors --training ID [...]: what trainings showed."""

import argparse
import csv
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from detector.selectors.report import training_report
from detector.selectors.report_text import RUN_COLUMNS, report_lines, run_rows
from detector.selectors.runs import training_by_id
from studyapp.errors import EarwitnessError


class Command(BaseCommand):
    help = "Report finished trainings: every run, mean and SD, confusion matrices."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--training", required=True, nargs="+", type=int, help="numbers of trainings")
        parser.add_argument("--out", type=Path, help="folder for report.json and runs.csv; made when it is not there")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print the reports as one JSON list")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            reports = [training_report(training_by_id(pk)) for pk in options["training"]]
        except EarwitnessError as error:
            raise CommandError(str(error)) from None
        if options["out"]:
            try:
                _write(options["out"], reports)
            except OSError as error:
                raise CommandError(f"cannot write to {options['out']}: {error}") from None
        if options["as_json"]:
            self.stdout.write(json.dumps(reports, indent=2))
            return
        for report in reports:
            self.stdout.write("\n".join(report_lines(report)))


def _write(folder: Path, reports: list[dict[str, Any]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(json.dumps(reports, indent=2))
    with (folder / "runs.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["training", "encoder", "protocol", *RUN_COLUMNS])
        for report in reports:
            head = [report["training"], report["encoder"], report["protocol"]]
            writer.writerows([*head, *row] for row in run_rows(report))
