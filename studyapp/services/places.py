"""Give a study's places: a session takes one when its participant consents, and none before."""

from studyapp.models import Session, Study
from studyapp.selectors.own_session import begun
from studyapp.selectors.places import is_full
from studyapp.selectors.study_config import frozen_config
from studyapp.services.recruiter_identity import has_taken_part
from studyapp.services.session_end import end_session
from studyapp.services.session_timeout import end_timed_out
from studyapp.vocab import Origin, Outcome


def take_place(session: Session) -> bool:
    """Return whether the locked session, which is being consented to, may go on; else it has ended. In a transaction.

    The study's row is locked, so that the last place, of all or of a group, is given once.
    """
    if session.origin != Origin.LIVE:
        return True
    end_timed_out(Study.objects.select_for_update().get(pk=session.version.study_id))
    return not turn_away(session)


def turn_away(session: Session) -> bool:
    """End the session when the person took part before or does so now, or no place is left; return whether it was.

    With the study's row locked.
    """
    recruitment = frozen_config(session.version).recruitment
    theirs = Session.objects.filter(participant=session.participant_id, origin=session.origin)
    took_part = recruitment.on_return == "refuse" and has_taken_part(session.participant_id)
    if took_part or begun(theirs).exists():
        end_session(session=session, outcome=Outcome.DUPLICATE)
    elif is_full(session.version.study_id, recruitment, group=session.group):
        end_session(session=session, outcome=Outcome.QUOTA_FULL)
    return bool(session.outcome)
