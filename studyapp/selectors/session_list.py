"""A study's sessions as a list, and counted: what anybody who runs the study may see."""

from typing import Any

from django.db.models import Count, F, Q, QuerySet

from studyapp.models import Session, Study

OPEN = "open"


def list_sessions(study: Study, *, origin: str = "", outcome: str = "") -> QuerySet[Session, Any]:
    """Return the sessions as mappings, in the order in which they started. No answer, score or secret is in them."""
    found = Session.objects.filter(version__study=study)
    if origin:
        found = found.filter(origin=origin)
    if outcome:
        found = found.filter(outcome="" if outcome == OPEN else outcome)
    return found.order_by("pk").values(
        "id",
        "origin",
        "group",
        "step",
        "outcome",
        "started_at",
        "last_seen_at",
        "ended_at",
        pseudonym=F("participant__pseudonym"),
        version_number=F("version__number"),
        n_trials=Count("trials"),
        n_answered=Count("trials", filter=Q(trials__completed_at__isnull=False)),
    )


def session_counts(study: Study) -> list[dict[str, Any]]:
    """Return how many sessions each origin has in each state: open in a step, or ended with an outcome. One query."""
    rows = Session.objects.filter(version__study=study).order_by().values("origin", "outcome", "step")
    merged: dict[tuple[str, str, str], int] = {}
    for row in rows.annotate(n=Count("pk")):
        key = (row["origin"], "" if row["outcome"] else row["step"], row["outcome"])
        merged[key] = merged.get(key, 0) + row["n"]
    return [
        {"origin": origin, "state": OPEN if step else "ended", "step": step, "outcome": outcome, "n": n}
        for (origin, step, outcome), n in sorted(merged.items())
    ]
