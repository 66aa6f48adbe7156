"""manage.py weights list | fetch NAME | add NAME FILE | verify: the published checkpoints that encoders need."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from detector.ml.embeddings.registry import broken_encoders
from detector.selectors.weights import SourceRow, how_to_get, source_rows, users_of
from detector.services.weights import Added, add_weights, downloadable, problem_with_kept, verify_weights
from detector.services.weights_check import open_regular
from detector.services.weights_fetch import fetch_weights
from studyapp.errors import EarwitnessError

MEGABYTE = 1_000_000


class Command(BaseCommand):
    help = "List, download, take in and check the weights of encoders. docs/weights.md says what each is."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="list|fetch|add|verify")
        listing = actions.add_parser("list", help="which weights there are, and which are here")
        listing.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")
        fetch = actions.add_parser("fetch", help="download weights from where they were published")
        fetch.add_argument("name", help="name of the weights, such as vggish")
        fetch.add_argument("--yes", action="store_true", help="agree to the licence without being asked")
        add = actions.add_parser("add", help="take in a file that was downloaded by hand")
        add.add_argument("name", help="name of the weights, such as vggish")
        add.add_argument("file", type=Path, help="the published file, in any folder, under any name")
        actions.add_parser("verify", help="hash all files again")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['action']}")(options)
        except EarwitnessError as error:
            raise CommandError(str(error)) from None
        except OSError as error:  # a full disk, a folder without rights
            raise CommandError(f"{error.strerror}: {error.filename or 'in the data folder'}") from None

    def _list(self, options: dict[str, Any]) -> None:
        rows, broken = source_rows(), broken_encoders()
        if options["as_json"]:
            found = {
                "weights": [_as_object(row) for row in rows],
                "broken_encoders": [
                    {"name": each.name, "package": each.distribution, "problem": each.problem} for each in broken
                ],
            }
            self.stdout.write(json.dumps(found, indent=2))
            return
        for row in rows:
            self._write_row(row)
        for each in broken:
            self.stdout.write(self.style.WARNING(f"broken encoder {each.name} of {each.distribution}: {each.problem}"))

    def _write_row(self, row: SourceRow) -> None:
        source = row.source
        state = self.style.SUCCESS("ready") if row.is_ready else self.style.WARNING("missing")
        self.stdout.write(f"{source.name}: {state}; for {', '.join(users_of(source))}")
        if source.kind == "none":
            self.stdout.write("  needs no file")
            return
        self.stdout.write(f"  {source.file}, {source.n_bytes:,} bytes, {source.licence} ({source.page})")
        self.stdout.write(f"  known by {row.identity_words}")
        if not row.is_ready:
            self.stdout.write(f"  {how_to_get(source)}")

    def _fetch(self, options: dict[str, Any]) -> None:
        source = downloadable(options["name"])
        (row,) = (each for each in source_rows() if each.source == source)
        self.stdout.write(f"{source.name}: {source.url}")
        self.stdout.write(f"  {source.n_bytes:,} bytes, known by {row.identity_words}")
        self.stdout.write(f"  licence: {source.licence}, see {source.page}")
        if row.kept and row.is_ready and not problem_with_kept(row.kept):
            self.stdout.write("It is here already, and whole: nothing was done.")
            return
        meter = _Meter(self)
        self._say(fetch_weights(name=source.name, accept_licence=options["yes"] or self._agreed(), progress=meter.show))

    def _agreed(self) -> bool:
        if not sys.stdin.isatty():
            raise CommandError("Nobody is here to agree to the licence. Add --yes if you do.")
        return input("Do you agree to the licence, and want to download it? [y/N] ").strip().lower() in ("y", "yes")

    def _add(self, options: dict[str, Any]) -> None:
        source = downloadable(options["name"])
        open_regular(options["file"]).close()  # the likeliest mistake, before a licence is shown for nothing
        self.stdout.write(f"{source.name} is under {source.licence}, see {source.page}")
        self._say(add_weights(name=source.name, path=options["file"]))

    def _verify(self, options: dict[str, Any]) -> None:
        verdicts = verify_weights()
        for each in verdicts:
            self.stdout.write(f"{each.name}: {each.problem or f'{each.file} is whole'}")
        n_bad = sum(bool(each.problem) for each in verdicts)
        if n_bad:
            raise CommandError(f"{n_bad} of {len(verdicts)} files are missing or damaged: see above.")
        missing = [row.source.name for row in source_rows() if not row.is_ready and row.kept is None]
        if missing:
            self.stdout.write(f"Not here, and not checked: {', '.join(missing)}.")

    def _say(self, added: Added) -> None:
        row = added.weights
        if not added.is_new:
            self.stdout.write(f"{row.name} was here already, and whole: nothing was done.")
            return
        self.stdout.write(f"{row.name} is ready, known by {row.checked_by}; SHA-256 {row.source_sha256}")
        self.stdout.write(f"  kept as {row.file_name}, {row.file_n_bytes:,} bytes")


class _Meter:
    """Writes how far a download is, once for each twentieth of it."""

    def __init__(self, command: Command) -> None:
        self._command = command
        self._shown = -1

    def show(self, n_done: int, n_total: int) -> None:
        twentieth = 20 * n_done // n_total
        if twentieth != self._shown:
            self._shown = twentieth
            self._command.stderr.write(f"  {n_done / MEGABYTE:.0f} of {n_total / MEGABYTE:.0f} MB")


def _as_object(row: SourceRow) -> dict[str, Any]:
    source, kept = row.source, row.kept
    return {
        "name": source.name,
        "kind": source.kind,
        "encoders": users_of(source),
        "is_ready": row.is_ready,
        "what_to_do": "" if row.is_ready else how_to_get(source),
        "licence": source.licence,
        "url": source.url,
        "page": source.page,
        "file": source.file,
        "n_bytes": source.n_bytes,
        "known_by": row.known_by,
        "sha256": row.sha256,
        "is_sha256_published": bool(source.sha256),
        "origin": kept.origin if kept else "",
        "kept_as": kept.file_name if kept else "",
        "added_at": kept.added_at.isoformat() if kept else None,
    }
