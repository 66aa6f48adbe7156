"""manage.py export_study SLUG --out DIR: write a study's data to a folder."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from studyapp.errors import EarwitnessError
from studyapp.exports.bundle import export_study
from studyapp.models import Study
from studyapp.selectors.analysis import default_origin
from studyapp.vocab import Origin


class Command(BaseCommand):
    help = "Write the data of a study to a folder: CSV tables, codebook, analysis, checksums. Pseudonymous."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("slug", help="name of the study")
        parser.add_argument("--out", type=Path, required=True, help="folder to write to; made when it is missing")
        parser.add_argument(
            "--origin",
            choices=[origin.value for origin in Origin],
            help="whose answers (default: the first that has any of live, imported, pilot, preview, bot)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        study = Study.objects.select_related("stimulus_set").filter(slug=options["slug"]).first()
        if study is None:
            raise CommandError(f"there is no study {options['slug']!r}")
        origin = Origin(options["origin"]) if options["origin"] else default_origin(study)
        try:
            files = export_study(study=study, folder=options["out"], origin=origin)
        except EarwitnessError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{study.slug}: {origin.value} answers, written to {options['out']}")
        for file in files:
            rows = "" if file.n_rows is None else f"  {file.n_rows} rows"
            self.stdout.write(f"  {file.path}{rows}")
