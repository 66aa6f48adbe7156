"""manage.py measure_loudness [--set NAME]: measure the loudness of sounds imported before it was measured."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from studyapp.models import Stimulus, StimulusSet
from studyapp.services.stimulus_loudness import measure_loudness


class Command(BaseCommand):
    help = "Measure the loudness (LUFS) of sounds that have none yet: those imported before it was measured."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--set", dest="set_slug", help="name of a stimulus set; without it, every sound")

    def handle(self, *args: Any, **options: Any) -> None:
        slug = options["set_slug"]
        stimuli = Stimulus.objects.filter(loudness_lufs=None).order_by("pk")
        if slug is not None:
            if not StimulusSet.objects.filter(slug=slug).exists():
                raise CommandError(f"there is no stimulus set {slug}")
            stimuli = stimuli.filter(memberships__stimulus_set__slug=slug)
        found = list(stimuli)
        refused = measure_loudness(stimuli=found)
        n_without = sum(each.loudness_lufs is None for each in found)
        self.stdout.write(f"{len(found) - n_without} sounds measured, {n_without} have no loudness")
        for name, reason in refused:
            self.stdout.write(f"{name}: {reason}")
