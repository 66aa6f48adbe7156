"""Cross-entropy of systems against another number of theirs: which rows there are, and which way the sign goes."""

from typing import Any

import numpy as np
import pytest

from detector.ml.report.quality import comparable, correlations

pytestmark = pytest.mark.once
BCE = {"s1": 0.1, "s2": 0.7, "s3": 0.3, "s4": 2.0, "s5": 0.4}
VALUES = {"s1": 3.0, "s2": 5.0, "s3": 4.0, "s4": 9.0, "s5": 1.0}


def rows(tracks: dict[str, str]) -> list[dict[str, Any]]:
    """Return the systems of `tracks`, last name first, as `by_system` may have them in any order."""
    return [{"system": name, "track": tracks[name], "bce": BCE[name]} for name in sorted(tracks, reverse=True)]


def test_a_higher_cross_entropy_with_a_higher_value_is_a_positive_correlation() -> None:
    (found,) = correlations(rows(dict.fromkeys(BCE, "")), VALUES, against="frechet")
    assert found["pearson"]["r"] == pytest.approx(np.corrcoef(list(BCE.values()), list(VALUES.values()))[0, 1])
    assert found["spearman"]["r"] == pytest.approx(
        0.7
    )  # 1 - 6 (1 + 0 + 1 + 0 + 4) / (5 24): ranks 1 4 2 5 3, 2 4 3 5 1
    assert found["points"] == [
        {"system": name, "track": "", "bce": BCE[name], "value": VALUES[name]} for name in sorted(BCE)
    ]
    turned = {name: -value for name, value in VALUES.items()}
    (other,) = correlations(rows(dict.fromkeys(BCE, "")), turned, against="frechet")
    assert other["pearson"]["r"] == pytest.approx(-found["pearson"]["r"])
    assert other["spearman"]["r"] == pytest.approx(-0.7)


@pytest.mark.parametrize(
    ("tracks", "expected"),
    [
        ("AAAAA", {"all": 5}),  # a row of A would be that of all
        ("-----", {"all": 5}),
        ("AAAA-", {"A": 4, "all": 5}),  # the last has no track, as a baseline has none
        ("AABBB", {"A": 2, "B": 3, "all": 5}),
        ("AAB--", {"A": 2, "B": 1, "all": 5}),
    ],
)
def test_each_track_has_a_row_unless_one_holds_all_systems(tracks: str, expected: dict[str, int]) -> None:
    of = dict(zip(BCE, tracks.replace("-", " "), strict=True))
    found = correlations(rows({name: track.strip() for name, track in of.items()}), VALUES, against="official")
    assert {row["track"]: row["n"] for row in found} == expected
    assert [row["track"] for row in found] == list(expected)
    for row in found[:-1]:
        assert {point["track"] for point in row["points"]} == {row["track"]}


def test_a_track_that_only_systems_without_a_value_have_is_no_track() -> None:
    tracks = {"s1": "A", "s2": "A", "s3": "A", "s4": "A", "s5": "B"}
    values = {name: value for name, value in VALUES.items() if name != "s5"}
    assert [(row["track"], row["n"]) for row in correlations(rows(tracks), values, against="frechet")] == [("all", 4)]


def test_only_systems_with_a_distance_in_every_category_are_comparable() -> None:
    systems: list[dict[str, Any]] = [
        {"system": "whole", "mean": 2.0, "n_categories": 3},
        {"system": "part", "mean": 1.0, "n_categories": 2},
        {"system": "none", "mean": None, "n_categories": 0},
    ]
    assert comparable(systems) == {"whole": 2.0}
    assert comparable(systems[2:]) == comparable([]) == {}
