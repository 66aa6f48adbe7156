"""Write tables as one file: CSV files in a ZIP, an Excel workbook, or Parquet files in a ZIP."""

import math
import tempfile
import zipfile
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate, islice
from pathlib import Path
from typing import Any

from studyapp.errors import EarwitnessError
from studyapp.exports.cells import cell, csv_lines
from studyapp.exports.tables import Table
from studyapp.vocab import ExportFormat

SUFFIX = {
    ExportFormat.PSYCH_DS: ".zip",
    ExportFormat.CSV: ".zip",
    ExportFormat.XLSX: ".xlsx",
    ExportFormat.PARQUET: ".zip",
    ExportFormat.REPORT: ".zip",
}
CONTENT_TYPE = {
    ".zip": "application/zip",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
SAME_TIME = (1980, 1, 1, 0, 0, 0)  # in every file: the same content gives the same bytes
MOST_ROWS = 1_048_576  # of a worksheet, with the header
LONGEST_TEXT = 32_767  # characters of an Excel cell
EXACT = 2**53  # Excel's numbers are doubles
BATCH = 2000  # rows held at a time
PARTS = 10  # batches of a row group of Parquet: what a file says of each group is held in memory
EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
Step = Callable[[], None]


class TooLarge(EarwitnessError):
    """The tables do not fit into the format."""


def write_tables(format: ExportFormat, tables: Sequence[Table], path: Path, *, on_table: Step = lambda: None) -> None:
    """Write the tables to the file. Raises TooLarge. `on_table` is called often; it stops the work by raising."""
    if format is ExportFormat.XLSX:
        _write_workbook(tables, path, on_table)
        return
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for table in tables:
            on_table()
            if format is ExportFormat.PARQUET:
                with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".parquet") as made:
                    write_parquet(table, Path(made.name), on_table)
                    add_file(archive, f"{table.description}.parquet", file_parts(Path(made.name)))
            else:
                lines = (line.encode() for line in csv_lines(table.header, _watched(table.rows, on_table)))
                add_file(archive, f"{table.description}.csv", lines)


