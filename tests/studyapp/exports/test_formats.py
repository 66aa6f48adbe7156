"""Tables as CSV, Excel and Parquet: the same rows, text that stays text, and nothing that a spreadsheet runs."""

import csv
import io
import zipfile
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyapp.exports import formats
from studyapp.exports.formats import TooLarge, write_parquet, write_tables
from studyapp.exports.tables import Table, session_tables, tables
from studyapp.vocab import ExportFormat, Origin
from tests.factories import make_session, make_version

FORMULAS = [
    "=1+1",
    " =1+1",
    "\t=1",
    "+1",
    "-x",
    "@SUM(A1)",
    "＝1+1",
    '=cmd|" /C calc"!A0',
    "http://evil.example",
    "007",
]
HEADER = ["row_id", "text", "share", "yes", "at", "many", "nothing"]
AT = datetime(2026, 11, 26, 13, 0, tzinfo=timezone(timedelta(hours=1)))


def table(rows: list[list[Any]] | None = None, description: str = "trials") -> Table:
    if rows is None:
        rows = [[n, text, 0.5, n % 2 == 0, AT, [text, "b"], None] for n, text in enumerate(FORMULAS, start=1)]
    return Table(description=description, header=HEADER, rows=rows)


def written(kind: ExportFormat, folder: Path, *found: Table) -> Path:
    path = folder / f"out{formats.SUFFIX[kind]}"
    write_tables(kind, found, path)
    return path


def test_an_excel_workbook_holds_text_as_text(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(written(ExportFormat.XLSX, tmp_path, table(), table([], "empty")))
    assert book.sheetnames == ["trials", "empty"]
    rows = list(book["trials"].iter_rows(min_row=2))
    assert [row[1].value for row in rows] == FORMULAS
    assert {row[1].data_type for row in rows} == {"s"} and not any(row[1].hyperlink for row in rows)
    assert [rows[0][n].value for n in (0, 2, 3, 4, 5, 6)] == [1, 0.5, False, "2026-11-26T12:00:00.000Z", "=1+1;b", None]
    assert [cell.value for cell in book["empty"][1]] == HEADER


def test_numbers_that_excel_cannot_hold_are_text(tmp_path: Path) -> None:
    rows = [[2**60, "x", float("nan"), None, None, [], None], [1, "x", float("inf"), None, None, [], None]]
    sheet = openpyxl.load_workbook(written(ExportFormat.XLSX, tmp_path, table(rows)))["trials"]
    assert [sheet.cell(2, 1).value, sheet.cell(2, 3).value, sheet.cell(3, 3).value] == [str(2**60), "nan", "inf"]


def test_what_does_not_fit_into_excel_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TooLarge, match="column text"):
        written(ExportFormat.XLSX, tmp_path, table([[1, "x" * 32_768, None, None, None, None, None]]))
    monkeypatch.setattr(formats, "MOST_ROWS", 3)
    with pytest.raises(TooLarge, match="more rows"):
        written(ExportFormat.XLSX, tmp_path, table())


def test_csv_tables_are_defused(tmp_path: Path) -> None:
    with zipfile.ZipFile(written(ExportFormat.CSV, tmp_path, table())) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("trials.csv").decode())))
    assert [row["text"] for row in rows[:2]] == ["'=1+1", "' =1+1"]
    assert rows[0]["share"] == "0.5"


def test_parquet_keeps_types_and_text(tmp_path: Path) -> None:
    with zipfile.ZipFile(written(ExportFormat.PARQUET, tmp_path, table())) as archive:
        found = pq.read_table(io.BytesIO(archive.read("trials.parquet")))
    assert [str(field.type) for field in found.schema] == [
        "int64", "string", "double", "bool", "timestamp[us, tz=UTC]", "string", "string",
    ]  # fmt: skip
    assert found["text"].to_pylist() == FORMULAS
    assert found["at"][0].as_py() == AT.astimezone(UTC)
    assert found["nothing"].to_pylist() == [None] * len(FORMULAS)


@given(
    st.lists(st.one_of(st.none(), st.booleans()), max_size=20)
    | st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), max_size=20)
    | st.lists(st.none() | st.integers(-9, 9) | st.floats(allow_nan=False), max_size=20)
    | st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"])), max_size=20)
    | st.lists(st.none() | st.datetimes(datetime(1800, 1, 1), timezones=st.just(UTC)), max_size=20)
)
def test_a_column_is_the_one_that_pyarrow_makes(values: list[Any]) -> None:
    kept = pa.table([formats._column(pa, values)], names=["x"])["x"] if values else pa.array([])
    assert kept.to_pylist() == pa.array(values).to_pylist()
    if values and not {int, float} <= {type(value) for value in values}:
        kind = pa.array(values).type
        assert kept.type == kind
    for chunk in getattr(kept, "chunks", []):
        chunk.validate(full=True)


def test_parquet_of_batches_that_differ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "BATCH", 1)
    monkeypatch.setattr(formats, "PARTS", 2)
    rows = [
        [1, None, 1, True, None, "NA", None],
        [2, "x", 0.5, None, AT, ["a"], 3],
        [3, 7, None, None, None, None, "y"],
    ]
    write_parquet(table(rows), tmp_path / "t.parquet")
    assert [each.name for each in tmp_path.iterdir()] == ["t.parquet"]
    found = pq.read_table(tmp_path / "t.parquet")
    assert pq.ParquetFile(tmp_path / "t.parquet").num_row_groups == 2
    assert found["share"].to_pylist() == [1.0, 0.5, None]
    assert found["text"].to_pylist() == [None, "x", "7"]
    assert found["nothing"].to_pylist() == [None, "3", "y"]
    assert found["many"].to_pylist() == ["NA", "a", None]


def test_a_table_without_rows_is_a_table(tmp_path: Path) -> None:
    write_parquet(table([]), tmp_path / "t.parquet")
    assert pq.read_table(tmp_path / "t.parquet").column_names == HEADER


@pytest.mark.parametrize("kind", [ExportFormat.CSV, ExportFormat.XLSX, ExportFormat.PARQUET])
def test_the_same_content_gives_the_same_bytes(tmp_path: Path, kind: ExportFormat) -> None:
    assert written(kind, tmp_path, table()).read_bytes() == written(kind, tmp_path, table()).read_bytes()


@pytest.mark.django_db
def test_a_study_s_tables_come_whole_in_every_format(tmp_path: Path) -> None:
    version = make_version(n_fake=2, n_real=2)
    for _ in range(2):
        make_session(version)
    found = tables(version.study, Origin.LIVE)
    sheet = openpyxl.load_workbook(written(ExportFormat.XLSX, tmp_path, *found))
    assert sheet["trials"].max_row == 1 + 8 and sheet["sessions"].max_row == 1 + 2
    with zipfile.ZipFile(written(ExportFormat.PARQUET, tmp_path, *tables(version.study, Origin.LIVE))) as archive:
        assert pq.read_table(io.BytesIO(archive.read("trials.parquet"))).num_rows == 8


@pytest.mark.django_db
def test_chosen_sessions_of_two_studies() -> None:
    studies = [make_version(n_fake=2, n_real=1) for _ in range(2)]
    kept = [make_session(version) for version in studies]
    make_session(studies[0])
    chosen = [(v.study, type(s).objects.filter(pk=s.pk)) for v, s in zip(studies, kept, strict=True)]
    rows = {each.description: list(each.rows) for each in session_tables(chosen)}
    assert {name: len(found) for name, found in rows.items()} == {"trials": 6, "reasons": 4, "sessions": 2}
    assert [row[0] for row in rows["trials"]] == [1, 2, 3, 4, 5, 6]
