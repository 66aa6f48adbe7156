"""Leave sessions out of analyses by hand."""

from django.db import transaction

from studyapp.errors import InvalidAction
from studyapp.models import Exclusion, Session, User
from studyapp.services.audit import record_audit
from studyapp.vocab import ExclusionReason


@transaction.atomic
def exclude_by_hand(*, session: Session, actor: User, reason: str) -> Exclusion:
    """Exclude the session for a reason in words. Raises InvalidAction when that was done before."""
    exclusion, is_new = Exclusion.objects.get_or_create(
        session=session, reason=ExclusionReason.MANUAL.value, defaults={"detail": reason, "actor": actor}
    )
    if not is_new:
        raise InvalidAction(f"session {session.pk} is excluded by hand already")
    record_audit(
        actor=actor,
        action="add_exclusion",
        object_type="session",
        object_id=str(session.pk),
        detail={"reason": exclusion.reason, "detail": reason},
    )
    return exclusion
