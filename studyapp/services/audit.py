"""Record who did what."""

from typing import Any

from studyapp.models import AuditEntry, User


def record_audit(
    *, actor: User | None, action: str, object_type: str, object_id: str, detail: dict[str, Any] | None = None
) -> AuditEntry:
    """Add an audit entry; `actor` is None for commands and workers."""
    return AuditEntry.objects.create(
        actor=actor, action=action, object_type=object_type, object_id=object_id, detail=detail or {}
    )
