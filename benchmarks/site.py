"""An installation in a scratch folder, filled by the demonstration, and served."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.browser.site_process import Site, serve

ROOT = Path(__file__).resolve().parents[1]


def embedded_environment(folder: str) -> dict[str, str]:
    """Return this environment with SQLite, files, and the scratch folder, whatever is configured here."""
    kept = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL")}
    return kept | {"EARWITNESS_DATA_DIR": folder}


@contextmanager
def demo_site(folder: str) -> Iterator[Site]:
    """Run the demonstration's chain in the folder, then serve it."""
    command = [sys.executable, "manage.py", "demo", "--no-serve", "--port", "0"]
    subprocess.run(command, cwd=ROOT, env=embedded_environment(folder), check=True, stdout=subprocess.DEVNULL)
    with serve(Path(folder)) as site:
        yield site
