"""Read studies, as far as a user may see them: their own, those they are a member of, and for staff all."""

from django.db.models import Exists, F, Func, IntegerField, OuterRef, Q, QuerySet, Subquery

from studyapp.errors import NotFound
from studyapp.models import Session, Study, User
from studyapp.selectors.rights import studies_with
from studyapp.vocab import Origin, Outcome, Right, StudyState

MAX_WORDS = 8  # of a search


def visible_studies(user: User) -> QuerySet[Study]:
    """Return the studies that the user may see, each with its set and its owner."""
    return studies_with(user, Right.SEE_PROGRESS).select_related("stimulus_set", "owner")


def list_studies(user: User) -> QuerySet[Study]:
    """Return the user's studies, newest first, each with n_live, n_completed and n_bots (sessions).

    Each count is a query of its own within the one, so that only the rows of a page are counted.
    `may_open_set`: whether the user sees results, and so may know which of its sounds are fake.
    """
    return visible_studies(user).annotate(
        n_live=_sessions(origin=Origin.LIVE.value),
        n_completed=_sessions(origin=Origin.LIVE.value, outcome=Outcome.COMPLETED.value),
        n_bots=_sessions(origin=Origin.BOT.value),
        may_open_set=Exists(studies_with(user, Right.SEE_RESULTS).filter(pk=OuterRef("pk"))),
    )


def find_studies(studies: QuerySet[Study], *, state: str = "", words: str = "") -> QuerySet[Study]:
    """Return those of a state, and whose title, name or set holds the words, where one is given."""
    if state in list(StudyState):
        studies = studies.filter(state=state)
    for word in words.split()[:MAX_WORDS]:
        holds = Q(title__icontains=word) | Q(slug__icontains=word) | Q(stimulus_set__slug__icontains=word)
        studies = studies.filter(holds)
    return studies


def _sessions(**which: str) -> Subquery:
    counted = Session.objects.filter(version__study=OuterRef("pk"), **which).order_by()
    n = counted.annotate(n=Func(F("pk"), function="COUNT")).values("n")
    return Subquery(n, output_field=IntegerField())


def get_study(user: User, slug: str) -> Study:
    """Return the study of that name. Raises NotFound, also for somebody else's study."""
    try:
        # PostgreSQL refuses to look for a NUL character.
        return visible_studies(user).get(slug=slug.replace("\0", " "))
    except Study.DoesNotExist:
        raise NotFound(f"there is no study {slug}") from None
