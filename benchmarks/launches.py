"""How long a worker takes to launch a large study, and how long its last transaction keeps arrivals waiting."""

import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.workers import run
from studyapp.services.local_server import worker
from tests.browser.site_process import environment

N_CLIPS, SECONDS, RATE_HZ = 5000, 0.5, 16_000


def measure() -> str:
    """Return a section with the time of a launch by a worker."""
    with tempfile.TemporaryDirectory(prefix="earwitness-bench-") as folder:
        variables = environment(Path(folder) / "data") | {"OMP_NUM_THREADS": "1"}
        run(variables, "manage.py", "migrate", "--verbosity", "0")
        _write_clips(Path(folder) / "clips")
        run(variables, "manage.py", "import_stimuli", str(Path(folder) / "clips"), "--set", "clips")
        with worker(environment=variables):
            time.sleep(10)  # it has loaded what it needs
            seconds, publishing_s = run(variables, "-m", "benchmarks.launch_once", "clips").split()
    return (
        "## A launch by a worker\n\n"
        f"{N_CLIPS:,} sounds of {SECONDS} s at {RATE_HZ / 1000:.0f} kHz: {float(seconds):.0f} s from the request to "
        f"the open study, {N_CLIPS / float(seconds):.0f} copies a second (SQLite and the filesystem broker). The last "
        f"transaction, in which nobody can start a session, took {float(publishing_s):.1f} s.\n"
    )


def _write_clips(folder: Path) -> None:
    rng = np.random.default_rng(1)
    for number in range(N_CLIPS):
        place = folder / ("real" if number % 2 else "fake/noise") / f"class{number % 8 // 2}"
        place.mkdir(parents=True, exist_ok=True)
        samples = 0.1 * rng.standard_normal(int(SECONDS * RATE_HZ))
        soundfile.write(place / f"{number}.wav", samples, RATE_HZ, subtype="PCM_16")
