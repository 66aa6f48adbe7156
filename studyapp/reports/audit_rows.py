"""Entries of the audit log in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from studyapp.models import AuditEntry

LONGEST = 300


@dataclass(frozen=True, kw_only=True)
class AuditRow:
    """A line of the log."""

    at: datetime
    who: str
    what: str
    of_what: str
    details: str


def audit_rows(entries: Iterable[AuditEntry]) -> list[AuditRow]:
    return [
        AuditRow(
            at=entry.at,
            who=entry.actor.username if entry.actor else "",
            what=entry.action.replace("_", " "),
            of_what=f"{entry.object_type} {entry.object_id}".strip(),
            details=_in_words(entry.detail),
        )
        for entry in entries
    ]


def _in_words(detail: Any) -> str:
    """Return the details on one line, short ones first, cut where it is long: the administration has it all."""
    if not isinstance(detail, dict):
        return str(detail)[:LONGEST]
    told = {key: str(value)[:12] if key.endswith("sha256") else value for key, value in detail.items() if value != ""}
    words = "; ".join(f"{key.replace('_', ' ')}: {_value(value)}" for key, value in sorted(told.items(), key=_length))
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"


def _length(item: tuple[str, Any]) -> tuple[int, str]:
    return len(str(item[1])), item[0]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{key} {_value(item)}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(_value(item) for item in value)
    return str(value)
