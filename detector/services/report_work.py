"""What a worker does with a report; the command does the same in the foreground."""

from collections.abc import Callable

from detector.models import Report
from detector.services.report_build import ReportBuild
from detector.services.stored_json import publish_json
from studyapp.errors import EarwitnessError
from studyapp.services.jobs import Claim, do_claimed, do_or_await
from studyapp.vocab import JobState

Say = Callable[[str], None]


def report_planned(*, report_id: int, say: Say = lambda line: None) -> bool:
    """Compute a queued report and store it; False when another worker has it or it was cancelled on the way."""
    return do_claimed(job=Report, pk=report_id, do=lambda held: _do(report_id, held, say))


def run_report(*, report: Report, say: Say = lambda line: None) -> Report:
    """Compute a report in the foreground, or wait for the worker that has it; return it ended.

    Raises EarwitnessError when it failed or was cancelled.
    """
    do_or_await(report, lambda: report_planned(report_id=report.pk, say=say))
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
    publish_json(build.content, folder="detector/reports", held=held)
