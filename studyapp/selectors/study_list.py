"""Read studies, as far as a user may see them: their own, and for staff all."""

from django.db.models import Count, Q, QuerySet

from studyapp.errors import NotFound
from studyapp.models import Study, User
from studyapp.vocab import Origin, Outcome


def list_studies(user: User) -> QuerySet[Study]:
    """Return the user's studies, newest first, each with n_versions, n_live, n_completed and n_bots (sessions)."""
    studies = Study.objects.all() if user.is_staff else Study.objects.filter(owner=user)
    live = Q(versions__sessions__origin=Origin.LIVE.value)
    return studies.select_related("stimulus_set", "owner").annotate(
        n_versions=Count("versions", distinct=True),
        n_live=Count("versions__sessions", filter=live, distinct=True),
        n_completed=Count(
            "versions__sessions",
            filter=live & Q(versions__sessions__outcome=Outcome.COMPLETED.value),
            distinct=True,
        ),
        n_bots=Count("versions__sessions", filter=Q(versions__sessions__origin=Origin.BOT.value), distinct=True),
    )


def get_study(user: User, slug: str) -> Study:
    """Return the study of that name. Raises NotFound, also for somebody else's study."""
    try:
        return list_studies(user).get(slug=slug)
    except Study.DoesNotExist:
        raise NotFound(f"there is no study {slug}") from None
