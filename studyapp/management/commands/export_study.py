"""manage.py export_study SLUG --out DIR: write a study's data to a folder."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from studyapp.errors import EarwitnessError
from studyapp.exports.bundle import export_study
from studyapp.exports.identifiers import write_identifiers
from studyapp.exports.psych_ds_check import check_psych_ds
from studyapp.exports.psych_ds_rules import STANDARD
from studyapp.models import Study
from studyapp.selectors.analysis import default_origin
from studyapp.services.bundle_folder import SOUNDS
from studyapp.vocab import ORIGIN_WORDS, Origin


class Command(BaseCommand):
    help = "Write the data of a study to a folder: CSV tables, codebook, analysis, checksums. Pseudonymous."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("slug", help="name of the study")
        parser.add_argument("--out", type=Path, required=True, help="folder to write to; made when it is missing")
        parser.add_argument(
            "--with-sounds",
            action="store_true",
            help="add the sounds and every row that import_study restores the study from; they tell real from fake",
        )
        parser.add_argument(
            "--with-identifiers",
            action="store_true",
            help="write who the participants are to their recruiters to a file beside the folder; the log says so",
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
            files = export_study(study=study, folder=options["out"], origin=origin, with_sounds=options["with_sounds"])
            if options["with_identifiers"]:
                identifiers = write_identifiers(study=study, origin=origin, folder=options["out"])
                self.stdout.write(f"{identifiers}: says who the participants are; keep it apart from the data")
        except EarwitnessError as error:
            raise CommandError(str(error)) from None
        self._check(options["out"])
        self.stdout.write(
            f"{study.slug}: {ORIGIN_WORDS[origin]} answers, written to {options['out']}, valid {STANDARD}"
        )
        for file in [file for file in files if not file.path.startswith(SOUNDS)]:
            rows = "" if file.n_rows is None else f"  {file.n_rows} rows"
            self.stdout.write(f"  {file.path}{rows}")
        if options["with_sounds"]:
            n_sounds = sum(file.path.startswith(SOUNDS) for file in files)
            self.stdout.write(f"  {SOUNDS}  {n_sounds} sounds")
            self.stdout.write(
                "The folder tells which sounds are fake, and holds answers of every origin: it is for experimenters. "
                f"Restore it elsewhere by: manage.py import_study {options['out']}"
            )

    def _check(self, folder: Path) -> None:
        """Refuse to say that all is well when other files in the folder make it no valid dataset."""
        errors = [str(problem) for problem in check_psych_ds(folder) if problem.is_error]
        if errors:
            raise CommandError(f"{folder} is written, and no valid {STANDARD}:\n" + "\n".join(errors))
