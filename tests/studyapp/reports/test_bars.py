"""Figures of bars: heights and names, nothing where there is nothing, ranges of counts."""

import pytest

from studyapp.reports.bars import BOTTOM, HEIGHT, TOP, WIDTH, draw_bars, in_ranges

pytestmark = pytest.mark.once


def test_bars_stand_on_one_foot_within_the_figure_and_are_as_high_as_their_counts() -> None:
    figure = draw_bars([("1 Sep", 4), ("2 Sep", 0), ("3 Sep", 2)])
    assert figure and figure["most"] == 4
    bars = figure["bars"]
    assert [bar.height for bar in bars] == [HEIGHT - TOP - BOTTOM, 0, (HEIGHT - TOP - BOTTOM) / 2]
    assert {bar.y + bar.height for bar in bars} == {figure["foot"]}
    assert all(figure["left"] <= bar.x and bar.x + bar.width <= WIDTH for bar in bars)


def test_few_words_stand_below_many_bars_and_none_overlap() -> None:
    figure = draw_bars([(str(n), n) for n in range(1, 31)])
    assert figure
    assert [bar.words for bar in figure["bars"] if bar.is_named] == ["1", "6", "11", "16", "21", "26"]
    assert all(a.x + a.width <= b.x for a, b in zip(figure["bars"], figure["bars"][1:], strict=False))


@pytest.mark.parametrize("counts", [[], [("a", 0)]])
def test_there_is_no_figure_of_nothing(counts: list[tuple[str, int]]) -> None:
    assert draw_bars(counts) is None


def test_ranges_hold_every_count_once() -> None:
    assert in_ranges([]) == []
    assert in_ranges([3, 3, 5]) == [("3", 2), ("4", 0), ("5", 1)]
    found = in_ranges(list(range(100)), most_ranges=20)
    assert len(found) == 20 and found[0] == ("0–4", 5) and sum(n for _, n in found) == 100
