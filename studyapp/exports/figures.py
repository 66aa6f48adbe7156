"""Draw the pages' charts without a browser, and take the rows that they show."""

import re
from typing import Any

NAMESPACE = "http://www.w3.org/2000/svg"
VEGA_LITE = "6.4"  # the vendored one's version: the page and the file show the same chart
WIDTH = 620  # pixels, where the page decides the width
# The reader's machine draws the text, and may do it with a wider font than it is measured with here: leave room.
LOOK = {
    "background": "white",
    "font": "Arial, Liberation Sans, Helvetica, sans-serif",
    "padding": {"left": 32, "right": 8, "top": 5, "bottom": 5},
    "legend": {"columnPadding": 28},
}
_ID = re.compile(r'\bid="([^"]+)"')
_REFERENCE = re.compile(r'(?<=url\(#)[^)"]+|(?<=href="#)[^"]+')


def draw_svg(name: str, specification: dict[str, Any]) -> str:
    """Return a Vega-Lite specification as SVG, dark on white, with text as text: the same bytes for the same one.

    Identifiers in it begin with the name, so that several drawings stand in one page. Nothing is fetched.
    """
    import vl_convert  # starts a JavaScript engine, and only needed here

    fixed = {**specification, "width": WIDTH} if specification.get("width") == "container" else specification
    svg: str = vl_convert.vegalite_to_svg(fixed, vl_version=VEGA_LITE, config=LOOK, allowed_base_urls=[])
    # The engine counts on from drawing to drawing: its identifiers are numbered anew.
    own = {given: f"{name}-{number}" for number, given in enumerate(dict.fromkeys(_ID.findall(svg)), start=1)}
    svg = _ID.sub(lambda found: f'id="{own[found[1]]}"', svg)
    return _REFERENCE.sub(lambda found: own.get(found[0], found[0]), svg)


def svg_file(svg: str) -> str:
    """Return a drawing that stands in a page as one that can be a file.

    >>> svg_file('<svg width="1"></svg>')
    '<svg xmlns="http://www.w3.org/2000/svg" font-family="Arial, sans-serif" width="1"></svg>'
    """
    own = f'<svg xmlns="{NAMESPACE}" font-family="Arial, sans-serif"'
    return svg if NAMESPACE in svg else svg.replace("<svg", own, 1)


def chart_rows(specification: dict[str, Any]) -> tuple[list[str], list[list[Any]]]:
    """Return the header and the rows of all data that a specification carries; as static/js/chart-data.js does.

    >>> chart_rows({"data": {"values": [{"a": 1}, {"a": 2, "b": "x"}]}})
    (['a', 'b'], [[1, None], [2, 'x']])
    """
    sets = [*specification.get("datasets", {}).values(), specification.get("data", {}).get("values", [])]
    rows = [row for each in sets for row in each if row]  # a layer of its own, such as a line at 50 %, has an empty one
    header = list(dict.fromkeys(name for row in rows for name in row))
    return header, [[_on_one_line(row.get(name)) for name in header] for row in rows]


def _on_one_line(value: Any) -> Any:
    """Return a label without the breaks that it is drawn with."""
    return value.replace("\n", " ") if isinstance(value, str) else value
