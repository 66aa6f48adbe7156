"""manage.py restore DIR/backup-...: bring an installation back, into an empty database."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from studyapp.errors import EarwitnessError
from studyapp.reports.numbers import counted
from studyapp.services.restore import check_backup, restore_backup


class Command(BaseCommand):
    help = "Restore a backup into an empty database and the media storage; every hash is checked first."
    requires_migrations_checks = False

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="the backup's own folder, backup-...")
        parser.add_argument("--check", action="store_true", help="only read it whole and compare every hash")

    def handle(self, *args: Any, **options: Any) -> None:
        work = check_backup if options["check"] else restore_backup
        try:
            manifest = work(folder=options["folder"], say=self._say)
        except EarwitnessError as error:
            raise CommandError(str(error)) from None
        rows = counted(sum(manifest["rows"].values()), "row")
        files = counted(len(manifest["media"]), "media file")
        made_at = manifest["made_at"][:19]
        if options["check"]:
            self.stdout.write(f"The backup of {made_at} is whole: {rows}, {files}, every hash as it was.")
        else:
            self.stdout.write(
                f"Restored the backup of {made_at}: {rows}, {files}, every hash and every number of rows as it was."
            )

    def _say(self, line: str) -> None:
        self.stderr.write(line, self.style.NOTICE)
