"""manage.py import_study DIR: restore a study from a bundle that export_study --with-sounds wrote."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from studyapp.errors import BundleRefused, NotFound
from studyapp.selectors.accounts import user_by_name
from studyapp.services.study_import import import_study


class Command(BaseCommand):
    help = "Restore a study from a bundle that export_study --with-sounds wrote. All of it, or nothing."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("bundle", type=Path, metavar="DIR", help="the folder that export_study wrote")
        parser.add_argument("--as", dest="slug", default="", metavar="SLUG", help="another name for the study here")
        parser.add_argument("--owner", metavar="USER", help="the experimenter whose study it is to be")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            owner = user_by_name(options["owner"]) if options["owner"] else None
            made = import_study(folder=options["bundle"], slug=options["slug"], owner=owner, say=self.stderr.write)
        except NotFound as error:
            raise CommandError(str(error)) from None
        except BundleRefused as error:
            raise CommandError(f"{error}\nNothing was imported.") from None
        rows = made.n_rows
        self.stdout.write(
            f"Imported the study {made.study.slug}: {rows['study_version']} versions, {rows['session']} sessions, "
            f"{rows['response']} answers, {rows['stimulus']} sounds: {reverse('study', args=[made.study.slug])}"
        )
        for line in made.said:
            self.stdout.write(line)
