"""manage.py import_scores FILE.csv --set NAME --machine NAME: store what a machine said of the clips of a set."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from studyapp.errors import EarwitnessError
from studyapp.services.score_import import import_scores


class Command(BaseCommand):
    help = (
        "Store a machine's word on the clips of a set, from a CSV file with the columns stimulus and fake_score (in "
        "[0, 1], higher is more fake) or decision (real or fake). Nothing is stored when a row is wrong."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="CSV file")
        parser.add_argument("--set", required=True, dest="set_slug", help="name of the stimulus set")
        parser.add_argument("--machine", required=True, help="name of the machine; made when it is new")
        parser.add_argument(
            "--replace", action="store_true", help="overwrite what the machine said of these clips before"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = import_scores(
                path=options["file"],
                set_slug=options["set_slug"],
                machine=options["machine"],
                is_replacing=options["replace"],
            )
        except EarwitnessError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{found.n_rows} clips judged by {found.machine.title} ({found.machine.slug}) stored")
        if found.n_without:
            self.stdout.write(f"{found.n_without} clips of the set are not in the file")
