"""What a worker does with a report; the command does the same in the foreground."""

import json
import time
from collections.abc import Callable

from django.db import transaction

from detector.ml.checkpoint import digest
from detector.models import Report
from detector.services.jobs import Claim, do_claimed, reclaim_dead
from detector.services.report_build import ReportBuild
from studyapp.errors import EarwitnessError
from studyapp.services import media
from studyapp.vocab import JobState

Say = Callable[[str], None]
WAIT_S = 1.0


def report_planned(*, report_id: int, say: Say = lambda line: None) -> bool:
    """Compute a queued report and store it; False when another worker has it or it was cancelled on the way."""
    return do_claimed(job=Report, pk=report_id, do=lambda held: _do(report_id, held, say))


def run_report(*, report: Report, say: Say = lambda line: None) -> Report:
    """Compute a report in the foreground, or wait for the worker that has it; return it ended.

    Raises EarwitnessError when it failed or was cancelled.
    """
    while report.state in (JobState.QUEUED.value, JobState.RUNNING.value):
        if not report_planned(report_id=report.pk, say=say):
            time.sleep(WAIT_S)  # a worker holds it, and may die at it
            reclaim_dead(job=Report)
        report.refresh_from_db()
    if report.state != JobState.DONE.value:
        raise EarwitnessError(f"The report of training {report.training_id} is {report.state}. {report.error}".strip())
    return report


def _do(report_id: int, held: Claim, say: Say) -> None:
    report = Report.objects.select_related("training__stimulus_set").get(pk=report_id)
    build = ReportBuild(report=report, beat=held.beat)
    held.update(n_done=0, n_total=len(build.steps))
    for n_done, (name, step) in enumerate(build.steps):
        say(f"report of training {report.training_id}: {name}, part {n_done + 1} of {len(build.steps)}")
        step()
        held.beat(n_done=n_done + 1, now=True)
    content = json.dumps(build.content, allow_nan=False).encode()
    name = media.store(media.name_for("detector/reports", content, ".json"), content)
    with transaction.atomic():
        held.update(content_name=name, content_sha256=digest(content))
        held.finish()
