"""How long each step of the demonstration takes, after the installation."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

from studyapp.services.local_server import ROOT
from tests.browser.site_process import environment


def measure(data_dir: Path) -> str:
    """Run the chain in the data folder and return a section with the time of each step."""
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "manage.py", "demo", "--no-serve", "--port", "0"],
        cwd=ROOT,
        env=environment(data_dir),
        capture_output=True,
        text=True,
        check=False,
    )
    total_s = time.monotonic() - started
    if done.returncode:
        sys.exit(f"the chain failed:\n{done.stdout}\n{done.stderr}")
    rows, title = [], ""
    for line in done.stdout.splitlines():
        if match := re.match(r"\[ ?\d+/\d+\] (.*)", line):
            title = match.group(1)
        elif match := re.fullmatch(r"\s+(\d+\.\d) s", line):
            rows.append(f"| {title} | {match.group(1)} |")
    table = "\n".join(["| step | seconds |", "|---|---|", *rows, f"| all | {total_s:.1f} |"])
    load = os.getloadavg()[0]
    return f"## The demonstration's chain\n\n{table}\n\nLoad of the machine at the end: {load:.1f}.\n"
