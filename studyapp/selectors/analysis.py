"""Which sessions an analysis reads, and how all the others are accounted for."""

from collections import Counter
from dataclasses import dataclass
from itertools import chain

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from studyapp.models import Exclusion, Response, Session, Study
from studyapp.selectors.flags import flags_of, is_flagged
from studyapp.vocab import Origin, Outcome, TrialKind

# The first of these that has sessions is what a page shows when nobody asks for another.
ORIGIN_ORDER = (Origin.LIVE, Origin.IMPORTED, Origin.PILOT, Origin.PREVIEW, Origin.BOT)


@dataclass(frozen=True, kw_only=True)
class Flow:
    """Where the sessions of one origin went. started = completed + ended_early + open.

    `by_exclusion_of_completed` counts the completed ones that are left out; a session may have several reasons.
    `flagged` are those of the analysed ones, or, where flagged ones are left out, those left out for it alone.
    """

    started: int
    completed: int
    ended_early: int
    open: int
    by_outcome: dict[str, int]
    excluded: int
    by_exclusion: dict[str, int]
    by_exclusion_of_completed: dict[str, int]
    analysed: int
    flagged: int
    by_flag: dict[str, int]


def sessions_of(*, study: Study, origin: Origin) -> QuerySet[Session]:
    """Return the sessions of one origin, of every version of the study."""
    return Session.objects.filter(version__study=study, origin=origin.value)


def analysed_sessions(
    *,
    study: Study,
    origin: Origin,
    include_incomplete: bool = False,
    include_excluded: bool = False,
    leave_out_flagged: bool = False,
) -> QuerySet[Session]:
    """Return the sessions whose answers enter the analysis: completed (or all) and not excluded (or these too).

    Of incomplete ones those with an answer to a main trial: who was turned away took no part. Whoever withdrew is
    never among them. Flagged ones are, or are not.
    """
    sessions = sessions_of(study=study, origin=origin)
    sessions = sessions if include_excluded else sessions.filter(~_is_excluded())
    if leave_out_flagged:
        sessions = sessions.alias(is_flagged=is_flagged()).filter(is_flagged=False)
    if not include_incomplete:
        return sessions.filter(outcome=Outcome.COMPLETED.value)
    answered = Response.objects.filter(trial__session=OuterRef("pk"), trial__kind=TrialKind.MAIN.value)
    return sessions.exclude(outcome=Outcome.WITHDRAWN.value).filter(
        Q(outcome=Outcome.COMPLETED.value) | Exists(answered)
    )


def session_flow(
    *,
    study: Study,
    origin: Origin,
    include_incomplete: bool = False,
    include_excluded: bool = False,
    leave_out_flagged: bool = False,
) -> Flow:
    """Count the sessions of one origin by how they ended, the exclusions by reason, and the sessions analysed."""
    sessions = sessions_of(study=study, origin=origin)
    with_flagged = analysed_sessions(
        study=study, origin=origin, include_incomplete=include_incomplete, include_excluded=include_excluded
    )
    flags = flags_of(with_flagged)
    outcomes = dict(sessions.order_by().values_list("outcome").annotate(n=Count("pk")).order_by("outcome"))
    n_open = outcomes.pop("", 0)
    completed = outcomes.get(Outcome.COMPLETED.value, 0)
    reasons = (
        Exclusion.objects.filter(session__in=sessions)
        .order_by()
        .values_list("reason")
        .annotate(
            n=Count("session", distinct=True),
            n_completed=Count("session", distinct=True, filter=Q(session__outcome=Outcome.COMPLETED.value)),
        )
        .order_by("reason")
    )
    by_exclusion = {reason: (n, n_completed) for reason, n, n_completed in reasons}
    return Flow(
        started=n_open + sum(outcomes.values()),
        completed=completed,
        ended_early=sum(outcomes.values()) - completed,
        open=n_open,
        by_outcome=outcomes,
        excluded=sessions.filter(_is_excluded()).count(),
        by_exclusion={reason: n for reason, (n, _) in by_exclusion.items()},
        by_exclusion_of_completed={reason: n for reason, (_, n) in by_exclusion.items() if n},
        analysed=with_flagged.count() - (len(flags) if leave_out_flagged else 0),
        flagged=len(flags),
        by_flag=dict(sorted(Counter(chain.from_iterable(flags.values())).items())),
    )


def origins_with_sessions(study: Study) -> dict[Origin, int]:
    """Return how many sessions each origin has, in the order in which pages prefer them; origins without are absent."""
    counts = dict(Session.objects.filter(version__study=study).order_by().values_list("origin").annotate(n=Count("pk")))
    return {origin: counts[origin.value] for origin in ORIGIN_ORDER if origin.value in counts}


def default_origin(study: Study) -> Origin:
    """Return the first origin, in the preferred order, that has an answer; live when there is no answer at all."""
    for origin in ORIGIN_ORDER:
        # Session by session, until one has an answer: the answers of all would take long to read.
        answered = Response.objects.filter(trial__session=OuterRef("pk"), trial__kind=TrialKind.MAIN.value)
        if sessions_of(study=study, origin=origin).filter(Exists(answered)).exists():
            return origin
    return Origin.LIVE


def _is_excluded() -> Exists:
    return Exists(Exclusion.objects.filter(session=OuterRef("pk")))
