"""Pages of long lists: limit and offset within bounds, and how many rows there are."""

from typing import Annotated, Any

from django.db.models import QuerySet
from ninja import Query, Schema
from pydantic import Field

MAX_LIMIT, MAX_OFFSET = 500, 10_000_000


class Paging(Schema):
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT, description="Rows of the page.")] = 100
    offset: Annotated[int, Field(ge=0, le=MAX_OFFSET, description="Rows before it.")] = 0


Pages = Query[Paging]


def page_of(rows: QuerySet[Any], paging: Paging) -> dict[str, Any]:
    """Return the page and the number of all rows. Two queries."""
    return {
        "n": rows.count(),
        "limit": paging.limit,
        "offset": paging.offset,
        "items": list(rows[paging.offset : paging.offset + paging.limit]),
    }
