"""Promises of docs/statistics.md: error rates and coverage, the first of the committed studies run again."""

import csv
from pathlib import Path

import pytest

from benchmarks import coverage, error_rates

pytestmark = pytest.mark.once

DOCS = Path(__file__).resolve().parents[3] / "docs/statistics.md"
PRIMARY = ("two-way quasi-t", "mixed model, t")


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_two_hundred_null_studies_are_rejected_as_often_as_promised() -> None:
    found = error_rates.rejections(200)
    for name in PRIMARY:
        assert 0.03 <= found[name] / 200 <= 0.07
    assert found["naive z over all answers"] / 200 > 0.3
    assert found["t over listeners"] > found["two-way quasi-t"]


def test_committed_error_rates_are_of_2000_studies_and_within_limits() -> None:
    rows = {row["test"]: row for row in rows_of(error_rates.OUT)}
    assert tuple(rows) == (*error_rates.TESTS, error_rates.SPARSE, *error_rates.DISCRIMINATION)
    of_500 = {name for name, row in rows.items() if row["n_studies"] == "500"}
    assert of_500 == set(error_rates.DISCRIMINATION)
    assert {row["n_studies"] for name, row in rows.items() if name not in of_500} == {"2000"}
    for name in (*PRIMARY, error_rates.SPARSE, *error_rates.DISCRIMINATION):
        assert 0.03 <= float(rows[name]["rate"]) <= 0.07
    assert float(rows["two-way bootstrap"]["rate"]) <= 0.07


def test_the_quasi_t_keeps_its_level_where_not_everybody_heard_everything() -> None:
    assert 0 < error_rates.sparse_rejections(200) <= 20  # of 200 at .05, more than 20 has probability .001


def test_what_tells_fakes_from_reals_keeps_its_level() -> None:
    for n_rejected in error_rates.discrimination_rejections(10).values():
        assert n_rejected <= 3  # of 10 at .05, more than 3 has probability .001


def test_ten_studies_are_covered_about_as_often_as_promised() -> None:
    found = coverage.covered(10)
    promised = {name: count for name, count in found.items() if name != coverage.NAIVE}
    assert min(promised.values()) >= 7  # of 10 at 95 %, fewer than 7 has probability .001
    assert found[coverage.NAIVE] < min(promised.values())


def test_committed_coverage_is_of_200_studies_and_within_limits() -> None:
    rows = {row["interval"]: row for row in rows_of(coverage.OUT)}
    assert set(rows) == set(coverage.truths())
    for name, row in rows.items():
        assert row["n_studies"] == "200"
        assert float(row["truth"]) == pytest.approx(coverage.truths()[name], abs=5e-5)
        if name != coverage.NAIVE:
            limits = (183, 200) if "bootstrap" in name else (183, 197)
            assert limits[0] <= int(row["n_covered"]) <= limits[1]


def test_the_document_shows_the_committed_numbers() -> None:
    text = DOCS.read_text(encoding="utf-8")
    for row in rows_of(error_rates.OUT):
        shown = f"| {row['test']} | {float(row['rate']):.3f} | {float(row['low']):.3f} to {float(row['high']):.3f} |"
        assert shown in text
    for row in rows_of(coverage.OUT):
        assert f"| {row['interval']} | {float(row['truth']):.4f} | {row['n_covered']} |" in text
