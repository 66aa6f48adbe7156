"""Dates and times as every page writes them, all of them in UTC. Built in: no page has to load these.

A line breaks between date and time only: the spaces within either are such that do not break.
"""

from datetime import date, datetime

from django.template import Library
from django.utils.formats import date_format

register = Library()
NO_BREAK = "\u00a0"


@register.filter
def day(value: date | None) -> str:
    """Return "3 Sep 2026", or "" for None."""
    return date_format(value, "j M Y").replace(" ", NO_BREAK) if value else ""


@register.filter
def moment(value: datetime | None) -> str:
    """Return "3 Sep 2026, 10:15 UTC", or "" for None."""
    return f"{day(value)}, {date_format(value, 'H:i')}{NO_BREAK}UTC" if value else ""


@register.filter
def moment_s(value: datetime | None) -> str:
    """Return "3 Sep 2026, 10:15:42 UTC", or "" for None."""
    return f"{day(value)}, {date_format(value, 'H:i:s')}{NO_BREAK}UTC" if value else ""
