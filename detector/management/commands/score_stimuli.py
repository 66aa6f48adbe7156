"""manage.py score_stimuli --training ID [--run N|best] --set NAME: let a detector score a set."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from detector.selectors.runs import training_by_id
from detector.selectors.sets import set_by_slug
from detector.services.scoring import score_stimuli
from studyapp.errors import EarwitnessError

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
            scored = score_stimuli(
                training=training_by_id(options["training"]),
                run_choice=options["run"],
                stimulus_set=set_by_slug(options["set_slug"]),
            )
        except EarwitnessError as error:
            raise CommandError(str(error)) from None
        chosen = "best by validation accuracy" if options["run"] == "best" else "as asked"
        runs = ", ".join(str(run.number) for run in scored.runs)
        self.stdout.write(
            f"{scored.machine.slug}: run {runs} ({chosen}), {sum(scored.n_by_split.values())} sounds scored"
        )
        for split, count in sorted(scored.n_by_split.items()):
            self.stdout.write(f"  {split or NEVER_MET}: {count}")
