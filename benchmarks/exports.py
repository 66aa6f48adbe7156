"""Time and memory of the exports of a million judgements, each in a process of its own."""

import json
import os
import resource
import subprocess
import sys
from dataclasses import replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.analysis import SESSIONS, filled

# What is measured, in order: the second bundle finds the analysis that was stored between the two.
TASKS = {
    "csv": "CSV tables, ZIP",
    "xlsx": "Excel workbook of the first million rows of each table: a worksheet holds few more",
    "parquet": "Parquet tables, ZIP",
    "computed": "`manage.py export_study`, no analysis stored: a child process computes it",
    "stored": "`manage.py export_study`, the analysis stored before",
    "check": "`manage.py check_bundle` of it",
}


def measure() -> str:
    """Export the same judgements in every format, and return their section."""
    with filled(SESSIONS[-1]) as environment, TemporaryDirectory(prefix="earwitness-bench-") as folder:
        found = [_in_process(environment, task, folder) for task in TASKS]
    rows = [
        f"| {words} | {each['processor_s']:.0f} | {each['wall_s']:.0f} | {each['mb']:.0f} ({each['before_mb']:.0f}) | "
        f"{each['child_mb'] or '-'} | {each['size_mb']:.0f} |"
        for words, each in zip(TASKS.values(), found, strict=True)
    ]
    return "\n".join(
        [
            "## Exports of a million judgements",
            "",
            f"{found[0]['n_judgements']:,} judgements of {SESSIONS[-1]:,} sessions, each sound played once; SQLite. "
            "Each export has a process of its own; memory is that process's largest, before the export in brackets, "
            "and that of the child which computes the analysis.",
            "",
            "| what | processor, s | wall clock, s | memory, MB | child, MB | size, MB |",
            "|---|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _in_process(environment: dict[str, str], task: str, folder: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.exports", task, folder]
    if task == "stored":
        subprocess.run([*command[:3], "analyse", folder], env=environment, check=True)
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main(task: str, folder: Path) -> None:
    import django

    django.setup()
    from studyapp.models import Response, Study

    study = Study.objects.select_related("stimulus_set").get()
    if task == "analyse":
        _store_analysis(study)
        return
    before, began, used = _largest_mb(), perf_counter(), _processor_s()
    made = _do(task, study, folder)
    sizes = [path.stat().st_size for path in (made.rglob("*") if made.is_dir() else [made]) if path.is_file()]
    figures = {
        "processor_s": _processor_s() - used,
        "wall_s": perf_counter() - began,
        "mb": _largest_mb(),
        "before_mb": before,
        "child_mb": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024),
        "size_mb": sum(sizes) / 1e6,
        "n_judgements": Response.objects.count(),
    }
    print(json.dumps(figures))


def _do(task: str, study: object, folder: Path) -> Path:
    """Do what is measured, and return the file or folder that it made or read."""
    from django.core.management import call_command

    from studyapp.exports.formats import SUFFIX, write_tables
    from studyapp.exports.tables import tables
    from studyapp.models import Study
    from studyapp.vocab import ExportFormat, Origin

    assert isinstance(study, Study)
    if task == "check":
        call_command("check_bundle", folder / "stored", "--quiet", stdout=sys.stderr)
        return folder / "stored"
    if task in ("stored", "computed"):
        call_command("export_study", study.slug, out=folder / task, stdout=sys.stderr)
        return folder / task
    path = folder / f"{task}{SUFFIX[ExportFormat(task)]}"
    found = tables(study, Origin.LIVE)
    if task == "xlsx":
        found = [replace(table, rows=islice(table.rows, 1_000_000)) for table in found]
    write_tables(ExportFormat(task), found, path)
    return path


def _store_analysis(study: object) -> None:
    from studyapp.models import Study
    from studyapp.services.stored_analyses import compute_stored, results
    from studyapp.vocab import Origin

    assert isinstance(study, Study)
    row = results(study=study, origin=Origin.LIVE).row
    assert row is not None and compute_stored(analysis_id=row.pk)


def _processor_s() -> float:
    """Return the processor time of this process and of its children that have ended."""
    return sum(os.times()[:4])


def _largest_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studyapp.settings")
    main(sys.argv[1], Path(sys.argv[2]))
