"""manage.py export_plan SLUG [--number N] [--html]: the frozen analysis plan as a document, on standard output."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from studyapp.models import Study
from studyapp.reports.plan_document import plan_html, plan_markdown
from studyapp.selectors.analysis_plan import frozen_plans
from studyapp.selectors.study_config import frozen_config


class Command(BaseCommand):
    help = "Print the analysis plan that a version of a study froze, as Markdown or HTML: the same bytes every time."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("slug", help="name of the study")
        parser.add_argument("--number", type=int, help="of which version (default: the latest)")
        parser.add_argument("--html", action="store_true", help="as one HTML page")

    def handle(self, *args: Any, **options: Any) -> None:
        study = Study.objects.filter(slug=options["slug"]).first()
        if study is None:
            raise CommandError(f"there is no study {options['slug']!r}")
        plans = frozen_plans(study)
        asked = options["number"]
        frozen = next((each for each in plans if asked is None or each.version.number == asked), None)
        if frozen is None:
            raise CommandError(f"{study.slug} has no version {asked or ''}: launch it first, which freezes the plan")
        if frozen.plan is None:
            raise CommandError(f"version {frozen.version.number} was launched before studies had plans")
        write = plan_html if options["html"] else plan_markdown
        self.stdout.write(write(study, frozen, frozen_config(frozen.version)), ending="")
