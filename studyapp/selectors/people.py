"""Who takes part in running a study, and who was asked to."""

import hashlib

from django.db.models import QuerySet
from django.utils import timezone

from studyapp.errors import NotFound
from studyapp.models import Invitation, Study, StudyMember

GONE = "This invitation is used, withdrawn or over. Ask for a new one."


def list_members(study: Study) -> QuerySet[StudyMember]:
    """Return the study's members by name; its owner is none of them."""
    return study.members.select_related("user").order_by("user__username")


def open_invitations(study: Study | None) -> QuerySet[Invitation]:
    """Return the invitations into the study, or those without a study, that can still be taken."""
    return _takeable().filter(study=study).select_related("invited_by")


def find_invitation(token: str) -> Invitation:
    """Return the invitation that the token opens. Raises NotFound, also for one that is used, withdrawn or over."""
    found = _takeable().filter(token_sha256=token_digest(token)).select_related("study", "invited_by").first()
    if found is None:
        raise NotFound(GONE)
    return found


def token_digest(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _takeable() -> QuerySet[Invitation]:
    return Invitation.objects.filter(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())
