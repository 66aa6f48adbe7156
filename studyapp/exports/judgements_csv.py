"""The long table of judgements as a stream of CSV lines, for one study or several."""

from collections.abc import Iterator, Sequence
from itertools import chain, count
from typing import Any

from studyapp.exports.bundle import data_file_name
from studyapp.exports.cells import csv_lines
from studyapp.exports.tables import trials_table
from studyapp.models import Study
from studyapp.vocab import Origin


def judgements_csv(chosen: Sequence[tuple[Study, Origin]]) -> Iterator[str]:
    """Yield the lines for the given studies and origins, one header before all of them."""
    found = [trials_table(study, origin) for study, origin in chosen]
    header = found[0].header if found else ["row_id"]
    return csv_lines(header, _renumbered(chain.from_iterable(table.rows for table in found)))


def judgements_file_name(studies: Sequence[Study]) -> str:
    return data_file_name(studies[0], "trials") if len(studies) == 1 else "description-trials_data.csv"


def _renumbered(rows: Iterator[list[Any]]) -> Iterator[list[Any]]:
    for number, row in zip(count(1), rows, strict=False):
        yield [number, *row[1:]]
