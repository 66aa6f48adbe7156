"""A long table on a page: sorted, filtered and cut into pages by the database, from an address that can be kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

PAGE_SIZE = 50


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of the table. `order` are the fields that sort by it, from a fixed list; without them it has none."""

    key: str
    label: str
    order: tuple[str, ...] = ()
    is_number: bool = False


@dataclass(frozen=True, kw_only=True)
class Heading:
    """What partials/table_head.html shows: `aria` is ascending, descending or none, `target` sorts by the column."""

    label: str
    is_number: bool
    target: str
    aria: str


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A page of the rows, and the headings above them."""

    page: Page[Any]
    headings: list[Heading]

    @property
    def n(self) -> int:
        return self.page.paginator.count


def list_rows(
    request: HttpRequest, rows: QuerySet[Any], columns: Sequence[Column], *, start: str, page_size: int = PAGE_SIZE
) -> Listing:
    """Return the page that the address asks for with `sort` (a column's key, or -key) and `page`.

    `start` is the order without `sort`. Anything unknown is taken as not given; the order is made complete by the key.
    """
    known = {column.key: column for column in columns if column.order}
    asked = request.GET.get("sort", start)
    key = asked.removeprefix("-") if asked.removeprefix("-") in known else start.removeprefix("-")
    is_down = (asked if asked.removeprefix("-") == key else start).startswith("-")
    fields = [_turned(field) if is_down else field for field in known[key].order]
    page = Paginator(rows.order_by(*fields, "pk"), page_size).get_page(request.GET.get("page"))
    return Listing(page=page, headings=[_heading(column, key, is_down=is_down) for column in columns])


def _turned(field: str) -> str:
    return field.removeprefix("-") if field.startswith("-") else f"-{field}"


def _heading(column: Column, key: str, *, is_down: bool) -> Heading:
    is_sorted = column.key == key
    return Heading(
        label=column.label,
        is_number=column.is_number,
        target="" if not column.order else f"-{column.key}" if is_sorted and not is_down else column.key,
        aria=("descending" if is_down else "ascending") if is_sorted else "none",
    )
