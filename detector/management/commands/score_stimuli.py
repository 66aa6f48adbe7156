"""manage.py score_stimuli --training ID [--run N|best] --set NAME: let a detector score a set."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from detector.selectors.report_text import runs_in_words
from detector.selectors.runs import BEST, training_by_id
from detector.selectors.sets import set_by_slug
from detector.services.scoring import score_stimuli
from studyapp.errors import EarwitnessError
from studyapp.reports.numbers import counted
from studyapp.vocab import Split

NEVER_MET = "not in the training's set"


class Command(BaseCommand):
    help = "Score the clips of a set and store the scores, each with what the clip was for in the training."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--training", required=True, type=int, help="number of the training")
        parser.add_argument(
            "--run", default="best", help="a run's number, or best: by validation accuracy (default: best)"
        )
        parser.add_argument("--set", required=True, dest="set_slug", help="name of the stimulus set")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            training = training_by_id(options["training"])
            scored = score_stimuli(
                training=training,
                run_choice=options["run"],
                stimulus_set=set_by_slug(options["set_slug"]),
            )
        except EarwitnessError as error:
            raise CommandError(str(error)) from None
        chosen = "best by validation accuracy" if options["run"] == BEST else "as asked"
        runs = runs_in_words([run.number for run in scored.runs], [run.fold.name for run in scored.runs])
        n_clips = sum(scored.n_by_split.values())
        self.stdout.write(
            f"{scored.machine.slug}: {counted(n_clips, 'sound')} of {options['set_slug']} scored by training "
            f"{training.pk} on {training.stimulus_set.slug}, {runs} ({chosen})"
        )
        for split, count in sorted(scored.n_by_split.items()):
            self.stdout.write(f"  {split or NEVER_MET}: {count}")
        if not set(scored.n_by_split) & {Split.EVALUATION.value, ""}:
            self.stdout.write("  The run was trained on all of these sounds, or chosen by them: none is held out.")
