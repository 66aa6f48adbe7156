"""Launch a study."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from studyapp.errors import NotLaunchable
from studyapp.models import Study
from studyapp.services.launch import launch_study
from studyapp.services.launch_check import check_launch
from studyapp.vocab import StudyState


class Command(BaseCommand):
    help = "Freeze a version of the study SLUG and open it to participants."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the study's name")

    def handle(self, *args: Any, **options: Any) -> None:
        study = Study.objects.filter(slug=options["slug"]).first()
        if study is None:
            known = ", ".join(Study.objects.order_by("slug").values_list("slug", flat=True)[:20]) or "none"
            raise CommandError(f"there is no study {options['slug']!r}; studies: {known}")
        for warning in check_launch(study=study).warnings:
            self.stderr.write(f"Warning: {warning}")
        before = study.versions.order_by("-number").first()
        was_live = study.state == StudyState.LIVE
        progress = self._progress if options["verbosity"] > 0 else None
        try:
            version = launch_study(study=study, progress=progress)
        except NotLaunchable as error:
            reasons = "\n".join(f"  {line}" for line in str(error).splitlines())
            raise CommandError(f"{study.slug} cannot be launched:\n{reasons}") from None
        named = f"version {version.number}, SHA-256 {version.sha256}"
        if before != version:
            self.stdout.write(f"Launched {study.slug}, {named}")
        elif was_live:
            self.stdout.write(f"Nothing has changed: {study.slug} stays live with {named}")
        else:
            self.stdout.write(f"Nothing has changed: {study.slug} is open again with {named}")
        self.stdout.write(f"Participants' address: {reverse('participant_landing', args=[study.slug])}")

    def _progress(self, done: int, total: int) -> None:
        if done == total or done % 50 == 0:
            self.stderr.write(f"{done} of {total} sounds prepared", self.style.NOTICE)
