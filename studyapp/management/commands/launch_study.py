"""Launch a study."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from studyapp.design.check_items import unwise
from studyapp.errors import NotLaunchable
from studyapp.models import Study
from studyapp.selectors.launch_surroundings import surrounding_items
from studyapp.services.launch import launch_study
from studyapp.services.launch_check import check_launch
from studyapp.services.pilot_tokens import pilot_token
from studyapp.vocab import StudyState


class Command(BaseCommand):
    help = "Freeze a version of the study SLUG and open it to participants."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the study's name")
        parser.add_argument("--pilot", action="store_true", help="let in only those who bring the pilot link")

    def handle(self, *args: Any, **options: Any) -> None:
        study = Study.objects.filter(slug=options["slug"]).first()
        if study is None:
            known = ", ".join(Study.objects.order_by("slug").values_list("slug", flat=True)[:20]) or "none"
            raise CommandError(f"there is no study {options['slug']!r}; studies: {known}")
        for item in unwise([*check_launch(study=study).items, *surrounding_items(study)]):
            self.stderr.write(f"Warning: {item.line}")
        before = study.versions.order_by("-number").first()
        state_before = study.state
        progress = self._progress if options["verbosity"] > 0 else None
        try:
            version = launch_study(study=study, progress=progress, as_pilot=options["pilot"])
        except NotLaunchable as error:
            reasons = "\n".join(f"  {line}" for line in str(error).splitlines())
            raise CommandError(f"{study.slug} cannot be launched:\n{reasons}") from None
        named = f"version {version.number}, SHA-256 {version.sha256}"
        if before != version:
            self.stdout.write(f"Launched {study.slug}{' as a pilot' if options['pilot'] else ''}, {named}")
        elif state_before == study.state:
            self.stdout.write(f"Nothing has changed: {study.slug} stays {study.state} with {named}")
        elif state_before == StudyState.PILOT:
            self.stdout.write(f"Nothing has changed since the pilot: {study.slug} is live with {named}")
        else:
            self.stdout.write(f"Nothing has changed: {study.slug} is open again with {named}")
        address = reverse("participant_landing", args=[study.slug])
        if options["pilot"]:
            self.stdout.write(f"The pilot's address: {address}?pilot={pilot_token(study)}")
        else:
            self.stdout.write(f"Participants' address: {address}")

    def _progress(self, done: int, total: int) -> None:
        if done == total or done % 50 == 0:
            self.stderr.write(f"{done} of {total} sounds prepared", self.style.NOTICE)
