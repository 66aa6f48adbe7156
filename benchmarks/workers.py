"""How much sooner two worker processes end an embedding run than one that may use one core."""

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import soundfile

from studyapp.services.local_server import ROOT, worker
from tests.browser.site_process import environment

N_CLIPS, SECONDS, RATE_HZ, N_ROUNDS = 1024, 2, 22_050, 3  # four shards of 256 clips


def measure() -> str:
    """Return a section with the ratio, median of three rounds in which both take turns."""
    with tempfile.TemporaryDirectory(prefix="earwitness-bench-") as folder:
        variables = environment(Path(folder) / "data") | {"OMP_NUM_THREADS": "1"}
        run(variables, "manage.py", "migrate", "--verbosity", "0")
        _write_clips(Path(folder) / "clips", N_CLIPS)
        _write_clips(Path(folder) / "few", 16)
        run(variables, "manage.py", "import_stimuli", str(Path(folder) / "clips"), "--set", "clips")
        run(variables, "manage.py", "import_stimuli", str(Path(folder) / "few"), "--set", "few")
        one: list[float] = []
        two: list[float] = []
        for _ in range(N_ROUNDS):
            for n, kept in ((1, one), (2, two)):
                with _workers(variables, n):
                    run(variables, "-m", "benchmarks.embed_again", "few")  # loads the network in one of them at least
                    kept.append(float(run(variables, "-m", "benchmarks.embed_again", "clips")))
    ratio = statistics.median(one) / statistics.median(two)
    rate = N_CLIPS / statistics.median(two)
    return (
        "## Two worker processes against one, embedding with aiSFX\n\n"
        f"One process held to one core : two processes on {os.cpu_count()} cores = {ratio:.2f} in time "
        f"({N_CLIPS:,} clips of {SECONDS} s, SQLite and the filesystem broker, medians of {N_ROUNDS} turns each: "
        f"{', '.join(f'{each:.0f}' for each in one)} s and {', '.join(f'{each:.0f}' for each in two)} s). "
        f"Two processes embed {rate:.1f} clips a second.\n"
    )


@contextmanager
def _workers(variables: dict[str, str], n: int) -> Iterator[None]:
    """Run n workers; a single one is held to one core."""
    cores = os.sched_getaffinity(0)
    with ExitStack() as stack:
        try:
            if n == 1:
                os.sched_setaffinity(0, {min(cores)})  # what a child inherits
            for _ in range(n):
                stack.enter_context(worker(environment=variables))
        finally:
            os.sched_setaffinity(0, cores)
        yield


def _write_clips(folder: Path, n: int) -> None:
    rng = np.random.default_rng(n)
    for number in range(n):
        place = folder / ("real" if number % 2 else "fake/noise") / f"class{number % 4}"
        place.mkdir(parents=True, exist_ok=True)
        samples = 0.1 * rng.standard_normal(SECONDS * RATE_HZ)
        soundfile.write(place / f"{number}.wav", samples, RATE_HZ, subtype="PCM_16")


def run(variables: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=variables, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{arguments} failed:\n{done.stdout}\n{done.stderr}")
    return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""
