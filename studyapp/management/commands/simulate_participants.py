"""manage.py simulate_participants SLUG --n 20 --seed 1: let simulated participants take a study over HTTP."""

import argparse
import math
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError

from studyapp.errors import EarwitnessError
from studyapp.models import Study
from studyapp.services.local_server import WebServer
from studyapp.services.simulation import (
    PAPER_REASON_WEIGHTS,
    SimulationResult,
    require_open_to_bots,
    simulate_participants,
)
from studyapp.services.simulation_walker import Walk
from studyapp.stats.observer_model import ObserverModel


class Command(BaseCommand):
    help = (
        "Let simulated participants take a launched study over HTTP, in its pilot, live or paused. Their sessions are "
        "marked simulated (origin bot) and never mix with data."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("slug", help="name of the study")
        parser.add_argument("--n", type=int, default=20, help="simulated participants (default: 20)")
        parser.add_argument("--seed", type=int, default=1, help="seed of every answer (default: 1)")
        parser.add_argument("--d-prime", type=float, default=0.5, help="sensitivity (default: 0.5)")
        parser.add_argument("--criterion", type=float, default=0.3, help="c; above 0 leans to real (default: 0.3)")
        parser.add_argument("--listener-sd", type=float, default=0.0, help="spread of listeners, latent scale")
        parser.add_argument("--clip-sd", type=float, default=0.0, help="spread of clips, latent scale")
        parser.add_argument("--drop-out", type=float, default=0.0, help="probability of leaving at a random trial")
        parser.add_argument("--reasons", type=Path, help="JSON or YAML file: reason code -> weight")
        parser.add_argument(
            "--url", help="a running server with this database; without it the command starts one of its own"
        )
        parser.add_argument("--concurrency", type=int, default=4, help="participants at the same time (default: 4)")

    def handle(self, *args: Any, **options: Any) -> None:
        study = Study.objects.filter(slug=options["slug"]).first()
        if study is None:
            raise CommandError(f"there is no study {options['slug']!r}")
        try:
            require_open_to_bots(study)
            model = _model(options)
            with ExitStack() as stack:
                url = options["url"].rstrip("/") if options["url"] else stack.enter_context(WebServer()).url
                self.stdout.write(f"{options['n']} simulated participants take {study.slug} at {url}")
                result = simulate_participants(
                    study=study,
                    url=url,
                    n=options["n"],
                    seed=options["seed"],
                    model=model,
                    drop_out=options["drop_out"],
                    concurrency=options["concurrency"],
                    progress=lambda walk, done: self._show(walk, done, options["n"]),
                )
        except (EarwitnessError, ValueError) as error:
            raise CommandError(str(error)) from None
        self._summarize(result)
        if result.failed:
            raise CommandError(f"{len(result.failed)} of {len(result.walks)} simulated participants failed")

    def _show(self, walk: Walk, done: int, total: int) -> None:
        state = f"failed: {walk.error}" if walk.error else "left early" if walk.left_early else walk.outcome
        self.stdout.write(f"  {done}/{total}  participant {walk.index + 1}: {walk.n_answers} answers, {state}")
        self.stdout.flush()

    def _summarize(self, result: SimulationResult) -> None:
        ended_otherwise = len(result.walks) - result.n_completed - result.n_left_early - len(result.failed)
        self.stdout.write(
            f"{result.n_completed} completed, {result.n_left_early} left early, {ended_otherwise} ended otherwise, "
            f"{len(result.failed)} failed; {result.n_answers} answers, {result.n_requests} requests in "
            f"{result.duration_s:.1f} s ({result.n_requests / max(result.duration_s, 1e-9):.0f} a second)"
        )


def _model(options: dict[str, Any]) -> ObserverModel:
    return ObserverModel(
        d_prime=options["d_prime"],
        criterion_c=options["criterion"],
        listener_sd=options["listener_sd"],
        clip_sd=options["clip_sd"],
        reason_weights=_reason_weights(options["reasons"]) if options["reasons"] else PAPER_REASON_WEIGHTS,
    )


def _reason_weights(path: Path) -> dict[str, float]:
    """Read the weights. Raises CommandError when the file is not a mapping of codes to numbers."""
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CommandError(f"{path}: cannot be read: {error}") from None
    if not isinstance(found, dict) or not all(_is_weight(weight) for weight in found.values()):
        raise CommandError(f"{path}: must be an object of reason codes and weights, such as {{distorted: 3, other: 1}}")
    return {str(code): float(weight) for code, weight in found.items()}


def _is_weight(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0
