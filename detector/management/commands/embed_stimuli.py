"""manage.py embed_stimuli --set NAME --embedding NAME [...]: give every clip of a set its vectors."""

import argparse
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from detector.models import EmbeddingRun
from detector.selectors.sets import set_by_slug
from detector.services.embedding import plan_embedding
from detector.services.embedding_work import run_embedding
from studyapp.errors import EarwitnessError
from studyapp.reports.numbers import counted


class Command(BaseCommand):
    help = "Embed the clips of a set, here and now. Clips that have vectors by the recipe already are not done again."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--set", required=True, dest="set_slug", help="name of the stimulus set")
        parser.add_argument("--embedding", required=True, nargs="+", help="names of encoders, such as aisfx")
        parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print the outcome as one JSON list")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            stimulus_set = set_by_slug(options["set_slug"])
            runs = [
                run_embedding(
                    run=plan_embedding(stimulus_set=stimulus_set, encoder=name, device=options["device"]),
                    report=lambda line: self.stderr.write(line, self.style.NOTICE),
                )
                for name in options["embedding"]
            ]
        except EarwitnessError as error:
            raise CommandError(str(error)) from None
        if options["as_json"]:
            self.stdout.write(json.dumps([_as_object(run) for run in runs], indent=2))
            return
        for run in runs:
            self._write(run)

    def _write(self, run: EmbeddingRun) -> None:
        failures = list(run.failures.select_related("stimulus"))
        n_new = run.n_clips - run.n_reused - len(failures)
        self.stdout.write(
            f"{run.encoder}: {counted(run.n_clips, 'clip')}, {n_new} embedded, {run.n_reused} there already, "
            f"{len(failures)} failed"
        )
        for failure in failures:
            self.stdout.write(f"  {failure.stimulus.name}: {failure.detail}")


def _as_object(run: EmbeddingRun) -> dict[str, Any]:
    failures = list(run.failures.select_related("stimulus"))
    return {
        "run": run.pk,
        "set": run.stimulus_set.slug,
        "encoder": run.encoder,
        "fingerprint": run.fingerprint,
        "state": run.state,
        "n_clips": run.n_clips,
        "n_reused": run.n_reused,
        "n_embedded": run.n_clips - run.n_reused - len(failures),
        "failed": [{"stimulus": failure.stimulus.name, "detail": failure.detail} for failure in failures],
    }
