"""Which sessions an analysis reads, and how all the others are accounted for."""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, QuerySet

from studyapp.models import Exclusion, Response, Session, Study
from studyapp.vocab import Origin, Outcome, TrialKind

# The first of these that has sessions is what a page shows when nobody asks for another.
ORIGIN_ORDER = (Origin.LIVE, Origin.IMPORTED, Origin.PILOT, Origin.PREVIEW, Origin.BOT)


@dataclass(frozen=True, kw_only=True)
class Flow:
    """Where the sessions of one origin went. started = completed + ended_early + open."""

    started: int
    completed: int
    ended_early: int
    open: int
    by_outcome: dict[str, int]
    excluded: int
    by_exclusion: dict[str, int]
    analysed: int


def sessions_of(*, study: Study, origin: Origin) -> QuerySet[Session]:
    """Return the sessions of one origin, of every version of the study."""
    return Session.objects.filter(version__study=study, origin=origin.value)


def analysed_sessions(*, study: Study, origin: Origin, include_incomplete: bool = False) -> QuerySet[Session]:
    """Return the sessions whose answers enter the analysis: completed (or all) and not excluded."""
    sessions = sessions_of(study=study, origin=origin).filter(~_is_excluded())
    return sessions if include_incomplete else sessions.filter(outcome=Outcome.COMPLETED.value)


def session_flow(*, study: Study, origin: Origin, include_incomplete: bool = False) -> Flow:
    """Count the sessions of one origin by how they ended, the exclusions by reason, and the sessions analysed."""
    sessions = sessions_of(study=study, origin=origin)
    outcomes = dict(sessions.order_by().values_list("outcome").annotate(n=Count("pk")).order_by("outcome"))
    n_open = outcomes.pop("", 0)
    completed = outcomes.get(Outcome.COMPLETED.value, 0)
    by_exclusion = dict(
        Exclusion.objects.filter(session__in=sessions)
        .order_by()
        .values_list("reason")
        .annotate(n=Count("session", distinct=True))
        .order_by("reason")
    )
    return Flow(
        started=n_open + sum(outcomes.values()),
        completed=completed,
        ended_early=sum(outcomes.values()) - completed,
        open=n_open,
        by_outcome=outcomes,
        excluded=sessions.filter(_is_excluded()).count(),
        by_exclusion=by_exclusion,
        analysed=analysed_sessions(study=study, origin=origin, include_incomplete=include_incomplete).count(),
    )


def count_failed_headphone(*, study: Study, origin: Origin, include_incomplete: bool = False) -> int:
    """Count the analysed sessions that failed every attempt at the headphone test, where the study keeps them."""
    sessions = analysed_sessions(study=study, origin=origin, include_incomplete=include_incomplete)
    failed = sessions.filter(screening_attempts__passed=False).exclude(screening_attempts__passed=True)
    return failed.distinct().count()


def origins_with_sessions(study: Study) -> dict[Origin, int]:
    """Return how many sessions each origin has, in the order in which pages prefer them; origins without are absent."""
    counts = dict(Session.objects.filter(version__study=study).order_by().values_list("origin").annotate(n=Count("pk")))
    return {origin: counts[origin.value] for origin in ORIGIN_ORDER if origin.value in counts}


def default_origin(study: Study) -> Origin:
    """Return the first origin, in the preferred order, that has an answer; live when there is no answer at all."""
    answered = set(
        Response.objects.filter(trial__session__version__study=study, trial__kind=TrialKind.MAIN.value)
        .order_by()
        .values_list("trial__session__origin", flat=True)
        .distinct()
    )
    return next((origin for origin in ORIGIN_ORDER if origin.value in answered), Origin.LIVE)


def _is_excluded() -> Exists:
    return Exists(Exclusion.objects.filter(session=OuterRef("pk")))
