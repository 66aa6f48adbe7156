"""What a page loses on its way to a file, and what is read off it; charts drawn without a browser."""

import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from studyapp.exports.figures import draw_svg, svg_file
from studyapp.exports.still_page import StillPage, make_still
from studyapp.reports.analysis_charts import draw_reasons

pytestmark = pytest.mark.once


def still(page: str) -> StillPage:
    return make_still(page, draw=lambda name, specification: f"<svg>{name} {specification['n']}</svg>")


@pytest.mark.parametrize(
    ("page", "left"),
    [
        ("<p>a<script>if (1 < 2) run()</script>b</p>", "<p>ab</p>"),
        ("<form method=post><input name=x><select><option>1<option>2</select><p>c</form>d", "d"),
        ("a<input name=x><button>Go <b>on</b></button>b", "ab"),
        ('<p>See <a href="/studies/x/">the <b>plan</b></a>.</p>', "<p>See the <b>plan</b>.</p>"),
        ('<a href="#flow">flow</a> <a href="https://doi.org/1">doi</a>', None),
        ('<a href="javascript:alert(1)">x</a><a href="//elsewhere.example">y</a>', "xy"),
        ("<p>a<span data-page-only>: <a href='/x'>b</a></span>.</p>", "<p>a.</p>"),
        ('<div hidden><div><img src="x"></div></div>z', "z"),
        ("<nav><ul><li>1<li>2</ul></nav>after", "after"),  # elements that nobody closed take nothing else with them
        ('<details class="x"><summary>s</summary></details>', '<details open class="x"><summary>s</summary></details>'),
        ("<p>5 &lt; 6 &amp; d&#x2032;</p><br>", None),
    ],
)
def test_what_a_file_cannot_do_is_taken_away_and_nothing_else(page: str, left: str | None) -> None:
    assert still(page).html == (page if left is None else left)


def test_a_chart_is_drawn_where_its_specification_stood() -> None:
    found = still(
        '<figure data-chart="c"><figcaption>Shares</figcaption><div data-chart-target></div>'
        '<div data-chart-files hidden><button>SVG</button></div><script id="c" type="application/json">'
        '{"n": "\\u003Cb"}</script></figure><p>next</p><script>var n = {}</script>'
    )
    assert found.html == ('<figure data-chart="c"><figcaption>Shares</figcaption><svg>c <b</svg></figure><p>next</p>')
    assert [(figure.name, figure.specification) for figure in found.figures] == [("c", {"n": "<b"})]


def test_drawings_of_the_page_and_charts_of_one_name_are_told_apart() -> None:
    chart = '<figure data-chart="c"><script type="application/json">{"n": 1}</script></figure>'
    drawn = '<svg viewBox="0 0 9 9"><text>5 &lt; 6</text><rect width="1"/></svg>'
    found = still(f'{chart}<section aria-labelledby="flow">{drawn}</section>{chart}')
    assert [(each.name, each.specification) for each in found.figures] == [
        ("c", {"n": 1}),
        ("flow", None),
        ("c.2", {"n": 1}),
    ]
    assert found.figures[1].svg == drawn and drawn in found.html
    assert ET.fromstring(svg_file(drawn)).tag == "{http://www.w3.org/2000/svg}svg"


def test_tables_are_read_with_what_stands_over_them() -> None:
    found = still(
        '<section aria-labelledby="a"><h2>First &amp; best</h2><table><tr><th>x</th><th colspan="2">y z</th></tr>'
        "<tr><td> 1\n </td><td>−2.5</td><td>a<br>b &lt; c <button>no</button></td></tr></table>"
        '<table><caption>Second</caption><tr><td>1</td></tr></table></section><section aria-labelledby="b">'
        "<details><summary>More</summary><table><tr><td>2</td></tr></table></details></section>"
    )
    assert [(table.name, table.title) for table in found.tables] == [
        ("a", "First & best"),
        ("a.2", "Second"),
        ("b", "More"),
    ]
    assert found.tables[0].rows == [["x", "y z", ""], ["1", "−2.5", "a b < c"]]


def test_a_table_that_upright_paper_cannot_hold_is_marked() -> None:
    upright, wide = (f"<table class='t'><tr>{'<td>1</td>' * n}</tr></table>" for n in (11, 12))
    assert still(upright + wide).html == upright + wide.replace("<table", "<table data-wide")


def reasons(label: str = "A reason") -> dict[str, Any]:
    interval = {"low": 0.1, "high": 0.6}
    share = {
        "label": label,
        "n_chosen": 3,
        "proportion": 0.3,
        "wilson": interval,
        "goodman": interval,
        "listener_mean": 0.3,
    }
    specification = draw_reasons({"n_judgements": 10, "shares": [share, share | {"label": "Other", "n_chosen": 1}]})
    assert specification is not None
    return specification


def test_a_chart_is_the_same_svg_each_time_with_text_as_text_and_nothing_from_outside() -> None:
    svg = draw_svg("shares", reasons("<script>alert(1)</script> & more"))
    assert svg == draw_svg("shares", reasons("<script>alert(1)</script> & more"))
    root = ET.fromstring(svg)
    assert "share of judgements" in "".join(root.itertext())
    assert "<script" not in svg and "https://" not in svg
    assert svg.count('aria-roledescription="bar"') == svg.count('aria-roledescription="rule mark"') == 2


def test_drawings_that_stand_in_one_page_share_no_identifier() -> None:
    clipped = {
        "data": {"values": [{"a": 1, "b": 2}, {"a": 2, "b": 3}]},
        "mark": {"type": "line", "clip": True},
        "encoding": {"x": {"field": "a", "type": "quantitative"}, "y": {"field": "b", "type": "quantitative"}},
    }
    one, other = draw_svg("one", clipped), draw_svg("other", clipped)
    ids = [set(re.findall(r'\bid="([^"]+)"', svg)) for svg in (one, other)]
    assert ids[0] and not ids[0] & ids[1]
    assert set(re.findall(r"url\(#([^)]+)\)", one)) <= ids[0]


def test_a_drawing_asks_no_network() -> None:
    with pytest.raises(ValueError, match="allowed"):
        draw_svg("x", {"data": {"url": "https://elsewhere.example/a.csv"}, "mark": "bar", "encoding": {}})
