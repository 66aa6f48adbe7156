"""manage.py invite NOTE: print a link that makes an account, or one with a role in a study."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from studyapp.errors import EarwitnessError
from studyapp.models import Study
from studyapp.services.invitation import invite
from studyapp.vocab import StudyRole


class Command(BaseCommand):
    help = "Print a link that makes an account. It is good once, for seven days; send it to that person only."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("note", help="whom it is for, such as a name")
        parser.add_argument("--study", help="name of a study to take part in")
        parser.add_argument("--role", choices=[role.value for role in StudyRole], help="what to be in that study")
        parser.add_argument("--site", default="http://127.0.0.1:8000", help="where the site is (default: %(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        if (options["study"] is None) != (options["role"] is None):
            raise CommandError("--study and --role go together")
        study = None
        if options["study"] is not None:
            study = Study.objects.filter(slug=options["study"]).first()
            if study is None:
                raise CommandError(f"there is no study {options['study']!r}")
        role = StudyRole(options["role"]) if options["role"] else None
        try:
            made, token = invite(inviter=None, note=options["note"][:200], study=study, role=role)
        except EarwitnessError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{options['site'].rstrip('/')}{reverse('invitation', args=[token])}")
        self.stdout.write(f"For {made.note}. Good once, until {made.expires_at:%Y-%m-%d %H:%M} UTC.")
