"""What every view behind login_required needs: the type of its request, and the study that the address names."""

from django.http import Http404, HttpRequest

from studyapp.errors import NotFound
from studyapp.models import Study, User
from studyapp.selectors.study_list import get_study


class SignedInRequest(HttpRequest):
    """A request whose user has signed in; for annotations, since login_required lets no other through."""

    user: User


def study_or_404(user: User, slug: str) -> Study:
    """Return the study of that name that the user may see. Raises Http404."""
    try:
        return get_study(user, slug)
    except NotFound as error:
        raise Http404(str(error)) from None
