"""manage.py train_detectors --set NAME --embedding NAME [...]: train the paper's head, several runs at once."""

import argparse
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from detector.ml.config import Protocol
from detector.selectors.report import training_report
from detector.selectors.report_text import report_lines
from detector.selectors.sets import set_by_slug
from detector.services.training import interrupted_training, plan_training
from detector.services.training_work import run_training
from studyapp.errors import EarwitnessError
from studyapp.reports.numbers import counted


class Command(BaseCommand):
    help = (
        "Train detectors on the vectors of a set, here and now, and print how they do. "
        "An interrupted training goes on when it is asked for in the same words."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--set", required=True, dest="set_slug", help="name of the stimulus set")
        parser.add_argument("--embedding", required=True, nargs="+", help="names of encoders, such as aisfx")
        parser.add_argument("--protocol", choices=[word.value for word in Protocol], default=Protocol.PAPER.value)
        parser.add_argument("--runs", type=int, default=10, help="independent networks (default: 10)")
        parser.add_argument("--seed", type=int, default=42, help="seeds the networks, not the split (default: 42)")
        parser.add_argument("--epochs", type=int, default=100, help="a multiple of 10 (default: 100, as in the paper)")
        parser.add_argument(
            "--warm-up-epochs",
            type=int,
            default=0,
            metavar="N",
            help="epochs before the first that counts (default: 0; the released code has 3)",
        )
        parser.add_argument(
            "--permute-labels",
            action="store_true",
            help="negative control: deal the labels anew, so that nothing is left to learn",
        )
        parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print the reports as one JSON list")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            reports = [self._train(name, options) for name in options["embedding"]]
        except EarwitnessError as error:
            raise CommandError(str(error)) from None
        if options["as_json"]:
            self.stdout.write(json.dumps(reports, indent=2))
            return
        for report in reports:
            self.stdout.write("\n".join(report_lines(report)))
        for report in reports:
            self.stdout.write("\n".join(_next_lines(report)))

    def _train(self, encoder: str, options: dict[str, Any]) -> dict[str, Any]:
        asked: dict[str, Any] = {
            "stimulus_set": set_by_slug(options["set_slug"]),
            "encoder": encoder,
            "protocol": options["protocol"],
            "n_runs": options["runs"],
            "seed": options["seed"],
            "config": {
                "n_epochs": options["epochs"],
                "warm_up_epochs": options["warm_up_epochs"],
                "permute_labels": options["permute_labels"],
            },
            "device": options["device"],
        }
        training = interrupted_training(**asked)
        if training is None:
            training = plan_training(**asked)
        else:
            self._say(f"training {training.pk}: was interrupted; goes on, since it was asked for in the same words")
        run_training(training=training, report=self._say)
        return training_report(training)

    def _say(self, line: str) -> None:
        self.stderr.write(line, self.style.NOTICE)


def _next_lines(report: dict[str, Any]) -> list[str]:
    """Return the training's number again, below all its tables, and what to type next."""
    number, slug = report["training"], report["set"]
    runs, folds = counted(len(report["by_run"]), "run"), len(report["folds"])
    of_folds = f" in each of {folds} folds" if folds > 1 else ""
    lines = [
        "",
        f"Training {number}: done, {runs} of {report['encoder']} on {slug}{of_folds}. Next:",
        f"  manage.py report_detectors --training {number}",
    ]
    if report["config"]["permute_labels"]:
        return lines
    return [
        *lines,
        f"  manage.py select_misclassified --training {number} --into {slug[:60]}-errors-{number}",
        f"  manage.py score_stimuli --training {number} --set {slug}",
    ]
