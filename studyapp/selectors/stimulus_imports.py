"""Read what imports took and refused."""

from django.db.models import Count

from studyapp.models import RejectedFile, StimulusImport


def count_reasons(record: StimulusImport) -> list[tuple[str, int]]:
    """Return (reason, files) of an import, the most frequent first."""
    rows = record.rejected_files.values("reason").annotate(n=Count("pk")).order_by("-n", "reason")
    return [(row["reason"], row["n"]) for row in rows]


def list_rejected(record: StimulusImport) -> list[RejectedFile]:
    """Return the files of an import that were refused, by name."""
    return list(record.rejected_files.order_by("name", "pk"))
