"""What an editor does with a session: leave it out of analyses, take that back, end it when it is stuck."""

from django.db import transaction

from studyapp.errors import InvalidAction
from studyapp.models import Exclusion, Session, User
from studyapp.services.audit import record_audit
from studyapp.services.session_end import end_session
from studyapp.vocab import ExclusionReason, Outcome

MAX_REASON = 500
END_AS = (Outcome.TECHNICAL_ERROR, Outcome.TIMED_OUT)


@transaction.atomic
def exclude_by_hand(*, session: Session, detail: str, actor: User) -> Exclusion:
    """Leave the session out of analyses; its answers stay.

    Raises InvalidAction without a reason, for an erased session, and for one that was left out by hand before.
    """
    why = _reason(detail)
    locked = _locked(session)
    if locked.erased_at:
        raise InvalidAction("This participant withdrew, and the answers are deleted: there is nothing to leave out.")
    exclusion, is_new = Exclusion.objects.get_or_create(
        session=locked, reason=ExclusionReason.MANUAL.value, defaults={"detail": why, "actor": actor}
    )
    if not is_new:
        raise InvalidAction("This session is left out by hand already.")
    _note(actor, "exclude_session", session, detail=why)
    return exclusion


@transaction.atomic
def take_back_exclusion(*, session: Session, reason: str, detail: str, actor: User) -> None:
    """Let the session enter analyses again, as far as this exclusion goes. Raises InvalidAction."""
    why = _reason(detail)
    is_known = reason in list(ExclusionReason)
    found = _locked(session).exclusions.filter(reason=reason).first() if is_known else None
    if found is None:
        raise InvalidAction("This exclusion is not there any more.")
    was = found.detail
    found.delete()
    _note(actor, "include_session", session, reason=reason, was=was, detail=why)


@transaction.atomic
def end_stuck_session(*, session: Session, outcome: str, detail: str, actor: User) -> None:
    """End an open session as timed out or as a technical error. Raises InvalidAction for an ended one."""
    why = _reason(detail)
    if outcome not in END_AS:
        raise InvalidAction("Choose how the session ended: timed out or technical error.")
    locked = _locked(session)
    if locked.outcome:
        raise InvalidAction("This session has ended already.")
    end_session(session=locked, outcome=Outcome(outcome))
    _note(actor, "end_session", session, outcome=outcome, detail=why)


def _locked(session: Session) -> Session:
    return Session.objects.select_for_update(of=("self",)).select_related("version").get(pk=session.pk)


def _reason(detail: str) -> str:
    why = detail.replace("\x00", "").strip()
    if not why or len(why) > MAX_REASON:
        raise InvalidAction(f"Say why, in 1 to {MAX_REASON} characters.")
    return why


def _note(actor: User, action: str, session: Session, **detail: str) -> None:
    record_audit(actor=actor, action=action, object_type="session", object_id=str(session.pk), detail=detail)
