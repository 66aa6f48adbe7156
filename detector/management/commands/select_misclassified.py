"""manage.py select_misclassified --training ID --into NAME: a detector's most confident errors as a stimulus set."""

import argparse
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from detector.selectors.runs import training_by_id
from detector.services.selection import SPLIT_CHOICES, select_misclassified
from studyapp.errors import EarwitnessError


class Command(BaseCommand):
    help = "Put a detector's most confident errors on clips that it did not see into a new stimulus set."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--training", required=True, type=int, help="number of the training")
        parser.add_argument(
            "--run", default="best", help="a run's number, or best: by validation accuracy (default: best)"
        )
        parser.add_argument("--split", choices=SPLIT_CHOICES, default="held-out", help="eligible clips")
        parser.add_argument(
            "--per-class", type=int, default=7, help="errors of each kind in each category, at most (default: 7)"
        )
        parser.add_argument("--controls", type=int, default=0, help="clips that the detector got right; not there yet")
        parser.add_argument("--into", required=True, help="name of the new set")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["controls"]:
            raise CommandError("--controls is not there yet: leave it out to select errors only")
        try:
            selection = select_misclassified(
                training=training_by_id(options["training"]),
                run_choice=options["run"],
                split=options["split"],
                per_class=options["per_class"],
                into=options["into"],
            )
        except EarwitnessError as error:
            raise CommandError(str(error)) from None
        clips = selection.provenance["clips"]
        counts = Counter(clip["bucket"].replace("_", " ") for clip in clips)
        words = ", ".join(f"{count} {bucket}" for bucket, count in sorted(counts.items()))
        eligible = selection.provenance["rule"]["n_eligible"]
        runs = ", ".join(str(run["run"]) for run in selection.provenance["runs"])
        chosen = "best by validation accuracy" if options["run"] == "best" else "as asked"
        self.stdout.write(
            f"{options['into']}: {len(clips)} of the {eligible} {selection.split} clips of training "
            f"{selection.training_id} on {selection.provenance['set']} ({words}), by run {runs} ({chosen})"
        )
