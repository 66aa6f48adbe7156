"""manage.py check_bundle DIR: check a folder against every rule of Psych-DS 1.5.0, and its checksums."""

import argparse
import hashlib
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from studyapp.exports.psych_ds_check import check_psych_ds
from studyapp.exports.psych_ds_rules import STANDARD
from studyapp.services.bundle_folder import CHECKSUMS


class Command(BaseCommand):
    help = f"Check a dataset, exported here or elsewhere, against every rule of {STANDARD}; and its checksums."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="the folder with dataset_description.json")
        parser.add_argument("--quiet", action="store_true", help="say only what is wrong, no warnings")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = options["folder"]
        if not folder.is_dir():
            raise CommandError(f"{folder} is no folder")
        problems = check_psych_ds(folder)
        changed = _changed_files(folder)
        for problem in problems:
            if problem.is_error or not options["quiet"]:
                self.stdout.write(str(problem))
        for name in changed:
            self.stdout.write(f"error {CHECKSUMS}: {name}: is missing, or not what was exported")
        n_errors = sum(problem.is_error for problem in problems) + len(changed)
        if n_errors:
            raise CommandError(f"{folder}: {n_errors} errors; no valid {STANDARD}, or changed since it was exported")
        n_warnings = sum(not problem.is_error for problem in problems)
        self.stdout.write(f"{folder}: valid {STANDARD}, {n_warnings} warnings")


def _changed_files(folder: Path) -> list[str]:
    """Return the listed files whose bytes are not those of the list."""
    if not (folder / CHECKSUMS).is_file():
        return []
    changed = []
    for line in (folder / CHECKSUMS).read_text(encoding="utf-8", errors="replace").splitlines():
        sha256, _, name = line.partition("  ")
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file() or _sha256(path) != sha256:
            changed.append(name)
    return changed


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
