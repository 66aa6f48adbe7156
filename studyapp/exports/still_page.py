"""Make a page still: no script, no button, no way into the site; charts drawn, and its tables read off as rows.

The report shows the same templates as the results page. What a file cannot do is taken away here, for every section.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from typing import Any

_DROPPED = {"script", "form", "button", "nav", "audio", "dialog", "select", "template"}
_DROPPED_BY = {"hidden", "data-chart-target", "data-page-only"}
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "summary"}
_KEPT_LINKS = ("#", "https://")
WIDE = 11  # columns; a table of more does not fit upright paper, and gets the attribute data-wide
Specification = dict[str, Any]
Draw = Callable[[str, Specification], str]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A drawing: the word that names its files, its SVG, its Vega-Lite specification; None where the page drew it."""

    name: str
    svg: str
    specification: Specification | None


@dataclass(kw_only=True)
class PageTable:
    """A table as the page shows it: the word that names its file, what stands over it, its rows with the header."""

    name: str
    title: str
    rows: list[list[str]] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class StillPage:
    """The page, and what stands in it, in its order."""

    html: str
    figures: list[Figure]
    tables: list[PageTable]


def make_still(page: str, *, draw: Draw) -> StillPage:
    """Return the page without what a file cannot do.

    draw: takes the name and the specification of each chart, and returns what stands in its place.
    Elements with the attribute `data-page-only` are left out too.

    >>> still = make_still('<p>See <a href="/x">x</a>.<button>Go</button></p>', draw=lambda name, specification: "")
    >>> still.html
    '<p>See x.</p>'
    """
    maker = _Maker(draw)
    maker.feed(page)
    maker.close()
    return StillPage(html="".join(maker.out), figures=maker.figures, tables=maker.tables)


class _Maker(HTMLParser):
    """Writes what it reads, less what is dropped. Expects well-formed templates, as ours are tested to be."""

    def __init__(self, draw: Draw) -> None:
        super().__init__(convert_charrefs=False)
        self.out: list[str] = []
        self.figures: list[Figure] = []
        self.tables: list[PageTable] = []
        self._draw = draw
        self._dropped: list[str] = []  # the open elements of what is being dropped
        self._links: list[bool] = []  # whether each open link is kept
        self._chart = ""  # name of the chart whose figure is open
        self._svg_at: int | None = None  # where in `out` the open drawing begins
        self._specification = ""
        self._section = "page"
        self._heading = ""  # the latest one
        self._texts: list[list[str]] = []  # of the open heading, caption and cell, as they are read
        self._span = 1  # columns of the open cell
        self._table: PageTable | None = None
        self._table_at = 0  # where in `out` it begins

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if self._dropped or tag in _DROPPED or given.keys() & _DROPPED_BY:
            if tag not in _VOID:
                self._dropped.append(tag)
            return
        if tag == "input":
            return
        if tag == "a":
            self._links.append((given.get("href") or "").startswith(_KEPT_LINKS))
            if not self._links[-1]:
                return
        self._note(tag, given)
        text = self.get_starttag_text() or ""
        self.out.append(text.replace("<details", "<details open", 1) if tag == "details" else text)

    def _note(self, tag: str, given: dict[str, str | None]) -> None:
        """Remember where in the page we are."""
        if tag == "section":
            self._section = given.get("aria-labelledby") or self._section
        elif tag == "figure":
            self._chart = given.get("data-chart") or ""
        elif tag == "table":
            n_before = sum(table.name.partition(".")[0] == self._section for table in self.tables)
            name = f"{self._section}.{n_before + 1}" if n_before else self._section
            self._table, self._table_at = PageTable(name=name, title=self._heading), len(self.out)
        elif tag == "tr" and self._table:
            self._table.rows.append([])
        elif tag == "br":
            self._read(" ")
        elif tag == "svg" and self._svg_at is None:
            self._svg_at = len(self.out)
        if tag in _HEADINGS or tag in ("caption", "td", "th"):
            self._texts.append([])
            self._span = int(given.get("colspan") or 1)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not self._dropped and tag != "input":
            self.out.append(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        if self._dropped:
            while tag in self._dropped and self._dropped.pop() != tag:  # elements that nobody closed end here too
                pass
            if tag == "script" and self._chart and not self._dropped and self._specification:
                self._finish_chart()
            return
        if tag == "a" and self._links and not self._links.pop():
            return
        self._close(tag)
        self.out.append(f"</{tag}>")
        if tag == "svg" and self._svg_at is not None:
            svg = "".join(self.out[self._svg_at :])
            self.figures.append(Figure(name=self._free_name(self._section), svg=svg, specification=None))
            self._svg_at = None

    def _close(self, tag: str) -> None:
        if tag in _HEADINGS or tag in ("caption", "td", "th"):
            text = " ".join("".join(self._texts.pop()).split())
            if tag in _HEADINGS:
                self._heading = text
            elif self._table and tag == "caption":
                self._table.title = text
            elif self._table and self._table.rows:
                self._table.rows[-1] += [text, *[""] * (self._span - 1)]
        elif tag == "table" and self._table:
            if max(map(len, self._table.rows), default=0) > WIDE:
                self.out[self._table_at] = self.out[self._table_at].replace("<table", "<table data-wide", 1)
            self.tables.append(self._table)
            self._table = None
        elif tag == "figure":
            self._chart = ""

    def _finish_chart(self) -> None:
        """Put the drawing where the specification stood."""
        specification = json.loads(self._specification)
        name = self._free_name(self._chart)
        svg = self._draw(name, specification)
        self.figures.append(Figure(name=name, svg=svg, specification=specification))
        self.out.append(svg)
        self._specification = ""

    def _free_name(self, name: str) -> str:
        """Return the name, with a number where figures have it already: several machines have the same charts."""
        n_before = sum(figure.name.partition(".")[0] == name for figure in self.figures)
        return f"{name}.{n_before + 1}" if n_before else name

    def handle_data(self, data: str) -> None:
        if not self._dropped:
            self.out.append(data)
            self._read(data)
        elif self._chart and self._dropped == ["script"]:
            self._specification += data

    def handle_entityref(self, name: str) -> None:
        self._character(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._character(f"&#{name};")

    def _character(self, reference: str) -> None:
        if not self._dropped:
            self.out.append(reference)
            self._read(unescape(reference))

    def _read(self, text: str) -> None:
        if self._texts:
            self._texts[-1].append(text)

    def handle_decl(self, decl: str) -> None:
        self.out.append(f"<!{decl}>")
