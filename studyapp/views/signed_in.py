"""What every view behind login_required needs: the type of its request, and the study that the address names."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from studyapp.errors import NotFound
from studyapp.models import StimulusSet, Study, User
from studyapp.selectors.rights import rights_in
from studyapp.selectors.stimulus_sets import get_set, may_change_set
from studyapp.selectors.study_list import get_study
from studyapp.vocab import Right


class SignedInRequest(HttpRequest):
    """A request whose user has signed in; for annotations, since login_required lets no other through."""

    user: User


REFUSED = {
    Right.SEE_PROGRESS: "You take no part in this study.",
    Right.SEE_RESULTS: "Your role in this study lets you see its progress, not its results. Its owner can change that.",
    Right.EDIT: "Your role in this study does not let you change it. Its owner can make you an editor.",
    Right.MANAGE: "Only the study's owner can do this.",
}


def study_or_404(user: User, slug: str, right: Right) -> Study:
    """Return the study of that name. Raises Http404 for who may not see it, PermissionDenied for who lacks the right.

    `study.rights` are the user's rights in it, for pages that show only what can be done.
    """
    try:
        study = get_study(user, slug)
    except NotFound as error:
        raise Http404(str(error)) from None
    study.rights = rights_in(user, study)
    if right not in study.rights:
        raise PermissionDenied(REFUSED[right])
    return study


def set_or_404(user: User, slug: str, *, to_change: bool = False) -> StimulusSet:
    """Return the set of that name.

    Raises Http404 for who may not see it, PermissionDenied for who may not change it. `set.may_change` says which.
    """
    try:
        found = get_set(user, slug)
    except NotFound as error:
        raise Http404(str(error)) from None
    found.may_change = may_change_set(user, found)
    if to_change and not found.may_change:
        raise PermissionDenied("This set is somebody else's; only its owner can change it. Copy what you need of it.")
    return found
