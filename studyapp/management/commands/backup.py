"""manage.py backup DIR [--keep N]: copy database and media while the site goes on."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from studyapp.errors import EarwitnessError
from studyapp.reports.numbers import counted
from studyapp.services.backup import make_backup


class Command(BaseCommand):
    help = "Add a backup of database and media to a folder; media that an earlier backup has are not copied again."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="folder of backups; made when it is not there")
        parser.add_argument("--keep", type=int, help="delete all but the newest so many backups (default: keep all)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = make_backup(root=options["folder"], keep=options["keep"], say=self._say)
        except EarwitnessError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(
            f"{made.folder}: {counted(made.n_rows, 'row')}, {counted(made.n_files, 'media file')} "
            f"({made.n_bytes / 1e6:,.1f} MB), {made.n_new} of them new"
        )

    def _say(self, line: str) -> None:
        self.stderr.write(line, self.style.NOTICE)
