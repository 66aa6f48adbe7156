"""Who saw, changed and exported what."""

from dataclasses import dataclass
from datetime import date

from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Cast

from studyapp.models import AuditEntry, Session, Study


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a reader of the log asks for; empty asks for all. `actor` is a name, or "-" for commands and workers."""

    action: str = ""
    actor: str = ""
    object_id: str = ""
    since: date | None = None
    until: date | None = None


def entries_of(study: Study) -> QuerySet[AuditEntry]:
    """Return what was done with the study and with its sessions."""
    sessions = Session.objects.filter(version__study=study).annotate(key=Cast("pk", CharField())).values("key")
    return AuditEntry.objects.filter(
        Q(object_type="study", object_id=study.slug) | Q(object_type="session", object_id__in=sessions)
    )


def narrowed(entries: QuerySet[AuditEntry], wanted: Wanted) -> QuerySet[AuditEntry]:
    """Return the entries that are wanted, each with its actor."""
    if wanted.action:
        entries = entries.filter(action=wanted.action)
    if wanted.actor == "-":
        entries = entries.filter(actor=None)
    elif wanted.actor:
        entries = entries.filter(actor__username=wanted.actor)
    if wanted.object_id:
        entries = entries.filter(object_id=wanted.object_id)
    if wanted.since:
        entries = entries.filter(at__date__gte=wanted.since)
    if wanted.until:
        entries = entries.filter(at__date__lte=wanted.until)
    return entries.select_related("actor")


def actions_of(entries: QuerySet[AuditEntry]) -> list[str]:
    """Return the actions that there are, in order."""
    return list(entries.order_by("action").values_list("action", flat=True).distinct())


def actors_of(entries: QuerySet[AuditEntry]) -> list[str]:
    """Return the names of those who acted, in order."""
    named = entries.filter(actor__isnull=False).order_by("actor__username")
    return list(named.values_list("actor__username", flat=True).distinct())
