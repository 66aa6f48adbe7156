"""make bench: measure what the documents quote, and write it to docs/benchmarks.md.

One installation in a scratch folder: the demonstration's chain fills it, then simulated participants and one real
browser walk its study. Then encoders and training, against the published packages and against themselves.
"""

import os
import platform
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import (
    analysis,
    chain,
    coverage,
    encoders,
    error_rates,
    exports,
    first_page,
    launches,
    pages,
    participants,
    walk,
    workers,
)
from studyapp.services.local_server import ROOT
from tests.browser.site_process import serve

OUT = ROOT / "docs/benchmarks.md"


def machine() -> str:
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory_gib:.0f} GiB, {platform.system()}, Python {platform.python_version()}"


def main() -> int:
    sections = [
        "# Measurements\n\nWritten by `make bench`, which writes all of it anew. One run; "
        "look at ratios rather than at seconds.\n\n"
        f"Measured on {datetime.now(UTC):%Y-%m-%d} on a machine with {machine()}.\n"
    ]
    with tempfile.TemporaryDirectory(prefix="earwitness-bench-") as folder:
        data_dir = Path(folder)
        sections.append(chain.measure(data_dir))
        print(sections[-1], flush=True)
        with serve(data_dir) as site:
            for measure in (participants.measure, first_page.measure, walk.measure):
                sections.append(measure(site))
                print(sections[-1], flush=True)
    measures = (pages, analysis, exports, launches, encoders, workers)
    for each in measures:
        sections.append(each.measure())
        print(sections[-1], flush=True)
    OUT.write_text("\n".join(sections), encoding="utf-8")
    # Seeded: their tables, which docs/statistics.md shows, come out the same unless the statistics changed.
    error_rates.main()
    coverage.main()
    print(f"Written to {OUT.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
