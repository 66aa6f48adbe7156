"""manage.py analyze_study SLUG [--origin …] [--json]: the analysis of a study, in sentences or as one JSON object."""

import argparse
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from studyapp.models import Study
from studyapp.reports.analysis_sentences import answer_sentences, sentences_of_tests
from studyapp.reports.numbers import counted, number, p_value, percent, percent_interval
from studyapp.services.analysis import analyze
from studyapp.vocab import ORIGIN_WORDS, Origin


class Command(BaseCommand):
    help = "Print the analysis of a study. With --json: one object with stable keys, see docs/analysis_json.md."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("slug", help="name of the study")
        parser.add_argument(
            "--origin",
            choices=[origin.value for origin in Origin],
            help="whose answers (default: the first that has any of live, imported, pilot, preview, bot); bot is of "
            "simulated participants",
        )
        parser.add_argument(
            "--include-incomplete",
            action=argparse.BooleanOptionalAction,
            help="sessions that were not completed too (default: as the analysis plan has it)",
        )
        parser.add_argument(
            "--leave-out-in-doubt",
            action=argparse.BooleanOptionalAction,
            help="without the clips whose label is in doubt (default: as the analysis plan has it)",
        )
        parser.add_argument(
            "--include-excluded",
            action="store_true",
            help="excluded sessions too, to see what the exclusions change",
        )
        parser.add_argument(
            "--leave-out-flagged",
            action=argparse.BooleanOptionalAction,
            help="without the sessions that failed a check whose action is flag (default: as the analysis plan has it)",
        )
        parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        study = Study.objects.select_related("stimulus_set").filter(slug=options["slug"]).first()
        if study is None:
            raise CommandError(f"there is no study {options['slug']!r}")
        found = analyze(
            study=study,
            origin=Origin(options["origin"]) if options["origin"] else None,
            include_incomplete=options["include_incomplete"],
            leave_out_in_doubt=options["leave_out_in_doubt"],
            include_excluded=options["include_excluded"],
            leave_out_flagged=options["leave_out_flagged"],
        )
        if options["as_json"]:
            self.stdout.write(json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False))
        else:
            self._write(found)

    def _write(self, found: dict[str, Any]) -> None:
        self.stdout.write(
            f"{found['study']['title']} ({found['study']['slug']}), {ORIGIN_WORDS[found['origin']]} answers"
        )
        for caution in found["cautions"]:
            self.stdout.write("\n".join(f"! {line}" for line in caution.splitlines()))
        for deviation in found["deviations"]:
            self.stdout.write(f"! deviates from the plan: {deviation['words']}")
        flow = found["flow"]
        self.stdout.write(
            f"{counted(flow['started'], 'session')} started, {flow['completed']} completed, "
            f"{flow['excluded']} excluded, {flow['flagged']} flagged, {flow['analysed']} analysed\n"
        )
        for sentence in answer_sentences(found):
            self.stdout.write(f"- {sentence}")
        if tested := sentences_of_tests(found):
            self.stdout.write("\nTests behind these sentences:")
        for sentence in tested:
            self.stdout.write(f"- {sentence}")
        for truth, result in found["classes"].items():
            self._write_class(truth, result)
        for machine in found["machines"]:
            if machine["n_clips"]:
                self._write_machine(machine)

    def _write_class(self, truth: str, result: dict[str, Any]) -> None:
        if not result["n_judgements"]:
            return
        naive = result["naive_test"]
        self.stdout.write(
            f"\n{truth}: {result['n_correct']} of {result['n_judgements']} correct = "
            f"{percent(result['proportion_correct'])} (Wilson {percent_interval(result['wilson_interval'])})"
        )
        for unit in ("by_listener", "by_clip"):
            panel = result["section_vi"][unit]
            self.stdout.write(
                f"  {unit.replace('_', ' ')} (n = {panel['n_units']}): d = {number(panel['effect_size_d'])}, "
                f"t = {number(panel['t'])}, p one-sided {p_value(panel['p_greater'])}, "
                f"two-sided {p_value(panel['p_two_sided'])}"
            )
        self.stdout.write(
            f"  pooled, {naive['assumption']}: z = {number(naive['z'])}, p {p_value(naive['p_two_sided'])}, "
            f"exact binomial p {p_value(naive['exact_p_two_sided'])}"
        )

    def _write_machine(self, machine: dict[str, Any]) -> None:
        self.stdout.write(f"\n{machine['title']} on {counted(machine['n_clips'], 'clip')} that listeners judged too:")
        for truth, row in machine["by_truth"].items():
            self.stdout.write(
                f"  {truth}: machine right on {row['machine_right']} of {row['n_clips']}, "
                f"majority of listeners on {row['majority_right']} ({counted(row['ties'], 'tie')})"
            )
        for caution in machine["cautions"]:
            self.stdout.write(f"  ! {caution}")
