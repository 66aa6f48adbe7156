"""What report_detectors prints and writes of several trainings."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from detector.models import Comparison
from detector.selectors.report_tables import COMPARISON_COLUMNS
from studyapp.models import StimulusSet
from tests.detector.drawn_training import draw_training
from tests.detector.material import give_vectors, make_set

pytestmark = pytest.mark.django_db


@pytest.fixture
def corpus() -> StimulusSet:
    made = make_set("corpus", n=80)
    give_vectors(made)
    return made


@pytest.fixture
def numbers(corpus: StimulusSet) -> list[int]:
    """Two trainings that can be compared, and a negative control."""
    asked: dict[str, Any] = {"n_folds": 4, "protocol": "grouped"}
    drawn = [draw_training(corpus, seed=1, **asked), draw_training(corpus, seed=2, **asked)]
    return [each.pk for each in [*drawn, draw_training(corpus, seed=3, permute_labels=True, **asked)]]


def report(*args: object) -> tuple[str, str]:
    out, said = io.StringIO(), io.StringIO()
    asked = ["--resamples", "100", "--timing-runs", "0"]
    call_command("report_detectors", "--training", *[str(arg) for arg in args], *asked, stdout=out, stderr=said)
    return out.getvalue(), said.getvalue()


def test_one_object_is_printed_whatever_the_number_of_trainings(numbers: list[int]) -> None:
    one = json.loads(report(numbers[0], "--json")[0])
    assert [each["training"] for each in one["reports"]] == numbers[:1] and one["comparison"] is None
    several = json.loads(report(*numbers[1::-1], "--json")[0])
    assert [each["training"] for each in several["reports"]] == numbers[1::-1]
    comparison = several["comparison"]
    assert [each["training"] for each in comparison["trainings"]] == numbers[:2]
    assert len(comparison["paired"]) == 4 and len(comparison["seed_variability"]) == 1


def test_the_files_hold_all_that_was_computed_and_the_pairs_left_out(numbers: list[int], tmp_path: Path) -> None:
    text, said = report(*numbers, "--out", tmp_path)
    assert "comparison.json, comparison.csv" in said and "different labels" in text
    comparison = json.loads((tmp_path / "comparison.json").read_text())
    assert isinstance(json.loads((tmp_path / "report.json").read_text()), list)
    with (tmp_path / "comparison.csv").open(newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    assert tuple(reader.fieldnames or ()) == COMPARISON_COLUMNS
    assert len(rows) == 1 + 4 + 4  # over seeds, over clips by four measures, two pairs left out of both
    seeds, paired, left_out = rows[0], rows[1:5], rows[5:]
    (expected,) = comparison["seed_variability"]
    for name in ("u", "effect", "p", "p_least", "p_holm", "n_a", "n_b"):
        assert float(seeds[name]) == expected[name], name
    for row, whole in zip(paired, comparison["paired"], strict=True):
        assert all(row[name] == str(value) for name, value in whole.items() if value is not None)
        assert float(row["level"]) == 0.95 and int(row["n_clusters_real"]) > 1
    assert [(row["a"], row["b"]) for row in left_out] == [(str(a), str(numbers[2])) for a in numbers[:2]] * 2
    assert all(row["kind"] and "different labels" in row["reason"] and not row["p"] for row in left_out)
    assert {row["kind"] for row in left_out} == {seeds["kind"], paired[0]["kind"]}


def test_what_is_stored_is_not_computed_again_unless_asked(numbers: list[int]) -> None:
    pair = numbers[:2]
    words = "differences on shared clips"
    assert words in report(*pair)[1]
    first = Comparison.objects.get()
    assert words not in report(*reversed(pair))[1]
    assert Comparison.objects.get().finished_at == first.finished_at
    assert words in report(*pair, "--anew")[1]
    again = Comparison.objects.get()
    assert again.finished_at != first.finished_at and again.content_sha256 == first.content_sha256
    assert again.options["n_resamples"] == 100
