"""How fast simulated participants walk a study over HTTP: the whole path of every answer."""

import re
import subprocess
import sys

from studyapp.services.local_server import ROOT
from tests.browser.site_process import Site, environment

N = 20


def measure(site: Site) -> str:
    """Let 20 simulated participants take the paper's study, and return a section with the rate."""
    command = [sys.executable, "manage.py", "simulate_participants", "paper-study", "--n", str(N), "--seed", "100"]
    done = subprocess.run(
        [*command, "--url", site.url],
        cwd=ROOT,
        env=environment(site.data_dir),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"the simulation failed:\n{done.stdout}\n{done.stderr}")
    summary = done.stdout.splitlines()[-1]
    if not re.search(r"requests in \d", summary):
        sys.exit(f"the simulation's summary has changed: {summary!r}")
    note = "Four at a time, client and server on the same cores."
    return f"## Simulated participants over HTTP, SQLite\n\n{summary}. {note}\n"
