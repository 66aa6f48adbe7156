"""make bench: measure what the documents quote, and write it to docs/benchmarks.md.

One installation in a scratch folder: the demonstration's chain fills it, then simulated participants and one real
browser walk its study.
"""

import os
import platform
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import chain, participants, walk
from tests.browser.site_process import ROOT, serve

OUT = ROOT / "docs/benchmarks.md"


def machine() -> str:
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory_gib:.0f} GiB, {platform.system()}, Python {platform.python_version()}"


def main() -> int:
    sections = [
        "# Measurements\n\nWritten by `make bench`. One run; look at ratios rather than at seconds.\n\n"
        f"Measured on {datetime.now(UTC):%Y-%m-%d} on a machine with {machine()}.\n"
    ]
    with tempfile.TemporaryDirectory(prefix="earwitness-bench-") as folder:
        data_dir = Path(folder)
        sections.append(chain.measure(data_dir))
        print(sections[-1], flush=True)
        with serve(data_dir) as site:
            for measure in (participants.measure, walk.measure):
                sections.append(measure(site))
                print(sections[-1], flush=True)
    OUT.write_text("\n".join(sections), encoding="utf-8")
    print(f"Written to {OUT.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
