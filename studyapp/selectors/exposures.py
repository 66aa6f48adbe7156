"""How often each sound of a version was heard, for orders that give everybody the least heard ones."""

from datetime import timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from studyapp.models import Presentation, Session
from studyapp.selectors.study_config import frozen_config
from studyapp.vocab import Outcome, TrialKind


def exposures(session: Session) -> dict[int, int]:
    """Return how many other sessions of the same version and origin hear each sound, by key; sounds nobody hears are
    left out.

    Completed sessions count, and open ones provisionally until their time is over; those that ended in any other way,
    or are excluded from analyses, do not. One query.
    """
    limit = timedelta(minutes=frozen_config(session.version).recruitment.time_limit_min)
    counted = Q(outcome=Outcome.COMPLETED.value, exclusions__isnull=True) | Q(
        outcome="", started_at__gte=timezone.now() - limit
    )
    others = Session.objects.filter(counted, version=session.version_id, origin=session.origin).exclude(pk=session.pk)
    rows = (
        Presentation.objects.filter(
            trial__session__in=others,
            trial__kind=TrialKind.MAIN.value,
            trial__skipped="",  # a sound that could not be played was not heard
            frozen_stimulus__isnull=False,
        )
        .order_by()
        .values_list("frozen_stimulus")
        .annotate(n=Count("pk"))
    )
    return dict(rows)


def clip_exposures(sessions: QuerySet[Session]) -> list[dict[str, Any]]:
    """Return each sound that the sessions' main trials hold: n_planned, and n_judged in completed sessions.

    The least judged come first. One query.
    """
    counted = Q(trial__session__outcome=Outcome.COMPLETED.value, trial__response__isnull=False)
    shown = Presentation.objects.filter(
        trial__session__in=sessions, trial__kind=TrialKind.MAIN.value, frozen_stimulus__isnull=False
    )
    rows = (
        shown.order_by()
        .values(
            name=F("frozen_stimulus__stimulus__name"),
            label=F("frozen_stimulus__label"),
            category=F("frozen_stimulus__category"),
            version_number=F("frozen_stimulus__version__number"),
        )
        .annotate(n_planned=Count("pk"), n_judged=Count("pk", filter=counted))
        .order_by("n_judged", "name", "version_number")
    )
    return [dict(row) for row in rows]
