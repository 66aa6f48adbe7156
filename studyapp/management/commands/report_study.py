"""manage.py report_study SLUG --out DIR [--pdf] [--origin …]: the results of a study as one page, with its numbers."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from studyapp.errors import EarwitnessError
from studyapp.exports.report import Pdf, write_report
from studyapp.models import Study
from studyapp.reports.analysis_page import WHOSE_WORDS
from studyapp.selectors.analysis import default_origin
from studyapp.vocab import Origin


class Command(BaseCommand):
    help = (
        "Write the report of a study to a folder: one HTML page without anything from outside, figures as SVG, tables "
        "and numbers as CSV, analysis.json, with --pdf a PDF. Twice the same bytes."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("slug", help="name of the study")
        parser.add_argument("--out", type=Path, required=True, help="folder to write to; made when it is missing")
        parser.add_argument(
            "--pdf", action="store_true", help="a PDF too; it needs WeasyPrint (requirements-pdf.txt) and Pango"
        )
        parser.add_argument(
            "--origin",
            choices=[origin.value for origin in Origin],
            help="whose answers (default: the first that has any of live, imported, pilot, preview, bot); bot is of "
            "simulated participants",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        study = Study.objects.select_related("stimulus_set").filter(slug=options["slug"]).first()
        if study is None:
            raise CommandError(f"there is no study {options['slug']!r}")
        origin = Origin(options["origin"]) if options["origin"] else default_origin(study)
        try:
            files = write_report(
                study=study, folder=options["out"], origin=origin, pdf=Pdf.NEEDED if options["pdf"] else Pdf.NONE
            )
        except EarwitnessError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{study.slug}: report of {WHOSE_WORDS[origin]} written to {options['out']}")
        if origin not in (Origin.LIVE, Origin.IMPORTED):
            self.stdout.write("  These are no data of the study: they are kept apart from it.")
        for file in files:
            self.stdout.write(f"  {file.path}")
