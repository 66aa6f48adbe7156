"""manage.py select_misclassified --training ID --into NAME: a detector's most confident errors as a stimulus set."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from detector.ml.selection import BARELY_CAUGHT_ABOVE, CHOICES, ERRORS, Bucket
from detector.selectors.report_text import runs_in_words
from detector.selectors.runs import BEST, training_by_id
from detector.selectors.selection_text import rule_sentences
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
            "--bucket",
            action="append",
            choices=[bucket.value for bucket in CHOICES],
            help="a kind of clip; may be given several times (default: incorrect_positive and incorrect_negative)",
        )
        parser.add_argument(
            "--per-class", type=int, default=7, help="clips of each kind in each category, at most (default: 7)"
        )
        parser.add_argument(
            "--per-source",
            type=int,
            help="clips of one source in each category, at most: of one recording, or of one generator (default: any)",
        )
        parser.add_argument(
            "--controls", type=int, default=0, help="for each error, clips that the detector got right (default: 0)"
        )
        parser.add_argument(
            "--barely-caught-above",
            type=float,
            default=BARELY_CAUGHT_ABOVE,
            help=f"least score of barely_caught, itself not taken (default: {BARELY_CAUGHT_ABOVE}, as released)",
        )
        parser.add_argument("--into", required=True, help="name of the new set")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            selection = select_misclassified(
                training=training_by_id(options["training"]),
                run_choice=options["run"],
                split=options["split"],
                buckets=[Bucket(name) for name in options["bucket"] or ERRORS],
                per_class=options["per_class"],
                per_source=options["per_source"],
                n_controls=options["controls"],
                barely_caught_above=options["barely_caught_above"],
                into=options["into"],
            )
        except EarwitnessError as error:
            raise CommandError(str(error)) from None
        clips, rule = selection.provenance["clips"], selection.provenance["rule"]
        names = dict(selection.training.folds.values_list("number", "name"))
        used = selection.provenance["runs"]
        runs = runs_in_words([run["run"] for run in used], [names[run["fold"]] for run in used])
        chosen = "best by validation accuracy" if options["run"] == BEST else "as asked"
        self.stdout.write(
            f"{options['into']}: {len(clips)} of the {rule['n_eligible']} {selection.split} clips of training "
            f"{selection.training_id} on {selection.provenance['set']}, by {runs} ({chosen})"
        )
        for sentence in rule_sentences(rule):
            self.stdout.write(f"  {sentence}")
