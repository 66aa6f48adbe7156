"""manage.py import_stimuli PATH --set NAME: import a folder of sounds."""

import argparse
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from studyapp.errors import EarwitnessError
from studyapp.models import StimulusImport
from studyapp.selectors.accounts import user_by_name
from studyapp.selectors.stimulus_imports import count_reasons, list_rejected
from studyapp.services.stimulus_import import import_stimuli
from studyapp.services.stimulus_layouts import LAYOUTS


class Command(BaseCommand):
    help = "Import the sounds below a folder, or those that a manifest names, into a stimulus set."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help="folder, or manifest CSV file")
        parser.add_argument(
            "--set", required=True, dest="set_slug", help="name of the stimulus set; made when it is new"
        )
        parser.add_argument(
            "--layout", choices=LAYOUTS, default="auto", help="how the folder is laid out (default: auto)"
        )
        parser.add_argument("--title", default="", help="title of a new set")
        parser.add_argument("--description", default="", help="where the sounds of a new set come from")
        parser.add_argument("--caution", default="", help="what results on a new set cannot show")
        parser.add_argument("--owner", default="", help="user name of a new set's owner; without one, all users see it")
        parser.add_argument(
            "--include-baseline", action="store_true", help="dcase2023: import the baseline's clips too"
        )
        parser.add_argument("--json", action="store_true", dest="as_json", help="print the outcome as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            record = import_stimuli(
                path=options["path"],
                set_slug=options["set_slug"],
                layout=options["layout"],
                owner=user_by_name(options["owner"]) if options["owner"] else None,
                title=options["title"],
                description=options["description"],
                caution=options["caution"],
                include_baseline=options["include_baseline"],
                progress=self._show_progress,
            )
        except EarwitnessError as error:
            raise CommandError(str(error)) from None
        if options["as_json"]:
            self.stdout.write(json.dumps(_as_object(record), indent=2, ensure_ascii=False))
        else:
            self._write_summary(record)
        if record.n_imported + record.n_already_there == 0:
            raise CommandError("no file could be imported; the reasons stand above")

    def _show_progress(self, done: int, total: int) -> None:
        # On the error stream, so that --json leaves a clean object on the other.
        if done == total or done % 1000 == 0:
            self.stderr.write(f"{done} of {total} files", self.style.NOTICE)

    def _write_summary(self, record: StimulusImport) -> None:
        self.stdout.write(
            f"{record.stimulus_set.slug}: {record.n_found} files ({record.layout} layout): "
            f"{record.n_imported} imported, {record.n_already_there} there already, {record.n_rejected} not imported"
        )
        for reason, count in count_reasons(record):
            self.stdout.write(f"  {reason.replace('_', ' ')}: {count}")
        rejected = list_rejected(record)
        for each in rejected[:20]:
            self.stdout.write(f"  {each.name}: {each.detail}")
        if len(rejected) > 20:
            self.stdout.write(f"  … and {len(rejected) - 20} more; --json and the set's page list them all")


def _as_object(record: StimulusImport) -> dict[str, Any]:
    return {
        "set": record.stimulus_set.slug,
        "layout": record.layout,
        "source": record.source,
        "n_found": record.n_found,
        "n_imported": record.n_imported,
        "n_already_there": record.n_already_there,
        "n_rejected": record.n_rejected,
        "not_imported": [
            {"path": each.name, "reason": each.reason, "detail": each.detail} for each in list_rejected(record)
        ],
    }
