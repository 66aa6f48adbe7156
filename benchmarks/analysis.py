"""Processor time and memory of the analysis with 128,000 and with a million judgements."""

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter, process_time

SESSIONS = (2000, 15_625)  # of ten, eight are completed and analysed, with 80 answers each


def measure() -> str:
    """Run each measurement in a process with a database of its own, and return their section."""
    rows = []
    for n_sessions in SESSIONS:
        with filled(n_sessions) as environment:
            rows.append(_in_process(environment, "measure", n_sessions).strip())
    return "\n".join(
        [
            "## Analysis of many judgements",
            "",
            "SQLite, one process; memory is the process's largest, with its libraries before the analysis in brackets.",
            "",
            "| judgements | processor, s | wall clock, s | memory, MB |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


@contextmanager
def filled(n_sessions: int) -> Iterator[dict[str, str]]:
    """Make a database with so many sessions, and give the environment of processes that use it."""
    with tempfile.TemporaryDirectory(prefix="earwitness-bench-") as folder:
        environment = {name: text for name, text in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
        environment |= {"EARWITNESS_DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "studyapp.settings"}
        _in_process(environment, "fill", n_sessions)  # apart: what makes the rows takes memory too
        yield environment


def _in_process(environment: dict[str, str], task: str, n_sessions: int) -> str:
    command = [sys.executable, "-m", "benchmarks.analysis", task, str(n_sessions)]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


def main(task: str, n_sessions: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from benchmarks.page_data import fill
    from studyapp.models import Study
    from studyapp.services.analysis import analyze

    if task == "fill":
        call_command("migrate", verbosity=0)
        fill(n_sessions)
        return
    study = Study.objects.select_related("stimulus_set").get()
    before, began, used = _largest_mb(), perf_counter(), process_time()
    n = analyze(study=study)["counts"]["n_judgements"]
    print(
        f"| {n:,} | {process_time() - used:.1f} | {perf_counter() - began:.1f} | {_largest_mb():.0f} ({before:.0f}) |"
    )


def _largest_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
