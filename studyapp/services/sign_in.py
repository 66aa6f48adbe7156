"""Record sign-ins that failed."""

from studyapp.models import User
from studyapp.services.audit import record_audit


def record_failed_sign_in(*, username: str, locks: bool) -> None:
    """Record a wrong password; `locks`: it was one too many.

    A name that no account has is not recorded: it may be a password that was typed in the wrong place.
    """
    known = User.objects.filter(username=username).exists()
    record_audit(
        actor=None,
        action="fail_sign_in",
        object_type="user",
        object_id=username if known else "",
        detail={"locked": True} if locks else {},
    )
