"""manage.py import_responses SLUG FILE.csv: store judgements that were gathered elsewhere."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from studyapp.errors import EarwitnessError
from studyapp.reports.numbers import counted
from studyapp.services.response_import import import_responses
from studyapp.services.response_mapping import mapping_of, pair_of
from studyapp.services.response_rows import NAMES


class Command(BaseCommand):
    help = (
        "Store judgements gathered elsewhere, from a CSV file (or jsPsych's JSON), a row for each: participant_id, "
        "stimulus_id (id, SHA-256 or name in the set), response (real or fake); optionally reason, reason_text, "
        "confidence, rt_ms, trial_order. Nothing is stored when a row is wrong."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("slug", help="name of the study; it must have been launched")
        parser.add_argument("file", type=Path, help="CSV file, or a JSON file with a list of trials")
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            metavar="NAME=HEADER",
            help=f"which column of the file holds what; NAME is one of {', '.join(NAMES)}",
        )
        parser.add_argument("--fake", nargs="+", default=["fake"], help="words of the file that mean fake")
        parser.add_argument("--real", nargs="+", default=["real"], help="words of the file that mean real")
        parser.add_argument(
            "--only",
            action="append",
            default=[],
            metavar="HEADER=VALUE",
            help="read only the rows with this value, such as those of the judging screen",
        )
        parser.add_argument(
            "--reason-only",
            action="append",
            default=[],
            metavar="HEADER=VALUE",
            help="the reason stands in rows of its own, with this value: it belongs to the last judgement above",
        )
        parser.add_argument(
            "--unanswered",
            nargs="+",
            default=[],
            help="words of the file for no answer, such as null: such judgements are counted and not stored",
        )
        parser.add_argument(
            "--rt-from",
            choices=["onset", "offset"],
            default="onset",
            help="whether rt_ms counts from the sound's start or its end",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            mapping = mapping_of(
                columns=dict(pair_of(each) for each in options["column"]),
                fake=options["fake"],
                real=options["real"],
                only=options["only"],
                reason_only=options["reason_only"],
                unanswered=options["unanswered"],
                rt_from=options["rt_from"],
            )
            found = import_responses(path=options["file"], slug=options["slug"], mapping=mapping)
        except EarwitnessError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(
            f"{counted(found.n_judgements, 'judgement')} of {counted(found.n_clips, 'clip')} by "
            f"{counted(found.n_listeners, 'listener')} imported into {options['slug']}"
        )
        if found.n_left_out:
            self.stdout.write(f"{counted(found.n_left_out, 'row')} left out by --only")
        if found.n_unanswered:
            self.stdout.write(f"{counted(found.n_unanswered, 'judgement')} without an answer, not stored")
        if found.n_partial:
            self.stdout.write(f"{counted(found.n_partial, 'listener')} judged only some of the study's clips")
