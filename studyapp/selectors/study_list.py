"""Read studies, as far as a user may see them: their own, and for staff all."""

from django.db.models import Count, Q, QuerySet

from studyapp.errors import NotFound
from studyapp.models import Study, User
from studyapp.vocab import Origin, Outcome


def visible_studies(user: User) -> QuerySet[Study]:
    """Return the studies that the user may see, each with its set and its owner."""
    studies = Study.objects.all() if user.is_staff else Study.objects.filter(owner=user)
    return studies.select_related("stimulus_set", "owner")


def list_studies(user: User) -> QuerySet[Study]:
    """Return the user's studies, newest first, each with n_live, n_completed and n_bots (sessions)."""
    sessions = "versions__sessions"
    live = Q(versions__sessions__origin=Origin.LIVE.value)
    completed = Q(versions__sessions__outcome=Outcome.COMPLETED.value)
    bots = Q(versions__sessions__origin=Origin.BOT.value)
    return visible_studies(user).annotate(
        n_live=Count(sessions, filter=live),
        n_completed=Count(sessions, filter=live & completed),
        n_bots=Count(sessions, filter=bots),
    )


def get_study(user: User, slug: str) -> Study:
    """Return the study of that name. Raises NotFound, also for somebody else's study."""
    try:
        return visible_studies(user).get(slug=slug)
    except Study.DoesNotExist:
        raise NotFound(f"there is no study {slug}") from None
