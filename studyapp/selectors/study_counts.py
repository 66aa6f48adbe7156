"""Count a study's sessions, and what there is on the whole site."""

from dataclasses import dataclass

from django.db.models import Count, Max

from studyapp.models import Machine, Session, Stimulus, Study, User
from studyapp.selectors.stimulus_sets import list_sets
from studyapp.selectors.study_list import visible_studies
from studyapp.vocab import Origin, Outcome, StudyState


@dataclass(frozen=True, kw_only=True)
class SessionCount:
    """Sessions of one origin that stand in one place: ended with an outcome, or open in a step."""

    origin: str
    place: str
    is_open: bool
    n: int


def count_sessions(study: Study) -> list[SessionCount]:
    """Return the study's sessions by origin and place, live ones first, ended before open, the most frequent first."""
    rows = Session.objects.filter(version__study=study).values("origin", "outcome", "step").annotate(n=Count("pk"))
    merged: dict[tuple[str, str, bool], int] = {}
    for row in rows:
        is_open = not row["outcome"]
        place = f"open, at {row['step']}" if is_open else row["outcome"].replace("_", " ")
        key = (row["origin"], place, is_open)
        merged[key] = merged.get(key, 0) + row["n"]
    origins = [origin.value for origin in Origin]
    counts = [SessionCount(origin=o, place=place, is_open=is_open, n=n) for (o, place, is_open), n in merged.items()]
    return sorted(counts, key=lambda each: (origins.index(each.origin), each.is_open, -each.n, each.place))


def last_activity(study: Study) -> object:
    """Return when a participant last did something in the study; None when nobody did."""
    return Session.objects.filter(version__study=study).aggregate(at=Max("last_seen_at"))["at"]


@dataclass(frozen=True, kw_only=True)
class Overview:
    """What a user has so far, step by step of the flow."""

    n_sets: int
    n_stimuli: int
    n_machines: int
    n_selections: int
    n_studies: int
    n_live_studies: int
    n_completed: int
    n_bots: int


def overview(user: User) -> Overview:
    """Count what the user may see."""
    sets = list_sets(user)
    studies = visible_studies(user)
    sessions = Session.objects.filter(version__study__in=studies.values("pk"))
    return Overview(
        n_sets=sets.count(),
        n_stimuli=Stimulus.objects.filter(home_set__in=sets.values("pk")).count(),
        n_machines=Machine.objects.count(),
        n_selections=sets.filter(provenance__kind="selection").count(),
        n_studies=studies.count(),
        n_live_studies=studies.filter(state=StudyState.LIVE.value).count(),
        n_completed=sessions.filter(origin=Origin.LIVE.value, outcome=Outcome.COMPLETED.value).count(),
        n_bots=sessions.filter(origin=Origin.BOT.value).count(),
    )
