import csv
import io
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyapp.exports.cells import cell, csv_lines, text_cell

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@sum", "\tx", "\rx", " =1", "\n=1", "＝1", "\u200b=1", "\xa0@x", "'=1", "﹣1"]
)
def test_makes_what_a_spreadsheet_would_run_harmless(text: str) -> None:
    assert text_cell(text) == "'" + text.replace("\r", "\n")


@pytest.mark.parametrize("text", ["", "a=b", "dog bark", "1-2", "x@y"])
def test_leaves_other_text_alone(text: str) -> None:
    assert text_cell(text) == text


def test_every_line_end_becomes_a_newline() -> None:
    assert text_cell("a\r\nb\rc\n") == "a\nb\nc\n"


def test_leaves_numbers_alone_and_writes_them_whole() -> None:
    assert cell(-1.5) == "-1.5"
    assert cell(0.1 + 0.2) == "0.30000000000000004"
    assert cell(-3) == "-3"


def test_writes_times_in_utc() -> None:
    at = datetime(2026, 1, 2, 3, 4, 5, 678900, tzinfo=timezone(timedelta(hours=2)))
    assert cell(at) == "2026-01-02T01:04:05.678Z"
    assert cell(datetime(2026, 1, 2, tzinfo=UTC)) == "2026-01-02T00:00:00.000Z"


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"))))
def test_every_text_comes_back_but_for_the_apostrophe(texts: list[str]) -> None:
    lines = "".join(csv_lines(["a", "b"], [[text, 1] for text in texts]))
    rows = list(csv.reader(io.StringIO(lines, newline="")))
    assert rows[0] == ["a", "b"]
    assert [row[0].removeprefix("'") for row in rows[1:]] == [text.removeprefix("'") for text in texts]
