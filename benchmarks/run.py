"""make bench: measure what the documents quote, and write it to docs/benchmarks.md.

Arguments name the measurements to make (default: all): chain, walk, participants.
"""

import os
import platform
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import chain, participants, walk

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "docs/benchmarks.md"
MEASUREMENTS: dict[str, Callable[[], str]] = {
    "chain": chain.measure,
    "participants": participants.measure,
    "walk": walk.measure,
}


def machine() -> str:
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory_gib:.0f} GiB, {platform.system()}, Python {platform.python_version()}"


def main(names: list[str]) -> int:
    unknown = sorted(set(names) - set(MEASUREMENTS))
    if unknown:
        print(f"unknown: {', '.join(unknown)}; known: {', '.join(MEASUREMENTS)}")
        return 2
    sections = []
    for name in names or list(MEASUREMENTS):
        print(f"== {name} ==", flush=True)
        sections.append(MEASUREMENTS[name]())
        print(sections[-1], flush=True)
    header = (
        "# Measurements\n\nWritten by `make bench`. One run; look at ratios rather than at seconds.\n\n"
        f"Measured on {datetime.now(UTC):%Y-%m-%d} on a machine with {machine()}.\n"
    )
    if not names:
        OUT.write_text("\n".join([header, *sections]), encoding="utf-8")
        print(f"Written to {OUT.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