def add_file(archive: zipfile.ZipFile, name: str, parts: Iterable[bytes]) -> None:
    """Add a file part by part: tables can be large."""
    entry = zipfile.ZipInfo(name, SAME_TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    with archive.open(entry, "w", force_zip64=True) as target:
        for part in parts:
            target.write(part)


def file_parts(path: Path) -> Iterator[bytes]:
    """Yield the bytes of a file, a part at a time."""
    with path.open("rb") as source:
        while part := source.read(1 << 20):
            yield part


def _watched(rows: Iterable[list[Any]], on_table: Step) -> Iterator[list[Any]]:
    for number, row in enumerate(rows):
        if number % 1000 == 0:
            on_table()
        yield row


def _write_workbook(tables: Sequence[Table], path: Path, on_table: Step) -> None:
    """Write a sheet for each table. Text is stored as text: no formula, no link, no number is made of it."""
    from xlsxwriter import Workbook  # slow to import, and only needed here

    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = Workbook(str(path), {"constant_memory": True, **plain})
    try:
        book.set_properties({"created": datetime(1980, 1, 1)})
        bold = book.add_format({"bold": True})
        for table in tables:
            sheet = book.add_worksheet(table.description)
            sheet.write_row(0, 0, table.header, bold)
            sheet.freeze_panes(1, 0)
            for number, row in enumerate(_watched(table.rows, on_table), start=1):
                if number >= MOST_ROWS:
                    raise TooLarge(f"{table.description} has more rows than a worksheet holds. Choose CSV or Parquet.")
                _write_row(sheet, number, row, table)
    finally:
        book.close()


def _write_row(sheet: Any, number: int, row: list[Any], table: Table) -> None:
    for place, value in enumerate(row):
        if value is None:
            continue
        if isinstance(value, bool):
            sheet.write_boolean(number, place, value)
        elif isinstance(value, int | float) and math.isfinite(value) and abs(value) <= EXACT:
            sheet.write_number(number, place, value)
        else:
            text = value if isinstance(value, str) else plain_text(value)
            if len(text) > LONGEST_TEXT:
                raise TooLarge(
                    f"A text in {table.description}, column {table.header[place]}, is longer than an Excel cell. "
                    "Choose CSV or Parquet."
                )
            sheet.write_string(number, place, text)


def plain_text(value: Any) -> str:
    """Return a value that is no number as text, with nothing before it that a spreadsheet would need.

    >>> plain_text(["=a", "b"]), plain_text(float("nan"))
    ('=a;b', 'nan')
    """
    return ";".join(str(item) for item in value) if isinstance(value, list | tuple) else cell(value)


def write_parquet(table: Table, path: Path, on_table: Step = lambda: None) -> None:
    """Write the table as a Parquet file: text as it was given, times in UTC, a column of nothing as text.

    A column's type is known when its last row was read: until then batches wait on the disk, not in memory.
    """
    import pyarrow as pa  # slow to import, and only needed here
    from pyarrow import parquet

    pa.set_memory_pool(pa.system_memory_pool())  # pyarrow's own keeps 40 MB more than it gives
    kinds: list[set[Any]] = [set() for _ in table.header]
    rows, n_batches = _watched(table.rows, on_table), 0
    with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
        while batch := list(islice(rows, BATCH)):
            columns = [_column(pa, values) for values in zip(*batch, strict=True)]
            for seen, column in zip(kinds, columns, strict=True):
                seen.add(column.type)
            parquet.write_table(pa.table(columns, names=table.header), f"{scratch}/{n_batches}")
            n_batches += 1
        schema = pa.schema([(name, _common(pa, seen)) for name, seen in zip(table.header, kinds, strict=True)])
        with parquet.ParquetWriter(path, schema) as writer:
            for first in range(0, n_batches, PARTS):
                on_table()
                held = []
                for number in range(first, min(first + PARTS, n_batches)):
                    with parquet.ParquetFile(f"{scratch}/{number}") as part:
                        held.append(part.read(use_threads=False).cast(schema))
                writer.write_table(pa.concat_tables(held))


def _common(pa: Any, kinds: Iterable[Any]) -> Any:
    """Return the one type of a column's batches: text where they differ, or where there is nothing."""
    found = {kind for kind in kinds if not pa.types.is_null(kind)}
    if len(found) == 1:
        return found.pop()
    return pa.float64() if found and found <= {pa.int64(), pa.float64()} else pa.string()


def _column(pa: Any, values: Sequence[Any]) -> Any:
    """Return the values as an array of one type: all of them text where they differ."""
    told = [plain_text(value) if isinstance(value, list | tuple) else value for value in values]
    kinds = {type(value) for value in told} - {type(None)}
    if not kinds:
        return pa.nulls(len(told))
    if kinds <= {int, float}:
        is_whole = kinds == {int}
        return _numbers(pa, pa.int64() if is_whole else pa.float64(), told, told)
    if kinds == {bool}:
        return pa.Array.from_buffers(pa.bool_(), len(told), [_bits(pa, _are_there(told)), _bits(pa, told)])
    if len(kinds) == 1 and issubclass(next(iter(kinds)), datetime):
        times: list[Any] = told
        since = [value and (value - EPOCH) // MICROSECOND for value in times]
        return _numbers(pa, pa.timestamp("us", tz="UTC"), told, since)
    texts = [
        b"" if value is None else (value if isinstance(value, str) else plain_text(value)).encode() for value in told
    ]
    ends = array("i", accumulate((len(text) for text in texts), initial=0))
    buffers = [_bits(pa, _are_there(told)), pa.py_buffer(ends.tobytes()), pa.py_buffer(b"".join(texts))]
    return pa.Array.from_buffers(pa.string(), len(told), buffers)


# Arrays are made of their bytes: of a list, pyarrow makes one with the help of pandas, whose import takes 55 MB.
def _numbers(pa: Any, kind: Any, told: Sequence[Any], values: Sequence[Any]) -> Any:
    numbers = array("d" if kind == pa.float64() else "q", (0 if value is None else value for value in values))
    return pa.Array.from_buffers(kind, len(told), [_bits(pa, _are_there(told)), pa.py_buffer(numbers.tobytes())])


def _are_there(values: Sequence[Any]) -> list[bool]:
    return [value is not None for value in values]


def _bits(pa: Any, flags: Sequence[Any]) -> Any:
    """Return one bit for each flag, the first one lowest."""
    digits = "".join("1" if flag else "0" for flag in reversed(flags))
    return pa.py_buffer(int(digits, 2).to_bytes((len(flags) + 7) // 8, "little"))
